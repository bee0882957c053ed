using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Demo;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Manager;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server;
using OpenEim.Smdp;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>A real eIM, a real SM-DP+ with profiles in stock and virtual devices, on free ports of the loopback; the test says when devices poll.</summary>
internal sealed class DownloadInstallation : IAsyncDisposable
{
    public const string ProfileType = "IoT";

    private const int StockSize = 12;

    // What the eIM and the SM-DP+ do on their own is asked for so often, at each of so many moments two seconds apart.
    private const int ChecksPerMoment = 20;
    private const int Moments = 60;

    private readonly TempFolder _folder = new();
    private readonly DownloadSetup _setup;
    private readonly List<TestDatabase> _databases = [];
    private readonly List<SmdpHost> _others = [];
    private readonly List<VirtualDevice> _devices = [];
    private readonly Es2PlusOperator _operator;
    private PkiDirectory _pki = null!;
    private DeviceFleet? _fleet;
    private string? _eimDatabase;
    private string? _smdpDatabase;

    private DownloadInstallation(DownloadSetup setup) => (_setup, _operator) = (setup, new Es2PlusOperator(Client));

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    public EimHost Eim { get; private set; } = null!;

    public SmdpHost Smdp { get; private set; } = null!;

    public SmdpProxy? Proxy { get; private set; }

    /// <summary>All devices; the n-th has the id n + 1 in the REST API.</summary>
    public IReadOnlyList<VirtualDevice> Devices => _devices;

    public VirtualDevice Device => _devices[0];

    public HttpClient Client { get; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private bool IsPlain => _setup.ThroughProxy;

    public static Task<DownloadInstallation> StartAsync(bool indirect) => StartAsync(new DownloadSetup(indirect));

    public static async Task<DownloadInstallation> StartAsync(DownloadSetup setup)
    {
        var lab = new DownloadInstallation(setup);
        lab._pki = PkiFolder.Open(
            Directory.CreateDirectory(lab._folder.File("pki")).FullName, null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = lab.Clock.GetUtcNow() });
        lab.Proxy = setup.ThroughProxy ? await SmdpProxy.StartAsync() : null;
        lab._eimDatabase = await lab.NewDatabaseAsync(typeof(Eim).Assembly);
        lab._smdpDatabase = await lab.NewDatabaseAsync(typeof(SmdpHost).Assembly);
        await lab.StartSmdpAsync();
        await AddStockAsync(lab.Smdp, "8988010");
        await lab.StartEimAsync();
        lab.Smdp.ReportTo(lab.Eim.Es2CallbackUrl!);
        lab._fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Count = setup.Devices,
                Sgp32 = setup.Sgp32,
                Profiles = Profiles,
                Pki = CardPki.From(lab._pki, lab.Clock.GetUtcNow()),
                EimConfiguration = lab.Eim.Identity.AddInitialEim(),
                MemorySize = setup.MemorySize,
                Ipa = lab.Ipa,
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        foreach (var device in lab._fleet.Devices)
        {
            await lab.AddAsync(device);
        }

        return lab;
    }

    /// <summary>The n-th profile, from 1, that a device left the factory with; the first is enabled.</summary>
    public static Iccid Factory(int profile, int device = 0) => DemoFleet.IccidOf(device, profile);

    /// <summary>Adds a device whose IPA has a memory of the test's own.</summary>
    public async Task<VirtualDevice> AddDeviceAsync(IIpaStateStore ipaState)
    {
        var eid = Eid.Parse("89049032000000000000000000000777");
        var pki = CardPki.From(_pki, Clock.GetUtcNow());
        var (key, certificate) = pki.Make(eid);
        var memory = new VolatileEuiccMemory();
        VirtualEuicc.Manufacture(
            new EuiccManufacture
            {
                Eid = eid,
                PrivateKey = key,
                EuiccCertificate = certificate.Encoded,
                EumCertificate = pki.Eum.Encoded,
                CiKeyIds = [.. pki.Roots.Select(root => (ReadOnlyMemory<byte>)root.PublicKey.KeyIdentifier())],
                CiCertificates = [.. pki.Roots.Select(root => root.Encoded)],
                Profiles = Profiles(_devices.Count),
                Eims = BerMessage.Decode<AddInitialEimRequest>(Eim.Identity.AddInitialEim()).Eims,
            },
            memory).Dispose();
        var device = new VirtualDevice(
            memory,
            ipaState,
            new SimulatedNetwork(new NetworkSettings(), NullLogger.Instance),
            null,
            Ipa with { SmdpRoots = pki.Roots },
            TimeProvider.System,
            NullLogger.Instance);
        await AddAsync(device);
        return device;
    }

