using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Demo;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The server as a process of its own over one data folder, with a fleet that reaches it through a proxy: it can be killed and started again.</summary>
/// <remarks>Both listeners take free ports at every start; only the proxy's port stays, and it is never given back in between.</remarks>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private Process? _process;

    private ServerProcess(EsipaProxy proxy) => Proxy = proxy;

    public EsipaProxy Proxy { get; }

    public DeviceFleet Fleet { get; private set; } = null!;

    public string DatabasePath => _folder.File("openeim.db");

    /// <summary>The file with the first application token.</summary>
    public string TokenPath => _folder.File("application-token");

    /// <summary>The REST API's address since the last start.</summary>
    public string ApiUrl => Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>The address of ESipa since the last start, past the proxy.</summary>
    public string EsipaUrl => Proxy.Server!.GetLeftPart(UriPartial.Authority);

    private HttpClient Client { get; set; } = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ServerProcess> StartAsync(int devices)
    {
        var server = new ServerProcess(await EsipaProxy.StartAsync());
        try
        {
            await server.RestartAsync();
            await server.AddFleetAsync(devices);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: no chance to clean up.</summary>
    public void Kill() => _process!.Kill();

    /// <summary>Starts the server over what the one before left.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        _process = Run("--data", _folder.Path, "--api-url", "http://127.0.0.1:0", "--esipa-url", "http://127.0.0.1:0");
        var errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        while (await _process.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            if (line.StartsWith("REST API", StringComparison.Ordinal))
            {
                // What it prints from now on is read away, so that it never waits for us.
                _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Proxy.Server = new Uri(words[4]);
                await LoginAsync(new Uri(words[2]));
                return;
            }
        }

        throw new InvalidOperationException($"the server did not start: {await errors}");
    }

    public static Process Run(params string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "openeim-server.dll"), .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,

        // Few devices poll as fast as they can.
        Environment = { ["OPENEIM__EsipaDeviceRate"] = "0" },
    })!;

    /// <summary>Schedules an audit and an action on a profile, on every device.</summary>
    /// <returns>How many operations that are.</returns>
    public async Task<int> ScheduleAsync(int action, int profile)
    {
        for (var index = 0; index < Fleet.Devices.Count; index++)
        {
            var operations = new JsonArray(
                JsonNode.Parse("""{"action":{"id":1}}"""),
                JsonNode.Parse($$"""{"action":{"id":{{action}}},"iccid_with_luhn":"{{DemoFleet.IccidOf(index, profile)}}"}"""));
            using var response = await Client.PostAsJsonAsync($"/api/v1/euicc/{index + 1}/operation", operations, Ct);
            response.EnsureSuccessStatusCode();
        }

        return 2 * Fleet.Devices.Count;
    }

    public Task PollAllAsync() => Task.WhenAll(Fleet.Devices.Select(device => device.PollOnceAsync(Ct)));

    /// <summary>The status of every operation of a device, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> StatusesAsync(int index)
    {
        var operations = await Client.GetFromJsonAsync<JsonArray>($"/api/v1/euicc/{index + 1}/operation?per_page=1000", Ct);
        return [.. operations!.Select(operation => operation!["status"]!["description"]!.GetValue<string>())];
    }

    /// <summary>The ICCID of the enabled profile of a device, as the eIM knows it.</summary>
    public async Task<string> EnabledAsync(int index)
    {
        var euicc = await Client.GetFromJsonAsync<JsonObject>($"/api/v1/euicc/{index + 1}", Ct);
        return euicc!["profile"]!.AsArray()
            .Single(profile => profile!["status"]!["description"]!.GetValue<string>() == "Enabled")!["iccid_with_luhn"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        Fleet?.Dispose();
        await EndAsync();
        await Proxy.DisposeAsync();
        Client.Dispose();
        _folder.Dispose();
    }

    private async Task EndAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
            _process = null;
        }
    }

    private async Task LoginAsync(Uri api)
    {
        Client.Dispose();
        Client = new HttpClient { BaseAddress = api };
        var token = (await File.ReadAllTextAsync(TokenPath, Ct)).Trim();
        using var response = await Client.PostAsJsonAsync("/api/v1/authenticate", new { application_token = token }, Ct);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body!["auth_token"]!.GetValue<string>());
    }

    private async Task AddFleetAsync(int devices)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var pki = PkiFolder.Open(_folder.File("pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = now });
        var eim = await Client.GetFromJsonAsync<JsonObject>("/api/v1/eim", Ct);
        Fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = _folder.File("devices"),
                Count = devices,
                Profiles = index =>
                [
                    new(DemoFleet.IccidOf(index, 1)) { State = ProfileState.Enabled },
                    new(DemoFleet.IccidOf(index, 2)) { FallbackAllowed = true },
                ],
                Pki = CardPki.From(pki, now),
                EimConfiguration = Convert.FromBase64String(eim!["add_initial_eim"]!["base64"]!.GetValue<string>()),
                Ipa = new IpaOptions
                {
                    RetryDelay = TimeSpan.Zero,
                    EimAddress = Proxy.Address,
                    AllowPlainHttpOnLoopback = true,
                    FallbackAfterFailedPolls = 0,
                },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        using var response = await Client.PostAsJsonAsync("/api/v1/euicc", Fleet.Devices.Select(device => new { eid = device.Eid.ToString() }), Ct);
        response.EnsureSuccessStatusCode();
        await PollAllAsync();
    }
}
