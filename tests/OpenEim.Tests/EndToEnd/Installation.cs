using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Demo;
using OpenEim.Device;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Manager;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>A real eIM on free ports of the loopback with a fleet of virtual devices; the test says when they poll.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string? _broughtPki;
    private Func<ServerOptions, ServerOptions> _configure = options => options;
    private Action<ILoggingBuilder>? _logging;
    private TestDatabase? _data;

    private Installation(bool bringsPki) => _broughtPki = bringsPki ? _folder.File("brought") : null;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    public EimHost Host { get; private set; } = null!;

    public DeviceFleet Fleet { get; private set; } = null!;

    public HttpClient Client { get; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts the eIM and makes the devices' first contact.</summary>
    /// <param name="devices">How many.</param>
    /// <param name="curve">The curve of a PKI that the operator brings; null for the one that the eIM generates, on P-256.</param>
    /// <param name="configure">What else is set.</param>
    /// <param name="logging">Where the eIM logs.</param>
    /// <param name="sgp32">The version of SGP.32 that cards and IPAs speak.</param>
    /// <param name="engine">What its data are in; by default, as for everybody, a file in its folder.</param>
    /// <param name="binding">The binding of ESipa that IPAs speak.</param>
    public static async Task<Installation> StartAsync(
        int devices = 1, EcCurve? curve = null, Func<ServerOptions, ServerOptions>? configure = null, Action<ILoggingBuilder>? logging = null,
        DbEngine engine = DbEngine.Sqlite, Sgp32Version sgp32 = Sgp32Version.V12, EsipaBinding binding = EsipaBinding.Asn1)
    {
        var installation = new Installation(curve is not null) { _logging = logging };
        installation._data = engine == DbEngine.Sqlite ? null : await TestDatabase.CreateAsync(engine, typeof(Eim).Assembly);
        installation._configure = configure ?? installation._configure;
        using var brought = curve is { } other ? installation.BringPki(other) : null;
        await installation.StartHostAsync();
        using var pki = brought is null ? PkiFolder.Open(installation._folder.File("pki"), null, installation.PkiOf(PkiParts.Ci | PkiParts.Eum)) : null;
        installation.Fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = installation._folder.File("devices"),
                Count = devices,
                Sgp32 = sgp32,
                Profiles = Profiles,
                Pki = CardPki.From(brought ?? pki!, installation.Clock.GetUtcNow()),
                EimConfiguration = installation.Host.Identity.AddInitialEim(),
                Ipa = new IpaOptions { Esipa = binding, RetryDelay = TimeSpan.Zero, FallbackAfterFailedPolls = 1 },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await installation.PostAsync("/api/v1/euicc", new JsonArray([.. installation.Fleet.Devices.Select(device => (JsonNode)new JsonObject { ["eid"] = device.Eid.ToString() })]));
        foreach (var device in installation.Fleet.Devices)
        {
            await device.PollOnceAsync(Ct);
        }

        return installation;
    }

    public static Iccid Iccid(int profile) => DemoFleet.IccidOf(0, profile);

    public async Task<JsonNode> PostAsync(string path, JsonNode body)
    {
        using var response = await Client.PostAsJsonAsync(new Uri(Host.ApiUrl, path), body, Ct);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Ct));
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
    }

    public async Task<JsonNode> GetAsync(string path) => (await Client.GetFromJsonAsync<JsonNode>(new Uri(Host.ApiUrl, path), Ct))!;

    public async Task<string> ScheduleAsync(int action, Iccid? iccid = null, bool rollback = false, int validity = 3600)
    {
        var operation = new JsonObject { ["action"] = new JsonObject { ["id"] = action }, ["validity_period"] = validity, ["rollback"] = rollback };
        if (iccid is { } present)
        {
            operation["iccid_with_luhn"] = present.ToString();
        }

        var created = await PostAsync("/api/v1/euicc/1/operation", new JsonArray(operation));
        return created[0]!["id"]!.GetValue<string>();
    }

    public async Task<string> StatusAsync(string operation)
    {
        var read = await GetAsync($"/api/v1/euicc/1/operation/{operation}");
        return read["status"]!["description"]!.GetValue<string>() + (read["error"] is { } error ? $" {error["reason"]}" : "");
    }

    /// <summary>Waits for what the eIM does on its own when its clock is turned.</summary>
    public async Task UntilAsync(string operation, string status)
    {
        while (await StatusAsync(operation) != status)
        {
            Ct.ThrowIfCancellationRequested();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public async Task<string> ProfilesAsync()
    {
        var euicc = await GetAsync("/api/v1/euicc/1");
        return string.Join(", ", euicc["profile"]!.AsArray().Select(profile => profile!["status"]!["description"]!.GetValue<string>()));
    }

    /// <summary>Stops the eIM and starts it again over the same data, on the same ESipa port.</summary>
    public async Task RestartHostAsync()
    {
        var esipa = Host.EsipaUrl;
        await Host.DisposeAsync();
        await StartHostAsync(esipa);
    }

    public async ValueTask DisposeAsync()
    {
        Fleet?.Dispose();
        Client.Dispose();
        await Host.DisposeAsync();
        _folder.Dispose();
        if (_data is not null)
        {
            await _data.DisposeAsync();
        }
    }

    private PkiOptions PkiOf(PkiParts parts, EcCurve curve = EcCurve.P256) => new() { Parts = parts, Curve = curve, Now = Clock.GetUtcNow() };

    private PkiDirectory BringPki(EcCurve curve)
    {
        Directory.CreateDirectory(_broughtPki!);
        return PkiFolder.Open(_broughtPki!, null, PkiOf(PkiParts.Server | PkiParts.Eum, curve));
    }

    private async Task StartHostAsync(Uri? esipa = null)
    {
        var options = new ServerOptions
        {
            Data = _folder.Path,
            Database = _data?.ConnectionString,
            Pki = _broughtPki,
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = esipa ?? new Uri("https://127.0.0.1:0"),
        };
        Host = await EimHost.StartAsync(_configure(options), Clock, _logging, Ct);
        var token = (await File.ReadAllTextAsync(Host.ApplicationTokenPath, Ct)).Trim();
        Client.DefaultRequestHeaders.Authorization = null;
        var login = await PostAsync("/api/v1/authenticate", new JsonObject { ["application_token"] = token });
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", login["auth_token"]!.GetValue<string>());
    }

    private static IReadOnlyList<ManufacturedProfile> Profiles(int device) =>
    [
        new(DemoFleet.IccidOf(device, 1)) { Name = "Home", State = ProfileState.Enabled, FallbackAllowed = true, NotificationConfigurations = [Notify] },
        new(DemoFleet.IccidOf(device, 2)) { Name = "Travel", FallbackAllowed = true, NotificationConfigurations = [Notify] },
        new(DemoFleet.IccidOf(device, 3)) { Name = "Backup" },
    ];

    private static readonly NotificationConfiguration Notify = new(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, "smdp.example.com");
}