    /// <summary>Orders a profile for an eUICC through the eIM.</summary>
    public async Task<(Iccid Iccid, string ActivationCode)> OrderThroughEimAsync(int euicc = 1)
    {
        var ordered = await PostAsync("/api/v1/profile", new JsonObject { ["profile_type"] = ProfileType, ["euicc"] = new JsonObject { ["id"] = euicc } });
        return (Iccid.Parse(ordered["iccid_with_luhn"]!.GetValue<string>()), ordered["activation_code"]!.GetValue<string>());
    }

    /// <summary>Orders a profile at the SM-DP+ itself, of which the eIM hears nothing.</summary>
    public Task<OrderedProfile> OrderAsync(Iccid? iccid = null, Eid? eid = null, string? confirmationCode = null, SmdpHost? smdp = null) =>
        _operator.OrderAsync((smdp ?? Smdp).Es2PlusUrl, ProfileType, iccid, eid, confirmationCode);

    public Task<string> DownloadAsync(string activationCode, bool enable = false, bool rollback = false, int euicc = 1, int validity = 3600) => ScheduleAsync(
        new JsonObject
        {
            ["action"] = Id(2),
            ["activation_code"] = activationCode,
            ["enable"] = enable,
            ["rollback"] = rollback,
            ["validity_period"] = validity,
        },
        euicc);

    public Task<string> DeleteAsync(Iccid iccid, int euicc = 1) =>
        ScheduleAsync(new JsonObject { ["action"] = Id(5), ["iccid_with_luhn"] = iccid.ToString() }, euicc);

    public async Task<string> ScheduleAsync(JsonObject operation, int euicc = 1)
    {
        var created = await PostAsync(Path($"/api/v1/euicc/{euicc}/operation"), new JsonArray(operation));
        return created[0]!["id"]!.GetValue<string>();
    }

    /// <summary>How an operation stands: its status, and behind it the reason, and the SM-DP+'s subject and reason codes where it gave them.</summary>
    public async Task<string> StatusAsync(string operation, int euicc = 1)
    {
        var read = await GetAsync(Path($"/api/v1/euicc/{euicc}/operation/{operation}"));
        var error = read["error"];
        var codes = error?["subject_code"] is { } subject ? $" {subject}/{error["reason_code"]}" : "";
        return read["status"]!["description"]!.GetValue<string>() + (error is null ? "" : $" {error["reason"]}{codes}");
    }

    /// <summary>Why an operation failed, in words.</summary>
    public async Task<string> MessageAsync(string operation, int euicc = 1) =>
        (await GetAsync(Path($"/api/v1/euicc/{euicc}/operation/{operation}")))["error"]!["message"]!.GetValue<string>();

    /// <summary>What the eUICC's profile list says of a profile; null when it is not there.</summary>
    public async Task<string?> ListedAsync(Iccid iccid, int euicc = 1) => (await GetAsync(Path($"/api/v1/euicc/{euicc}")))["profile"]!.AsArray()
        .SingleOrDefault(profile => profile!["iccid_with_luhn"]!.GetValue<string>() == iccid.ToString())?["status"]!["description"]!.GetValue<string>();

    public async Task<StockState> StockAsync(Iccid iccid) => (await Smdp.Profiles.FindAsync(iccid.ToString(), Ct))!.State;

    public Task PollAsync(int device = 0) => _devices[device].PollOnceAsync(Ct);

    /// <summary>Turns the clock until the SM-DP+ has a profile in a state.</summary>
    public async Task UntilStockAsync(Iccid iccid, StockState state)
    {
        for (var i = 0; i < Moments * ChecksPerMoment && await StockAsync(iccid) != state; i++)
        {
            // Asking the eIM over the network gives it the time to do its work.
            await ListedAsync(iccid);
            if (i % ChecksPerMoment == 0)
            {
                Clock.Advance(TimeSpan.FromSeconds(2));
            }
        }

        Assert.Equal(state, await StockAsync(iccid));
    }

    /// <summary>Turns the clock until the eUICC's profile list says so.</summary>
    public async Task UntilListedAsync(Iccid iccid, string status)
    {
        for (var i = 0; i < Moments * ChecksPerMoment && await ListedAsync(iccid) != status; i++)
        {
            if (i % ChecksPerMoment == 0)
            {
                Clock.Advance(TimeSpan.FromSeconds(2));
            }
        }

        Assert.Equal(status, await ListedAsync(iccid));
    }

