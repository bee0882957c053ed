using OpenEim.Benchmarks.Reports;
using OpenEim.Manager;
using OpenEim.Server;
using OpenEim.Storage;

namespace OpenEim.Benchmarks.Engines;

/// <summary>A data folder and a database with its schema for an eIM of this run.</summary>
internal sealed record EimSetup(IEngine Engine, string Folder, string ConnectionString)
{
    public static async Task<EimSetup> CreateAsync(BenchRun run, IEngine engine)
    {
        var folder = run.NewFolder();
        var setup = new EimSetup(engine, folder, await engine.CreateAsync(folder).ConfigureAwait(false));
        var database = Database.Open(setup.ConnectionString);
        await using var closing = database.ConfigureAwait(false);
        database.Upgrade(typeof(Eim).Assembly);
        return setup;
    }

    /// <summary>Starts an eIM in this process on it, with both listeners on free ports of the loopback.</summary>
    public Task<EimHost> StartAsync(string esipaScheme, CancellationToken ct) => EimHost.StartAsync(
        new ServerOptions
        {
            Data = Folder,
            Database = ConnectionString,
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = new Uri($"{esipaScheme}://127.0.0.1:0"),

            // All devices share one address here, and each polls as fast as it can.
            EsipaDeviceRate = 0,
            EsipaAddressRate = 0,
        },
        null,
        null,
        ct);
}
