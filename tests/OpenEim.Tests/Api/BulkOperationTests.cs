using System.Net;
using OpenEim.Manager.Operations;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>One operation on many eUICCs.</summary>
public abstract class BulkOperationTests(DbEngine engine) : IAsyncLifetime
{
    private const string Path = "/api/v1/euicc/operation";

    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        await _api.RegisterAsync(3);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Schedules_on_every_target_behind_what_waits_there()
    {
        await _api.PostAsync("/api/v1/euicc/2/operation", """[{"action":{"id":1}}]""");

        var answer = await _api.PostAsync(
            Path,
            $$$"""{"action":{"id":3},"iccid_with_luhn":"8988000000000000129","validity_period":60,"target":[{"euicc":{"id":1}},{"eid":"{{{ApiHost.EidOf(2)}}}"}]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.True(Guid.TryParse(answer.Json["id"]!.GetValue<string>(), out _));
        Assert.Equal("2 2 0 []", Counts(answer));
        var first = Assert.Single((await _api.GetAsync("/api/v1/euicc/1/operation")).Json.AsArray())!;
        Assert.Equal("Enable profile", first["action"]!["description"]!.GetValue<string>());
        Assert.Equal("8988000000000000129", first["iccid_with_luhn"]!.GetValue<string>());
        Assert.Equal(
            first["creation_date"]!.GetValue<DateTimeOffset>().AddSeconds(60), first["expiry_date"]!.GetValue<DateTimeOffset>());
        Assert.Equal([1, 3], (await _api.GetAsync("/api/v1/euicc/2/operation")).Json.AsArray().Select(item => item!["action"]!["id"]!.GetValue<int>()));
        Assert.Empty((await _api.GetAsync("/api/v1/euicc/3/operation")).Json.AsArray());
    }

    [Fact]
    public async Task Tells_of_those_on_which_nothing_was_scheduled_as_they_were_named()
    {
        await _api.PostAsync("/api/v1/euicc", $$$"""{"eid":"{{{ApiHost.EidOf(9)}}}","supported_profile_type":{"id":4}}""");

        var answer = await _api.PostAsync(
            Path,
            $$$"""
            {"action":{"id":1},"target":[{"euicc":{"id":1}},{"eid":"{{{ApiHost.EidOf(1)}}}"},{"eid":"{{{ApiHost.EidOf(77)}}}"},{"euicc":{"id":77}},{"eid":"{{{ApiHost.EidOf(9)}}}"}]}
            """);

        Assert.Equal("5 1 4", Counts(answer)[..5]);
        Assert.Equal(
            $$$"""
            [{"eid":"{{{ApiHost.EidOf(1)}}}","message":"eUICC is named twice; one operation is scheduled"},{"eid":"{{{ApiHost.EidOf(77)}}}","message":"eUICC not found, or no IoT eUICC"},{"euicc":{"id":77},"message":"eUICC not found, or no IoT eUICC"},{"eid":"{{{ApiHost.EidOf(9)}}}","message":"eUICC not found, or no IoT eUICC"}]
            """,
            answer.Json["error"]!.ToJsonString());
        Assert.Single((await _api.GetAsync("/api/v1/euicc/1/operation")).Json.AsArray());
    }

    [Fact]
    public async Task Repetition_with_its_key_gets_the_first_answer_and_schedules_nothing()
    {
        const string body = """{"action":{"id":1},"target":[{"euicc":{"id":1}}]}""";
        var first = await _api.PostAsync(Path, body, "once");
        var second = await _api.PostAsync(Path, body, "once");

        Assert.Equal(first.Body, second.Body);
        Assert.Single((await _api.GetAsync("/api/v1/euicc/1/operation")).Json.AsArray());
    }

    [Theory]
    [InlineData("""[]""", 1403, "the body must be an object")]
    [InlineData("""{"action":{"id":1}}""", 1402, "target is required")]
    [InlineData("""{"action":{"id":1},"target":{}}""", 1402, "target is required")]
    [InlineData("""{"action":{"id":1},"target":[]}""", 1403, "target must hold 1 to 10000")]
    [InlineData("""{"target":[{"euicc":{"id":1}}]}""", 1402, "action is required")]
    [InlineData("""{"action":{"id":3},"target":[{"euicc":{"id":1}}]}""", 1402, "iccid_with_luhn is required for action 3")]
    [InlineData("""{"action":{"id":1},"target":[{"euicc":{"id":1}},{}]}""", 1402, "target[1].eid or euicc is required")]
    [InlineData("""{"action":{"id":1},"target":[{"eid":"x"}]}""", 1403, "target[0].eid must have 32 decimal digits")]
    [InlineData("""{"action":{"id":1},"target":[{"euicc":{}}]}""", 1402, "target[0].euicc.id is required")]
    [InlineData("""{"action":{"id":1},"target":[{"euicc":{"id":"1"}}]}""", 1403, "target[0].euicc.id must be a whole number")]
    [InlineData("""{"action":{"id":1},"target":[7]}""", 1403, "target[0] must be an object")]
    public async Task Bad_requests_name_the_field(string body, int code, string message)
    {
        var answer = await _api.PostAsync(Path, body);
        answer.AssertError(400, 1400);
        Assert.Contains(answer.Json["errors"]!.AsArray(), error =>
            error!["error_code"]!.GetValue<int>() == code && error["message"]!.GetValue<string>().Contains(message, StringComparison.Ordinal));
        Assert.Empty((await _api.GetAsync("/api/v1/euicc/1/operation")).Json.AsArray());
    }

    [Fact]
    public async Task Ten_thousand_are_one_call_and_two_calls_at_once_lose_nothing()
    {
        var eids = Enumerable.Range(0, BulkScheduler.MaxTargets).Select(i => ApiHost.EidOf(1000 + i)).ToList();
        await _api.Eim.Euiccs.RegisterAsync(1, [.. eids.Select(eid => new Manager.Euiccs.EuiccRegistration { Eid = eid, SupportedProfileType = 5 })], null, Ct);
        var targets = string.Join(',', eids.Select(eid => $$"""{"eid":"{{eid}}"}"""));
        var backwards = string.Join(',', Enumerable.Reverse(eids).Select(eid => $$"""{"eid":"{{eid}}"}"""));

        var answers = await Task.WhenAll(
            _api.PostAsync(Path, $$"""{"action":{"id":1},"target":[{{targets}}]}"""), _api.PostAsync(Path, $$"""{"action":{"id":7},"target":[{{backwards}}]}"""));

        Assert.All(answers, answer => Assert.Equal("10000 10000 0 []", Counts(answer)));
        var rows = await _api.Eim.Database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<(long Operations, long Pending, long Revisions)>(
                """
                SELECT (SELECT count(*) FROM operation), (SELECT count(*) FROM euicc WHERE pending_count = 3), (SELECT count(*) FROM euicc WHERE revision = 2)
                """),
            Ct);
        Assert.Equal((20_000, 10_000, 10_000), rows);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Counts(ApiAnswer answer) =>
        $"{answer.Json["total_count"]} {answer.Json["success_count"]} {answer.Json["failed_count"]} {answer.Json["error"]!.ToJsonString()}";
}

public sealed class BulkOperationTestsOnSqlite() : BulkOperationTests(DbEngine.Sqlite);

public sealed class BulkOperationTestsOnPostgres() : BulkOperationTests(DbEngine.Postgres);