    /// <summary>Everybody agrees about one profile; and over all cards and the whole stock none is lost and none is there twice.</summary>
    /// <param name="iccid">The profile.</param>
    /// <param name="listed">What the eUICC's profile list says; null for nothing.</param>
    /// <param name="onCard">Its state on the card; null when it is not there.</param>
    /// <param name="stock">Its state at the SM-DP+, which may need the clock to be turned.</param>
    /// <param name="device">Whose it is, counted from 0.</param>
    public async Task AgreeAsync(Iccid iccid, string? listed, ProfileState? onCard, StockState stock, int device = 0)
    {
        await UntilStockAsync(iccid, stock);
        Assert.Equal(listed, await ListedAsync(iccid, device + 1));
        var card = _devices[device].Inspect();
        Assert.Equal(onCard, card.Profiles.SingleOrDefault(profile => profile.Iccid == iccid)?.State);
        Assert.Equal(onCard is not null, _devices[device].ReadProfilePackage(iccid) is not null);
        Assert.Single(card.Profiles, profile => profile.State == ProfileState.Enabled);
        await NothingIsLostOrTwiceAsync();
    }

    /// <summary>Over all cards and the whole stock no profile is lost and none is there twice.</summary>
    public async Task NothingIsLostOrTwiceAsync()
    {
        var cards = _devices.Select(device => (Eid: device.Eid.ToString(), Card: device.Inspect())).ToList();
        foreach (var stocked in await Smdp.Profiles.ListAsync(ct: Ct))
        {
            var holders = cards.Where(card => _devices.Any(device => device.Eid == card.Card.Eid && device.ReadProfilePackage(Iccid.Parse(stocked.Iccid)) is not null))
                .Select(card => card.Eid).ToList();
            var where = $"{stocked.Iccid} is {stocked.State} for {stocked.Eid} and on [{string.Join(", ", holders)}]";
            switch (stocked.State)
            {
                case StockState.Installed:
                    Assert.True(holders is [var holder] && holder == stocked.Eid, where);
                    break;
                case StockState.Downloaded:
                    Assert.True(holders.Count == 0 || (holders is [var only] && only == stocked.Eid), where);
                    break;
                default:
                    Assert.True(holders.Count == 0, where);
                    break;
            }
        }

        for (var device = 0; device < _devices.Count; device++)
        {
            var onCard = cards[device].Card.Profiles.Select(profile => profile.Iccid).ToList();
            Assert.Equal(onCard.Distinct(), onCard);
            Assert.All(Profiles(device), factory => Assert.Contains(factory.Iccid, onCard));
        }
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode body)
    {
        using var response = await Client.PostAsJsonAsync(new Uri(Eim.ApiUrl, path), body, Ct);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
    }

    public async Task<JsonNode> GetAsync(string path) => (await Client.GetFromJsonAsync<JsonNode>(new Uri(Eim.ApiUrl, path), Ct))!;

    /// <summary>Stops the eIM and starts it again over the same data, on the same ports for devices and the SM-DP+.</summary>
    public async Task RestartEimAsync()
    {
        var (esipa, callback) = (Eim.EsipaUrl, Eim.Es2CallbackUrl);
        await Eim.DisposeAsync();
        await StartEimAsync(esipa, callback);
    }

    /// <summary>Starts the SM-DP+ again over the same data, on the same ports, after it was disposed.</summary>
    public async Task StartSmdpAgainAsync()
    {
        await StartSmdpAsync(Smdp.Es9PlusUrl, Smdp.Es2PlusUrl);
        Smdp.ReportTo(Eim.Es2CallbackUrl!);
    }

    public async Task RestartSmdpAsync()
    {
        await Smdp.DisposeAsync();
        await StartSmdpAgainAsync();
    }

