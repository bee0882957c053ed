using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Device.Fleet;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Security;
using OpenEim.Server;
using OpenEim.Smdp;

namespace OpenEim.Demo;

/// <summary>Starts everything, says how to use it, and ends it with Ctrl-C.</summary>
internal static class DemoRun
{
    private static readonly TimeSpan FirstContactPatience = TimeSpan.FromSeconds(20);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static async Task RunAsync(DemoOptions options, CancellationToken ct)
    {
        Action<ILoggingBuilder> logging = builder =>
        {
            builder.AddSimpleConsole(console => console.SingleLine = true);
            builder.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
            builder.SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Error);
        };
        using var loggers = LoggerFactory.Create(logging);
        using var pki = OpenPki(options);
        await using var smdp = await DemoSmdp.StartAsync(options, CiFolder(options), logging, ct).ConfigureAwait(false);
        await using var host = await EimHost.StartAsync(
            new ServerOptions
            {
                Data = options.Data,
                ApiUrl = options.ApiUrl,
                EsipaUrl = options.EsipaUrl,
                Pki = options.Pki,
                IndirectDownload = !options.DirectDownload,
                Es2PlusUrl = smdp.Es2PlusUrl,
                SmdpAddress = smdp.Address,
                SmdpPrivateNetworks = ["127.0.0.0/8", "::1/128"],
                SmdpPlainHttp = options.SmdpUrl.Scheme == Uri.UriSchemeHttp,
                Es2CallbackUrl = new Uri("http://127.0.0.1:0"),
            },
            null,
            logging,
            ct).ConfigureAwait(false);
        smdp.ReportTo(host.Es2CallbackUrl!);
        using var fleet = DemoFleet.Create(options, host, pki, loggers);
        using var client = new DemoClient(host.ApiUrl);
        var token = (await File.ReadAllTextAsync(host.ApplicationTokenPath, ct).ConfigureAwait(false)).Trim();
        await client.LoginAsync(token, ct).ConfigureAwait(false);
        await RegisterAsync(client, fleet, ct).ConfigureAwait(false);
        var running = fleet.RunAsync(ct);
        var ids = await FirstContactAsync(client, fleet, ct).ConfigureAwait(false);
        WriteDemoJson(options, host, smdp, token, fleet, ids);
        DemoText.Print(options, host, smdp, token, fleet, ids);
        await running.ConfigureAwait(false);
    }

    /// <summary>Everything in the demo trusts one CI: the operator's own where he brought one.</summary>
    private static string CiFolder(DemoOptions options) => options.Pki is { } brought && File.Exists(Path.Combine(brought, "ci.pem"))
        ? brought
        : DataFolder.Open(options.Data).PkiPath;

    private static PkiDirectory OpenPki(DemoOptions options) => PkiFolder.Open(
        DataFolder.Open(options.Data).PkiPath,
        options.Pki,
        new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = TimeProvider.System.GetUtcNow() });

    private static async Task RegisterAsync(DemoClient client, DeviceFleet fleet, CancellationToken ct)
    {
        var known = await client.ListAsync(ct).ConfigureAwait(false);
        var missing = fleet.Devices.Select(device => (Eid: device.Eid.ToString(), Type: 5))
            .Append((DemoFleet.NotIot.ToString(), 1))
            .Where(euicc => !known.ContainsKey(euicc.Item1))
            .ToList();
        if (missing.Count > 0)
        {
            await client.RegisterAsync(missing, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the eIM has read every device that is on, so that the first list shows profiles.</summary>
    private static async Task<Dictionary<string, long>> FirstContactAsync(DemoClient client, DeviceFleet fleet, CancellationToken ct)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var euiccs = await client.ListAsync(ct).ConfigureAwait(false);
            if (fleet.Devices.All(device => !device.IsOn || euiccs[device.Eid.ToString()]["last_synced"] is not null)
                || TimeProvider.System.GetElapsedTime(deadline) > FirstContactPatience)
            {
                return euiccs.ToDictionary(euicc => euicc.Key, euicc => euicc.Value["id"]!.GetValue<long>());
            }

            await Task.Delay(200, ct).ConfigureAwait(false);
        }
    }

    private static void WriteDemoJson(
        DemoOptions options, EimHost host, SmdpHost smdp, string token, DeviceFleet fleet, Dictionary<string, long> ids)
    {
        var json = new JsonObject
        {
            ["api"] = host.ApiUrl.ToString().TrimEnd('/'),
            ["esipa"] = host.EsipaUrl.ToString().TrimEnd('/'),
            ["smdp"] = smdp.Es9PlusUrl.ToString().TrimEnd('/'),
            ["console"] = null,
            ["application_token"] = token,
            ["ci_certificate"] = Path.GetFullPath(Path.Combine(CiFolder(options), "ci.pem")),
            ["devices"] = new JsonArray([.. fleet.Devices.Select(device => (JsonNode)new JsonObject
            {
                ["euicc_id"] = ids[device.Eid.ToString()],
                ["eid"] = device.Eid.ToString(),
            })]),
        };
        var path = Path.Combine(options.Data, "demo.json");
        DataFolder.WritePrivate(path, json.ToJsonString(Indented)); // it holds the application token
    }
}
