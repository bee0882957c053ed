using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Benchmarks.Parts;

/// <summary>A profile that a device may download.</summary>
internal sealed record ReleasedProfile(Iccid Iccid, string MatchingId);

/// <summary>An SM-DP+ in this process with a PKI and data of its own, which go with it.</summary>
internal sealed class SmdpServer : IAsyncDisposable
{
    private const string ProfileType = "bench";
    private const int Operators = 32;

    private SmdpServer(TestPki pki, SmdpHost host) => (Pki, Host) = (pki, host);

    public TestPki Pki { get; }

    public SmdpHost Host { get; }

    public static async Task<SmdpServer> StartAsync(BenchRun run, IEngine engine)
    {
        var now = TimeProvider.System.GetUtcNow();
        var folder = run.NewFolder();
        var pki = new TestPki(EcCurve.P256, now.AddDays(-1), now.AddYears(1));
        var brought = Directory.CreateDirectory(Path.Combine(folder, "pki")).FullName;
        await File.WriteAllTextAsync(Path.Combine(brought, "ci.pem"), pki.Ci.Certificate.ToPem(), run.Stop).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(brought, "ci.key"), pki.Ci.Key.ToPem(), run.Stop).ConfigureAwait(false);
        var connectionString = await engine.CreateAsync(folder).ConfigureAwait(false);
        var database = Database.Open(connectionString);
        await using (database.ConfigureAwait(false))
        {
            database.Upgrade(typeof(SmdpHost).Assembly);
        }

        var options = new SmdpOptions
        {
            Data = Path.Combine(folder, "data"),
            Database = connectionString,
            Es9PlusUrl = new Uri("http://127.0.0.1:0"),
            Es2PlusUrl = new Uri("http://127.0.0.1:0"),
            Pki = brought,
        };
        return new SmdpServer(pki, await SmdpHost.StartAsync(options, ct: run.Stop).ConfigureAwait(false));
    }

    /// <summary>Puts profiles of the built-in template in stock, and orders and releases them over ES2+.</summary>
    public async Task<IReadOnlyCollection<ReleasedProfile>> ReleaseAsync(int count, CancellationToken ct)
    {
        await Host.Profiles.AddTypeAsync(new ProfileTypeDefinition(ProfileType), ct).ConfigureAwait(false);
        var iccids = await Host.Profiles.GenerateAsync(ProfileType, count, ct).ConfigureAwait(false);
        var released = await Task.WhenAll(iccids.Chunk((count + Operators - 1) / Operators).Select(OrderAsync)).ConfigureAwait(false);
        return [.. released.SelectMany(profiles => profiles)];
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync().ConfigureAwait(false);
        Pki.Dispose();
    }

    private async Task<List<ReleasedProfile>> OrderAsync(IReadOnlyCollection<string> iccids)
    {
        var json = Es2PlusJsonContext.Default;
        using var connection = await RspConnection.OpenAsync(Host.Es2PlusUrl).ConfigureAwait(false);
        var released = new List<ReleasedProfile>(iccids.Count);
        foreach (var iccid in iccids.Select(Iccid.Parse))
        {
            var order = DownloadOrderRequestJson.From(new DownloadOrderRequest(new FunctionRequestHeader("bench", $"order {iccid}"), null, iccid, null));
            await connection.CallAsync(
                Es2PlusPaths.DownloadOrder, RspJson.Write(order, json.DownloadOrderRequestJson), json.DownloadOrderResponseJson).ConfigureAwait(false);
            var confirm = ConfirmOrderRequestJson.From(new ConfirmOrderRequest(new FunctionRequestHeader("bench", $"confirm {iccid}"), iccid, ReleaseFlag: true));
            var confirmed = await connection.CallAsync(
                Es2PlusPaths.ConfirmOrder, RspJson.Write(confirm, json.ConfirmOrderRequestJson), json.ConfirmOrderResponseJson).ConfigureAwait(false);
            released.Add(new ReleasedProfile(iccid, confirmed.ToOk().MatchingId));
        }

        return released;
    }
}
