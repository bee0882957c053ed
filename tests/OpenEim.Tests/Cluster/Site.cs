using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Demo;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Cluster;

/// <summary>An eIM and an SM-DP+, each of one or many nodes that are processes of their own, and a fleet of devices that polls them.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string ProfileType = "IoT";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1.5);

    private readonly TempFolder _folder = new();

    public IReadOnlyList<NodeProcess> EimNodes { get; private set; } = [];

    public IReadOnlyList<NodeProcess> SmdpNodes { get; private set; } = [];

    public IEnumerable<NodeProcess> Nodes => EimNodes.Concat(SmdpNodes);

    public DeviceFleet Fleet { get; private set; } = null!;

    public OperatorClient Client { get; private set; } = null!;

    /// <summary>Opens the eIM's database.</summary>
    public Func<DbConnection> OpenEimDatabase { get; private set; } = null!;

    /// <summary>Opens the SM-DP+'s database.</summary>
    public Func<DbConnection> OpenSmdpDatabase { get; private set; } = null!;

    private Uri Api { get; set; } = null!;

    private string Smdp { get; set; } = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>One node of each on SQLite, which devices and operators reach without anything between.</summary>
    public static async Task<Site> StartSqliteAsync(int devices, int stock)
    {
        var site = new Site();
        try
        {
            site.MakePki();
            var ports = Enumerable.Range(0, 5).Select(_ => NodeProcess.FreePort()).ToList();
            var (api, esipa, callback, es9, es2) = ($"http://127.0.0.1:{ports[0]}", $"https://127.0.0.1:{ports[1]}", $"http://127.0.0.1:{ports[2]}", $"127.0.0.1:{ports[3]}", $"http://127.0.0.1:{ports[4]}");
            (site.Api, site.Smdp) = (new Uri(api), es9);
            site.EimNodes = [site.Eim("eim", ["--data", site._folder.File("eim"), "--api-url", api, "--esipa-url", esipa, "--es2plus-url", es2, "--es2-callback-url", callback])];
            site.SmdpNodes = [site.SmdpNode("smdp", ["--data", site._folder.File("smdp"), "--es9plus-url", "https://" + es9, "--es2plus-url", es2, "--progress-url", callback])];
            site.OpenEimDatabase = () => Sqlite(site._folder.File("eim/openeim.db"));
            site.OpenSmdpDatabase = () => Sqlite(site._folder.File("smdp/openeim-smdp.db"));
            await site.StartAsync(devices, stock, ["--data", site._folder.File("smdp")]);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>The cards as they are in their memories, after the fleet has lost its power.</summary>
    public IReadOnlyList<EuiccSnapshot> ReadCards()
    {
        foreach (var device in Fleet.Devices)
        {
            device.PowerOff();
        }

        return [.. Fleet.Devices.Select(device => device.Inspect())];
    }

    public async ValueTask DisposeAsync()
    {
        Fleet?.Dispose();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Client?.Dispose();
        _folder.Dispose();
    }

    private string Pki => _folder.File("pki");

    /// <summary>All parts of one PKI, so that every node of a kind has the same keys.</summary>
    private void MakePki()
    {
        Directory.CreateDirectory(Pki);
        Directory.CreateDirectory(_folder.File("logs"));
        var options = new PkiOptions { Parts = PkiParts.Server | PkiParts.Eum | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls, Now = TimeProvider.System.GetUtcNow() };
        PkiFolder.Open(Pki, null, options).Dispose();
    }

    private NodeProcess Eim(string name, IReadOnlyList<string> arguments) => new(
        new NodeSetup(name, "openeim-server.dll", "REST API", ["--pki", Pki, .. arguments], new Dictionary<string, string> { ["OPENEIM__SmdpAddress"] = Smdp }),
        _folder.File("logs"));

    private NodeProcess SmdpNode(string name, IReadOnlyList<string> arguments) => new(
        new NodeSetup(name, "openeim-smdp.dll", "ES9+", ["--pki", Pki, "--host", Smdp, .. arguments], new Dictionary<string, string>()),
        _folder.File("logs"));

    private async Task StartAsync(int devices, int stock, IReadOnlyList<string> stockArguments)
    {
        var add = new NodeSetup(
            "stock",
            "openeim-smdp.dll",
            "",
            ["profile", "add", "--type", ProfileType, "--count", stock.ToString(CultureInfo.InvariantCulture), "--fallback-allowed", "--iccid-prefix", "8988010", .. stockArguments],
            new Dictionary<string, string>());
        await NodeProcess.RunAsync(add, Ct);
        await Task.WhenAll(Nodes.Select(node => node.StartAsync(Ct)));
        Client = new OperatorClient(Api, (await File.ReadAllTextAsync(_folder.File("eim/application-token"), Ct)).Trim());
        await Client.LoginAsync(Ct);
        await AddFleetAsync(devices);
    }

    private async Task AddFleetAsync(int devices)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var pki = PkiFolder.Open(Pki, null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = now });
        var eim = await Client.GetAsync("/api/v1/eim", Ct);
        Fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = _folder.File("devices"),
                Count = devices,
                Profiles = Profiles,
                Pki = CardPki.From(pki, now),
                EimConfiguration = Convert.FromBase64String(eim["add_initial_eim"]!["base64"]!.GetValue<string>()),
                KeepsJournal = true,
                PollInterval = PollInterval,
                Ipa = new IpaOptions { RetryDelay = TimeSpan.FromMilliseconds(300), FallbackAfterFailedPolls = 2, ImmediateEnable = false },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await Client.PostAsync("/api/v1/euicc", new JsonArray([.. Fleet.Devices.Select(device => (JsonNode)new JsonObject { ["eid"] = device.Eid.ToString() })]), Ct);
        for (var index = 0; index < devices; index++)
        {
            // Every fifth device has a network that loses answers, too.
            var settings = new NetworkSettings(DeadProfiles: [DemoFleet.IccidOf(index, 4).ToString()], DropEvery: index % 5 == 4 ? 11 : 0);
            Fleet.Devices[index].Network.Settings = settings;
        }

        await Task.WhenAll(Fleet.Devices.Select(device => device.PollOnceAsync(Ct)));
    }

    private IReadOnlyList<ManufacturedProfile> Profiles(int device)
    {
        var notify = new NotificationConfiguration(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, Smdp);
        return
        [
            new(DemoFleet.IccidOf(device, 1)) { Name = "Home", State = ProfileState.Enabled, FallbackAllowed = true, NotificationConfigurations = [notify] },
            new(DemoFleet.IccidOf(device, 2)) { Name = "Travel", FallbackAllowed = true },
            new(DemoFleet.IccidOf(device, 3)) { Name = "Backup", FallbackAllowed = true },
            new(DemoFleet.IccidOf(device, 4)) { Name = "Dead" },
        ];
    }

    private static SqliteConnection Sqlite(string path) =>
        new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ConnectionString);
}
