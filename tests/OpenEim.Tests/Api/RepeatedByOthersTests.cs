using System.Net;
using OpenEim.Manager.Organisations;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;

namespace OpenEim.Tests.Api;

/// <summary>An Idempotency-Key is its application token's: whoever else sends it gets what he would get without one.</summary>
public abstract class RepeatedByOthersTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly Role[] Roles = [Role.Administrator, Role.User, Role.Observer];

    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _smdp = await FakeSmdp.StartAsync(_pki);
        _api = await ApiHost.StartAsync(engine, options => options with { Es2PlusUrl = _smdp.Url });
        await _api.RegisterAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _smdp.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task Every_post_kept_by_one_is_another_request_of_another()
    {
        var keepers = await TokensAsync();
        var repeaters = await TokensAsync();
        var number = 1000;
        foreach (var route in ApiRoutes.Of(_api).Where(route => route.IsIdempotent))
        {
            foreach (var (keeper, repeater) in Roles.SelectMany(keeper => Roles.Select(repeater => (keeper, repeater))))
            {
                var body = ApiRoutes.Bodies[route.Name].Replace("89049032000000000000000000000777", $"{ApiHost.EidOf(++number)}", StringComparison.Ordinal);
                await AssertApartAsync(new Case(route, $"key {number}", body), keeper, keepers[keeper], repeater, repeaters[repeater]);
            }
        }
    }

    [Fact]
    public async Task Who_has_lost_his_role_does_not_get_the_answer_that_he_once_got()
    {
        var administrator = await _api.NewMemberAsync(1, Role.Administrator);
        var first = await _api.PostAsync("/api/v1/application_token", "{}", "k", administrator);
        Assert.Equal(first.Body, (await _api.PostAsync("/api/v1/application_token", "{}", "k", administrator)).Body);

        await _api.Eim.Database.WriteAsync(session => session.ExecuteAsync("UPDATE member SET role = 2 WHERE id = (SELECT max(id) FROM member)"), Ct);
        _api.Clock.Advance(ApplicationTokens.ActiveCacheTime);
        (await _api.PostAsync("/api/v1/application_token", "{}", "k", administrator)).AssertError(403, 1104);
    }

    [Fact]
    public async Task A_refusal_of_the_caller_is_not_kept_for_when_he_may()
    {
        var caller = await _api.NewMemberAsync(1, Role.Observer);
        (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""", "k", caller)).AssertError(403, 1104);

        await _api.Eim.Database.WriteAsync(session => session.ExecuteAsync("UPDATE member SET role = 2 WHERE id = (SELECT max(id) FROM member)"), Ct);
        _api.Clock.Advance(ApplicationTokens.ActiveCacheTime);
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync("/api/v1/euicc/1/operation", """[{"action":{"id":1}}]""", "k", caller)).Status);
    }

    [Fact]
    public async Task An_answer_that_the_version_before_kept_is_refused_and_not_shown()
    {
        await _api.Eim.Database.WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO idempotency (organisation_id, idempotency_key, method, path, attempt, request_hash, created, lease_end, status, headers, body)
                VALUES (1, 'k', 'POST', '/api/v1/application_token', @hash, @hash, @now, 1, 200, '{}', @hash)
                """,
                new { hash = IdempotentRequest.HashBody("{}"u8), now = _api.Clock.GetUtcNow().ToUnixTimeMilliseconds() }),
            Ct);

        (await _api.PostAsync("/api/v1/application_token", "{}", "k")).AssertError(409, 1405, "use another key");
        (await _api.PostAsync("/api/v1/application_token", "{}", "k", await _api.NewMemberAsync(1, Role.User))).AssertError(403, 1104);
        Assert.Equal(HttpStatusCode.OK, (await _api.PostAsync("/api/v1/application_token", "{}", "k2")).Status);
    }

    private static bool MayUse(Route route, Role role) =>
        role == Role.Administrator || route.IsRead || (role == Role.User && !route.Name.Contains("application_token", StringComparison.Ordinal));

    private async Task AssertApartAsync(Case kept, Role keeper, string keeperToken, Role repeater, string repeaterToken)
    {
        var what = $"{kept.Route.Name}, kept by {keeper}, repeated by {repeater}";
        var first = await kept.SendAsync(_api, keeperToken);
        AssertDone(first, MayUse(kept.Route, keeper), what);
        var orders = _smdp.CountOf("downloadOrder");

        var second = await kept.SendAsync(_api, repeaterToken);
        if (kept.Route.Name == "POST /api/v1/euicc" && MayUse(kept.Route, keeper) && MayUse(kept.Route, repeater))
        {
            second.AssertError(409, 1405, "already registered"); // what it is without a key
        }
        else
        {
            AssertDone(second, MayUse(kept.Route, repeater), what);
        }

        // The fake SM-DP+ gives everybody the same profile, so there its orders are counted.
        var ran = kept.Route.Name == "POST /api/v1/profile" ? _smdp.CountOf("downloadOrder") > orders : second.Body != first.Body;
        Assert.True(kept.Route.IsRead || !MayUse(kept.Route, repeater) || ran, $"{what}: {second.Body}");
        if (MayUse(kept.Route, keeper))
        {
            var again = await kept.SendAsync(_api, keeperToken);
            Assert.Equal((first.Status, first.Body), (again.Status, again.Body));
        }
    }

    private static void AssertDone(ApiAnswer answer, bool may, string what)
    {
        Assert.True((answer.Status is HttpStatusCode.OK or HttpStatusCode.Created) == may, $"{what}: {(int)answer.Status} {answer.Body}");
        if (!may)
        {
            answer.AssertError(403, 1104);
        }
    }

    private async Task<Dictionary<Role, string>> TokensAsync()
    {
        var tokens = new Dictionary<Role, string>();
        foreach (var role in Roles)
        {
            tokens[role] = await _api.NewMemberAsync(1, role);
        }

        return tokens;
    }

    private sealed record Case(Route Route, string Key, string Body)
    {
        public Task<ApiAnswer> SendAsync(ApiHost api, string token) => api.PostAsync(Route.PathFor("1", "", ""), Body, Key, token);
    }
}

public sealed class RepeatedByOthersTestsOnSqlite() : RepeatedByOthersTests(DbEngine.Sqlite);

public sealed class RepeatedByOthersTestsOnPostgres() : RepeatedByOthersTests(DbEngine.Postgres);
