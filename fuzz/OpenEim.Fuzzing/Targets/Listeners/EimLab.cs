using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>A whole eIM on free ports of the loopback, on SQLite in a temporary folder, with one registered and known eUICC.</summary>
internal sealed class EimLab : IAsyncDisposable
{
    /// <summary>The EID of the eUICC, which stands in the seeds.</summary>
    public static readonly Eid Eid = Eid.Parse("89049032000000000000000000000001");

    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-fuzz-").FullName;
    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
    private readonly string? _database;
    private DeviceFleet? _fleet;

    private EimLab(string? database) => _database = database;

    /// <summary>Where its eUICCs' certificates come from.</summary>
    public TestPki Pki => _pki;

    public EimHost Host { get; private set; } = null!;

    /// <summary>Speaks with the REST API as an administrator.</summary>
    public HttpClient Administrator { get; } = new() { Timeout = HttpAnswers.Patience };

    /// <summary>Where the SQLite file is.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Starts the eIM, registers the eUICC and makes its first contact.</summary>
    /// <param name="database">A PostgreSQL; null for SQLite.</param>
    public static async Task<EimLab> StartAsync(string? database = null)
    {
        var lab = new EimLab(database);
        try
        {
            await lab.OpenAsync().ConfigureAwait(false);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Logs in, with the application token of the first start.</summary>
    /// <returns>Whether the eIM still takes it.</returns>
    public async Task<bool> LogInAsync()
    {
        Administrator.DefaultRequestHeaders.Authorization = null;
        var token = (await File.ReadAllTextAsync(Host.ApplicationTokenPath).ConfigureAwait(false)).Trim();
        using var response = await Administrator.PostAsJsonAsync(
            new Uri(Host.ApiUrl, "/api/v1/authenticate"), new JsonObject { ["application_token"] = token }).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return false;
        }

        var answer = await response.Content.ReadFromJsonAsync<JsonNode>().ConfigureAwait(false);
        Administrator.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer!["auth_token"]!.GetValue<string>());
        return true;
    }

    /// <summary>Sends JSON that must be taken.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode body)
    {
        using var response = await Administrator.PostAsJsonAsync(new Uri(Host.ApiUrl, path), body).ConfigureAwait(false);
        var answer = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
        return response.IsSuccessStatusCode ? JsonNode.Parse(answer)! : throw new InvalidOperationException($"{path} answered {(int)response.StatusCode}: {answer}");
    }

    /// <summary>Polls as the eUICC's IPA: whatever was scheduled can be delivered, or ends without a 5xx.</summary>
    /// <exception cref="FindingException">The answer breaks an invariant.</exception>
    public async Task PollAsync(HttpClient client)
    {
        using var request = EsipaRequest(new GetEimPackageRequest(Eid).Encode());
        await HttpAnswers.SendAsync(client, request).ConfigureAwait(false);
    }

    /// <summary>Where ESipa listens.</summary>
    public Uri EsipaUrl => Host.EsipaUrl;

    /// <summary>A POST to ESipa.</summary>
    public HttpRequestMessage EsipaRequest(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Host.EsipaUrl, "/gsma/rsp2/asn1")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        return request;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _fleet?.Dispose();
        Administrator.Dispose();
        if (Host is not null)
        {
            await Host.DisposeAsync().ConfigureAwait(false);
        }

        _pki.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        var pki = Directory.CreateDirectory(Path.Combine(_folder, "pki")).FullName;
        DataFolder.WritePrivate(Path.Combine(pki, "ci.pem"), _pki.Ci.Certificate.ToPem());
        DataFolder.WritePrivate(Path.Combine(pki, "ci.key"), _pki.Ci.Key.ToPem());
        Host = await EimHost.StartAsync(new ServerOptions
        {
            Data = Data,
            Database = _database,
            Pki = pki,
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = new Uri("http://127.0.0.1:0"),
            RequestsPerSecond = 1_000_000,
            RequestBurst = 1_000_000,
            EsipaDeviceRate = 0,
            EsipaAddressRate = 0,
        }).ConfigureAwait(false);
        await LogInAsync().ConfigureAwait(false);
        await PostAsync("/api/v1/euicc", new JsonArray(new JsonObject { ["eid"] = Eid.ToString() })).ConfigureAwait(false);
        _fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Count = 1,
                Profiles = _ => [new ManufacturedProfile(Iccid.Parse("8949000000000000001")) { Name = "First", State = ProfileState.Enabled }, new(Iccid.Parse("8949000000000000002"))],
                Pki = CardPki.From(_pki),
                EimConfiguration = Host.Identity.AddInitialEim(),
                Ipa = new IpaOptions { RetryDelay = TimeSpan.Zero, AllowPlainHttpOnLoopback = true, EimAddress = Host.EsipaUrl },
            },
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await _fleet.Devices[0].PollOnceAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
