using System.Data.Common;
using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpenEim.Demo;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Manager;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Cluster;

/// <summary>An eIM and an SM-DP+, each of one or many nodes that are processes of their own, and a fleet of devices that polls them.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string ProfileType = "IoT";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1.5);

    private readonly TempFolder _folder = new();
    private readonly SiteSetup _setup;
    private readonly Topology _topology;
    private Balancer? _balancer;

    private Site(SiteSetup setup)
    {
        (_setup, _topology) = (setup, new Topology(setup));
        Directory.CreateDirectory(Logs);
        EimNodes = [.. Enumerable.Range(0, setup.EimNodes).Select(Eim)];
        SmdpNodes = [.. Enumerable.Range(0, setup.SmdpNodes).Select(Smdp)];
    }

    public IReadOnlyList<NodeProcess> EimNodes { get; }

    public IReadOnlyList<NodeProcess> SmdpNodes { get; }

    public IEnumerable<NodeProcess> Nodes => EimNodes.Concat(SmdpNodes);

    public DeviceFleet Fleet { get; private set; } = null!;

    public OperatorClient Client { get; private set; } = null!;

    /// <summary>A client that speaks REST to one node, past the balancer, logged in.</summary>
    public async Task<HttpClient> ApiClientAsync(int node, CancellationToken ct)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_topology.Apis[node]}") };
        var token = await ReadTokenAsync(ct);
        using var response = await client.PostAsJsonAsync("/api/v1/authenticate", new { application_token = token }, ct);
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(ct);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body!["auth_token"]!.GetValue<string>());
        return client;
    }

    /// <summary>A client that speaks ESipa to one node, past the balancer; it trusts the eIM's own certificate and no other.</summary>
    public HttpClient EsipaClient(int node)
    {
        var pinned = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Pki, "eimtls.pem"));
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(pinned.RawData);
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_topology.Esipas[node]}") };
    }

    /// <summary>Opens the eIM's database.</summary>
    public DbConnection OpenEimDatabase() => Open(_setup.EimDatabase, "eim1/openeim.db");

    /// <summary>Opens the SM-DP+'s database.</summary>
    public DbConnection OpenSmdpDatabase() => Open(_setup.SmdpDatabase, "smdp1/openeim-smdp.db");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Site> StartAsync(SiteSetup setup)
    {
        var site = new Site(setup);
        try
        {
            site.MakePki();
            await site.StartAsync();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the nodes have printed about something, in the order of time.</summary>
    public IEnumerable<string> LogAbout(string text) =>
        Directory.GetFiles(Logs).SelectMany(File.ReadLines).Where(line => line.Contains(text, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

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

        if (_balancer is not null)
        {
            await _balancer.DisposeAsync();
        }

        Client?.Dispose();
        _folder.Dispose();
    }

    private string Pki => _folder.File("pki");

    private string Logs => _folder.File("logs");

    /// <summary>All parts of one PKI, so that every node of a kind has the same keys.</summary>
    private void MakePki()
    {
        Directory.CreateDirectory(Pki);
        var options = new PkiOptions { Parts = PkiParts.Server | PkiParts.Eum | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls, Now = TimeProvider.System.GetUtcNow() };
        PkiFolder.Open(Pki, null, options).Dispose();
    }

    private NodeProcess Eim(int node) => new(
        new NodeSetup(
            $"eim{node + 1}",
            "openeim-server.dll",
            "REST API",
            ["--data", _folder.File($"eim{node + 1}"), "--pki", Pki, .. _topology.EimArguments(node)],
            new Dictionary<string, string>(Stored("OPENEIM", _setup.EimDatabase))
            {
                ["OPENEIM__SmdpAddress"] = _topology.SmdpAddress,
                ["OPENEIM__TrustedProxies"] = "127.0.0.0/8",
                ["OPENEIM__PackageHold"] = "00:00:02",
                ["OPENEIM__PackageHoldLimit"] = "00:00:30",
                ["OPENEIM__DownloadErrorRounds"] = "1",
            }),
        Logs);

    private NodeProcess Smdp(int node) => new(
        new NodeSetup(
            $"smdp{node + 1}",
            "openeim-smdp.dll",
            "ES9+",
            ["--data", _folder.File($"smdp{node + 1}"), "--pki", Pki, .. _topology.SmdpArguments(node)],
            Stored("OPENEIMSMDP", _setup.SmdpDatabase)),
        Logs);

    /// <summary>The settings of nodes that share a database and the key of its secrets.</summary>
    private Dictionary<string, string> Stored(string section, string? database) => database is null
        ? []
        : new() { [$"{section}__Database"] = database, [$"{section}__MasterKey"] = _folder.File(section + ".key") };

    private async Task StartAsync()
    {
        await PrepareAsync();
        await Task.WhenAll(Nodes.Select(node => node.StartAsync(Ct)));
        if (_setup.Balanced)
        {
            var services = _topology.Services(Pem("eimtls"), Pem("dptls"));
            _balancer = await Balancer.StartAsync(_folder.Path, Path.Combine(Pki, "ci.pem"), services);
        }

        Client = new OperatorClient(new Uri($"http://127.0.0.1:{_topology.Api}"), await ReadTokenAsync(Ct));
        await Client.LoginAsync(Ct);
        await AddFleetAsync(_setup.Devices);
    }

    /// <summary>Brings the schemas into the databases, and profiles into the stock.</summary>
    private async Task PrepareAsync()
    {
        await UpgradeAsync(_setup.EimDatabase, typeof(Eim).Assembly);
        await UpgradeAsync(_setup.SmdpDatabase, typeof(SmdpHost).Assembly);
        string[] profiles = ["--type", ProfileType, "--count", _setup.Stock.ToString(CultureInfo.InvariantCulture), "--fallback-allowed", "--iccid-prefix", "8988010"];
        await NodeProcess.RunAsync(
            new NodeSetup("stock", "openeim-smdp.dll", "", ["profile", "add", "--data", _folder.File("smdp1"), .. profiles], Stored("OPENEIMSMDP", _setup.SmdpDatabase)), Ct);

        // The first node makes the keys, the first organisation and its token.
        await EimNodes[0].StartAsync(Ct);
    }

    private async Task<string> ReadTokenAsync(CancellationToken ct) => (await File.ReadAllTextAsync(_folder.File("eim1/application-token"), ct)).Trim();

    private static async Task UpgradeAsync(string? connectionString, Assembly schema)
    {
        if (connectionString is not null)
        {
            await using var database = Database.Open(connectionString);
            database.Upgrade(schema);
        }
    }

    /// <summary>A certificate and its key in one file, as HAProxy wants them.</summary>
    private string Pem(string name)
    {
        var file = _folder.File(name + ".pem");
        File.WriteAllText(file, File.ReadAllText(Path.Combine(Pki, name + ".pem")) + File.ReadAllText(Path.Combine(Pki, name + ".key")));
        return file;
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
                Ipa = new IpaOptions
                {
                    RetryDelay = TimeSpan.FromMilliseconds(300),
                    FallbackAfterFailedPolls = 2,
                    ImmediateEnable = false,
                    EimAddress = _setup.EsipaDetour,
                    AllowPlainHttpOnLoopback = true,
                },
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

        if (_setup.EsipaDetour is null)
        {
            await Task.WhenAll(Fleet.Devices.Select(device => device.PollOnceAsync(Ct)));
        }
    }

    private IReadOnlyList<ManufacturedProfile> Profiles(int device)
    {
        var notify = new NotificationConfiguration(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, _topology.SmdpAddress);
        return
        [
            new(DemoFleet.IccidOf(device, 1)) { Name = "Home", State = ProfileState.Enabled, FallbackAllowed = true, NotificationConfigurations = [notify] },
            new(DemoFleet.IccidOf(device, 2)) { Name = "Travel", FallbackAllowed = true },
            new(DemoFleet.IccidOf(device, 3)) { Name = "Backup", FallbackAllowed = true },
            new(DemoFleet.IccidOf(device, 4)) { Name = "Dead" },
        ];
    }

    private DbConnection Open(string? database, string file) => database is null
        ? new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _folder.File(file), Pooling = false, DefaultTimeout = 30 }.ConnectionString)
        : new NpgsqlConnection(database + ";Pooling=false");
}
