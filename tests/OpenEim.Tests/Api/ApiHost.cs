using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Manager;
using OpenEim.Manager.Organisations;
using OpenEim.Protocol.Identifiers;
using OpenEim.Server;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Api;

/// <summary>A real eIM on free ports of the loopback, without devices; callers are made as a test needs them.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly TestDatabase _data;
    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseCookies = false });
    private string _token = "";

    private ApiHost(TestDatabase data) => _data = data;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

    public EimHost Eim { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ApiHost> StartAsync(DbEngine engine, Func<ServerOptions, ServerOptions>? configure = null)
    {
        var host = new ApiHost(await TestDatabase.CreateAsync(engine, typeof(Eim).Assembly));
        var options = new ServerOptions
        {
            Data = host._folder.Path,
            Database = host._data.ConnectionString,
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = new Uri("https://127.0.0.1:0"),
        };
        host.Eim = await EimHost.StartAsync(configure?.Invoke(options) ?? options, host.Clock, null, Ct);
        host._token = await host.LoginAsync((await File.ReadAllTextAsync(host.Eim.ApplicationTokenPath, Ct)).Trim());
        return host;
    }

    public static Eid EidOf(int number) => Eid.Parse($"890490320000000000000000{number:D8}");

    /// <summary>An auth_token of a new member of a new organisation.</summary>
    public async Task<string> NewCallerAsync(Role role, string organisation = "Other")
    {
        var tenant = await Eim.Organisations.CreateAsync(organisation, Ct);
        return await NewMemberAsync(tenant.Id, role);
    }

    /// <summary>An auth_token of a new member of an organisation.</summary>
    public async Task<string> NewMemberAsync(long organisation, Role role)
    {
        var member = await Eim.Organisations.AddMemberAsync(organisation, $"{role}", role, Ct);
        var issued = await Eim.ApplicationTokens.CreateAsync(organisation, member.Id, new NewApplicationToken(), null, Ct);
        return await LoginAsync(issued.Token);
    }

    public async Task<string> LoginAsync(string applicationToken)
    {
        var answer = await SendAsync("POST", "/api/v1/authenticate", new JsonObject { ["application_token"] = applicationToken }.ToJsonString(), token: "");
        return answer.Json["auth_token"]!.GetValue<string>();
    }

    public Task<ApiAnswer> GetAsync(string path, string? token = null) => SendAsync("GET", path, token: token);

    public Task<ApiAnswer> PostAsync(string path, string body, string? key = null, string? token = null) => SendAsync("POST", path, body, key, token);

    public Task RegisterAsync(int count) => PostAsync(
        "/api/v1/euicc", new JsonArray([.. Enumerable.Range(1, count).Select(i => (JsonNode)new JsonObject { ["eid"] = EidOf(i).ToString() })]).ToJsonString());

    /// <summary>Sends as the first administrator, or with <paramref name="token"/>; an empty one is none.</summary>
    public Task<ApiAnswer> SendAsync(string method, string path, string? body = null, string? key = null, string? token = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Eim.ApiUrl, path));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return SendAsync(request, token);
    }

    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request, string? token = null)
    {
        using var sent = request;
        if (token != "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? _token);
        }

        using var response = await _client.SendAsync(request, Ct);
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new ApiAnswer(response.StatusCode, headers, await response.Content.ReadAsStringAsync(Ct));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Eim.DisposeAsync();
        _folder.Dispose();
        await _data.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Checks that it is the error with the one body that all errors have.</summary>
    public void AssertError(int status, int code, string inMessage = "")
    {
        Assert.True((int)Status == status, $"{(int)Status} instead of {status}: {Body}");
        Assert.Equal("application/json; charset=utf-8", Header("Content-Type"));
        Assert.Equal(status, Json["status_code"]!.GetValue<int>());
        Assert.Equal(code, Json["error_code"]!.GetValue<int>());
        Assert.NotEmpty(Json["error_token"]!.GetValue<string>());
        Assert.Contains(inMessage, Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
