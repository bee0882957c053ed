using System.Net;
using OpenEim.Manager.Organisations;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;

namespace OpenEim.Tests.Api;

/// <summary>Every route, as the application itself lists them: who may use it, and on whose data.</summary>
public abstract class IsolationTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly string[] Shared =
    [
        "GET /api/v1/eim", "GET /api/v1/eim/initial_configuration", "GET /api/v1/euicc/status", "GET /api/v1/euicc/profile/status",
        "GET /api/v1/euicc/operation/action", "GET /api/v1/euicc/operation/status",
    ];

    private const string Ordered = "8949000000000000008";

    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;
    private string _operation = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IEnumerable<Route> Protected => Routes().Where(route => !route.IsOpen);

    public async ValueTask InitializeAsync()
    {
        _smdp = await FakeSmdp.StartAsync(_pki);
        _api = await ApiHost.StartAsync(engine, options => options with { Es2PlusUrl = _smdp.Url });
        await _api.RegisterAsync(1);
        await _api.PostAsync("/api/v1/profile", $$"""{"iccid_with_luhn":"{{Ordered}}","eid":"{{ApiHost.EidOf(1)}}"}""");
        _operation = (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""")).Json[0]!["id"]!.GetValue<string>();
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _smdp.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public void Open_are_the_login_and_the_health_alone() => Assert.Equal(
        ["GET /health/live", "GET /health/ready", "POST /api/v1/authenticate"],
        Routes().Where(route => route.IsOpen).Select(route => route.Name).Order());

    [Fact]
    public void Every_write_has_a_body_here_and_every_post_takes_an_idempotency_key()
    {
        Assert.Equal(ApiRoutes.Bodies.Keys.Order(), Protected.Where(route => route.Method is "POST" or "PATCH" or "PUT").Select(route => route.Name).Order());
        Assert.All(Protected.Where(route => route.Method == "POST"), route => Assert.True(route.IsIdempotent, route.Name));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_good_token()
    {
        var revoked = await _api.Eim.ApplicationTokens.CreateAsync(1, 1, new NewApplicationToken(), null, Ct);
        var loggedIn = await _api.LoginAsync(revoked.Token);
        await _api.Eim.ApplicationTokens.RevokeAsync(1, revoked.Id, Ct);
        foreach (var route in Protected)
        {
            await AssertAsync(route, "", 401, 1102);
            await AssertAsync(route, "x.y.z", 401, 1102);
            await AssertAsync(route, loggedIn, 401, 1102);
        }

        (await _api.SendAsync("GET", "/API/V1/EUICC", token: "")).AssertError(401, 1102);
        (await _api.SendAsync("GET", "/api/v1/eim/", token: "")).AssertError(401, 1102);
        (await _api.SendAsync("GET", "/Api/v1/Eim", token: "")).AssertError(401, 1102);
        (await _api.SendAsync("GET", "/api/v1/no.such", token: "")).AssertError(401, 1102);
        _api.Clock.Advance(TimeSpan.FromMinutes(240));
        foreach (var route in Protected)
        {
            await AssertAsync(route, null, 401, 1103);
        }
    }

    [Fact]
    public async Task Observer_reads_everything_but_writes_nothing()
    {
        var observer = await _api.NewMemberAsync(1, Role.Observer);
        foreach (var route in Protected)
        {
            var answer = await SendAsync(route, observer);
            if (route.IsRead && !route.Name.Contains("application_token", StringComparison.Ordinal))
            {
                Assert.True(answer.Status == HttpStatusCode.OK, $"{route.Name}: {(int)answer.Status}");
            }
            else
            {
                answer.AssertError(403, 1104);
            }
        }
    }

    [Fact]
    public async Task User_does_not_manage_application_tokens()
    {
        var user = await _api.NewMemberAsync(1, Role.User);
        foreach (var route in Protected.Where(route => route.Name.Contains("application_token", StringComparison.Ordinal)))
        {
            await AssertAsync(route, user, 403, 1104);
        }
    }

    [Fact]
    public async Task Another_organisation_sees_and_changes_nothing()
    {
        var other = await _api.NewCallerAsync(Role.Administrator);
        var before = await SnapshotAsync();
        foreach (var route in Protected.Where(route => !Shared.Contains(route.Name)))
        {
            if (route.Name.Contains('{', StringComparison.Ordinal))
            {
                await AssertAsync(route, other, 404, 1201);
                continue;
            }

            var answer = await SendAsync(route, other);
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{route.Name}: {answer.Body}");
            Assert.DoesNotContain(ApiHost.EidOf(1).ToString(), answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("First start", answer.Body, StringComparison.Ordinal);
        }

        Assert.Equal(before, await SnapshotAsync());
        Assert.Equal("1", (await _api.GetAsync("/api/v1/euicc")).Header("X-Total-Count"));
        (await _api.PostAsync("/api/v1/euicc", $$"""{"eid":"{{ApiHost.EidOf(1)}}"}""", null, other)).AssertError(409, 1405);
    }

    private async Task<string> SnapshotAsync()
    {
        var paths = new[] { "/api/v1/euicc", "/api/v1/euicc/1/operation", "/api/v1/application_token", "/api/v1/profile" };
        return string.Join('\n', await Task.WhenAll(paths.Select(async path => (await _api.GetAsync(path)).Body)));
    }

    private async Task AssertAsync(Route route, string? token, int status, int code)
    {
        var answer = await SendAsync(route, token);
        Assert.True((int)answer.Status == status, $"{route.Name}: {(int)answer.Status} instead of {status}");
        answer.AssertError(status, code);
    }

    private Task<ApiAnswer> SendAsync(Route route, string? token) => _api.SendAsync(
        route.Method,
        route.PathFor("1", _operation, Ordered),
        ApiRoutes.Bodies.GetValueOrDefault(route.Name),
        token: token);

    private IReadOnlyList<Route> Routes() => ApiRoutes.Of(_api);
}

public sealed class IsolationTestsOnSqlite() : IsolationTests(DbEngine.Sqlite);

public sealed class IsolationTestsOnPostgres() : IsolationTests(DbEngine.Postgres);
