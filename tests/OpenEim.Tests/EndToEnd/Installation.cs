using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Demo;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>A real eIM on free ports of the loopback with a fleet of virtual devices; the test says when they poll.</summary>
internal sealed class Installation : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private Installation()
    {
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    public EimHost Host { get; private set; } = null!;

    public DeviceFleet Fleet { get; private set; } = null!;

    public HttpClient Client { get; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<Installation> StartAsync(int devices = 1)
    {
        var installation = new Installation();
        await installation.StartHostAsync();
        using var pki = PkiFolder.Open(
            Path.Combine(installation._folder.Path, "pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = installation.Clock.GetUtcNow() });
        installation.Fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = installation._folder.File("devices"),
                Count = devices,
                Profiles = Profiles,
                Pki = CardPki.From(pki, installation.Clock.GetUtcNow()),
                EimConfiguration = installation.Host.Identity.AddInitialEim(),
                Ipa = new IpaOptions { RetryDelay = TimeSpan.Zero, FallbackAfterFailedPolls = 1 },
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
    }

    private async Task StartHostAsync(Uri? esipa = null)
    {
        Host = await EimHost.StartAsync(
            new ServerOptions { Data = _folder.Path, ApiUrl = new Uri("http://127.0.0.1:0"), EsipaUrl = esipa ?? new Uri("https://127.0.0.1:0") }, Clock, null, Ct);
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