    /// <summary>Starts another SM-DP+ of the same CI, with a stock of its own.</summary>
    public async Task<SmdpHost> StartOtherSmdpAsync()
    {
        var host = await SmdpHost.StartAsync(
            new SmdpOptions
            {
                Data = _folder.File("other"),
                Pki = _folder.File("pki"),
                Es9PlusUrl = new Uri("https://127.0.0.1:0"),
                Es2PlusUrl = new Uri("http://127.0.0.1:0"),
            },
            Clock,
            null,
            Ct);
        _others.Add(host);
        await AddStockAsync(host, "8988020");
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
        {
            device.Dispose();
        }

        _fleet?.Dispose();
        if (Eim is not null)
        {
            await Eim.DisposeAsync();
        }

        foreach (var host in _others.Append(Smdp))
        {
            await host.DisposeAsync();
        }

        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        Client.Dispose();
        _pki.Dispose();
        _folder.Dispose();
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }
    }

    private async Task<string?> NewDatabaseAsync(Assembly schema)
    {
        if (_setup.Engine == DbEngine.Sqlite)
        {
            return null;
        }

        _databases.Add(await TestDatabase.CreateAsync(_setup.Engine, schema));
        return _databases[^1].ConnectionString;
    }

    private IpaOptions Ipa => new()
    {
        Esipa = _setup.Binding,
        RetryDelay = TimeSpan.Zero,
        FallbackAfterFailedPolls = 0,
        AllowPlainHttpOnLoopback = true,
        PlainHttpToLoopbackSmdp = IsPlain,
        ImmediateEnable = false,
        ConfirmationCode = _setup.ConfirmationCode,
    };

    private async Task AddAsync(VirtualDevice device)
    {
        _devices.Add(device);
        await PostAsync("/api/v1/euicc", new JsonArray(new JsonObject { ["eid"] = device.Eid.ToString() }));
        Assert.Equal(PollOutcome.Idle, (await device.PollOnceAsync(Ct)).Outcome);
    }

    private string Es2Scheme => _setup.MutualTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;

    private async Task StartSmdpAsync(Uri? es9Plus = null, Uri? es2Plus = null)
    {
        var pki = _folder.File("pki");
        if (_setup.SmdpPki is { } bring)
        {
            pki = Directory.CreateDirectory(_folder.File("smdp-pki")).FullName;
            bring(pki, _pki.Roots[0]);
        }

        Smdp = await SmdpHost.StartAsync(
            _setup.Smdp(new SmdpOptions
            {
                Data = _folder.File("smdp"),
                Database = _smdpDatabase,
                Pki = pki,
                Es9PlusUrl = es9Plus ?? new Uri(IsPlain ? "http://127.0.0.1:0" : "https://127.0.0.1:0"),
                Es2PlusUrl = es2Plus ?? new Uri($"{Es2Scheme}://127.0.0.1:0"),
                Es2PlusTrust = _setup.MutualTls ? [System.IO.Path.Combine(pki, "ci.pem")] : [],
                Hosts = Proxy is null ? [] : [Proxy.Address],
                OrderLifetime = _setup.OrderLifetime,
            }),
            Clock,
            _setup.Logging,
            Ct);
        if (Proxy is not null)
        {
            Proxy.Server = Smdp.Es9PlusUrl;
        }
    }

    private async Task StartEimAsync(Uri? esipa = null, Uri? callback = null)
    {
        Eim = await EimHost.StartAsync(
            _setup.Eim(new ServerOptions
            {
                Data = _folder.Path,
                Database = _eimDatabase,
                ApiUrl = new Uri("http://127.0.0.1:0"),
                EsipaUrl = esipa ?? new Uri("https://127.0.0.1:0"),
                IndirectDownload = _setup.Indirect,
                // The clock stands still, so a second round would never begin, and a device's time to answer would never end.
                DownloadErrorRounds = 1,
                ResultPatience = TimeSpan.Zero,
                Es2PlusUrl = Smdp.Es2PlusUrl,
                SmdpAddress = Smdp.Address,
                SmdpPrivateNetworks = ["127.0.0.0/8"],
                SmdpPlainHttp = IsPlain,
                Es2CallbackUrl = callback ?? new Uri($"{Es2Scheme}://127.0.0.1:0"),
            }),
            Clock,
            _setup.Logging,
            Ct);
        var token = (await File.ReadAllTextAsync(Eim.ApplicationTokenPath, Ct)).Trim();
        Client.DefaultRequestHeaders.Authorization = null;
        var login = await PostAsync("/api/v1/authenticate", new JsonObject { ["application_token"] = token });
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", login["auth_token"]!.GetValue<string>());
    }

    private static async Task AddStockAsync(SmdpHost host, string iccidPrefix)
    {
        var type = new ProfileTypeDefinition(ProfileType) { ServiceProviderName = "Mobile", ProfileName = "Downloaded", FallbackAllowed = true, IccidPrefix = iccidPrefix };
        Assert.True(await host.Profiles.AddTypeAsync(type, Ct));
        await host.Profiles.GenerateAsync(ProfileType, StockSize, Ct);
    }

    private static JsonObject Id(int id) => new() { ["id"] = id };

    private static string Path(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<ManufacturedProfile> Profiles(int device) =>
    [
        new(DemoFleet.IccidOf(device, 1)) { Name = "Home", State = ProfileState.Enabled },
        new(DemoFleet.IccidOf(device, 2)) { Name = "Travel" },
    ];
}
