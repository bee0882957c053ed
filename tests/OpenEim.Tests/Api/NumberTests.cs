using System.Globalization;
using System.Net;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>Numbers in requests: whatever is not one of those that a field takes is a 400 that names the field.</summary>
public abstract class NumberTests(DbEngine engine) : IAsyncLifetime
{
    private const string Operations = "/api/v1/euicc/1/operation";

    /// <summary>JSON values that no field for a whole number takes.</summary>
    private static readonly string[] NoWholeNumbers =
    [
        "\"3\"", "\"\"", "1.5", "1e-1", "9223372036854775808", "1e19", "1e400", "-1e400", "1e99999999999", "true", "false", "[]", "[3]", "{}", "{\"id\":3}",
    ];

    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        await _api.RegisterAsync(1);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Every_action_id_is_known_or_refused_by_name()
    {
        for (var id = -1; id <= 300; id++)
        {
            foreach (var form in Forms(id))
            {
                await AssertActionAsync(form.Json, form.IsWhole && id is >= 1 and <= 7);
            }
        }

        foreach (var json in NoWholeNumbers.Append("2147483648").Append("-2147483649").Append("4294967297").Append("9223372036854775807").Append("null"))
        {
            await AssertActionAsync(json, false);
        }
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"action":null}""")]
    [InlineData("""{"action":3}""")]
    [InlineData("""{"action":"3"}""")]
    [InlineData("""{"action":[]}""")]
    [InlineData("""{"action":{}}""")]
    [InlineData("""{"action":{"ID":1}}""")]
    [InlineData("""{"action":{"id":{"id":1}}}""")]
    public async Task An_action_without_an_id_is_refused_by_name(string operation)
    {
        await AssertRefusedAsync(Operations, $"[{operation}]", "[0].action");
        await AssertRefusedAsync("/api/v1/euicc/operation", Bulk(operation), "action");
    }

    [Fact]
    public async Task Other_numbers_are_whole_and_in_their_range_or_refused_by_name()
    {
        foreach (var json in NoWholeNumbers.Append("0").Append("-1").Append("86401").Append("86400.5"))
        {
            await AssertRefusedAsync(Operations, $$"""[{"action":{"id":1},"validity_period":{{json}}}]""", "[0].validity_period");
            await AssertRefusedAsync("/api/v1/euicc/operation", Bulk($$"""{"action":{"id":1},"validity_period":{{json}}}"""), "validity_period");
        }

        var eid = ApiHost.EidOf(9);
        foreach (var json in NoWholeNumbers)
        {
            await AssertRefusedAsync("/api/v1/euicc", $$$"""{"eid":"{{{eid}}}","supported_profile_type":{"id":{{{json}}}}}""", "[0].supported_profile_type.id");
            await AssertRefusedAsync("/api/v1/euicc", $$"""{"eid":"{{eid}}","association_token":{{json}}}""", "[0].association_token");
            await AssertRefusedAsync("/api/v1/euicc", $$$"""{"eid":"{{{eid}}}","customer_org":{"name":"a","id":{{{json}}}}}""", "[0].customer_org.id");
            await AssertRefusedAsync("/api/v1/euicc/operation", $$$"""{"action":{"id":1},"target":[{"euicc":{"id":{{{json}}}}}]}""", "target[0].euicc.id");
            await AssertRefusedAsync("/api/v1/profile", $$$"""{"profile_type":"a","euicc":{"id":{{{json}}}}}""", "euicc.id");
            Assert.Equal(400, (int)(await _api.SendAsync("PATCH", "/api/v1/application_token/1", $$$"""{"status":{"id":{{{json}}}}}""")).Status);
            Assert.Equal(400, (int)(await _api.SendAsync("PATCH", "/api/v1/euicc/1", $$$"""{"supported_profile_type":{"id":{{{json}}}}}""")).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await _api.GetAsync("/api/v1/application_token")).Status);
        Assert.Equal("1", (await _api.GetAsync("/api/v1/euicc")).Header("X-Total-Count"));
        Assert.Equal("[]", (await _api.GetAsync(Operations)).Body);
    }

    [Fact]
    public async Task A_whole_number_may_be_written_as_clients_with_floating_point_write_it()
    {
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync(Operations, """[{"action":{"id":1.0},"validity_period":6e1}]""")).Status);
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync("/api/v1/euicc/1.0/operation", """[{"action":{"id":1.0}}]""")).Status);
        var bulk = await _api.PostAsync("/api/v1/euicc/operation", """{"action":{"id":1.0},"target":[{"euicc":{"id":1.0}}]}""");
        Assert.Equal(1, bulk.Json["success_count"]!.GetValue<int>());
        var list = await _api.GetAsync($"{Operations}?page=1.0&per_page=2.0&q=action:1.0");
        Assert.Equal(("3", "2"), (list.Header("X-Total-Count"), list.Header("X-Count-Per-Page")));
        (await _api.GetAsync("/api/v1/euicc/1.5")).AssertError(404, 1201);
        (await _api.GetAsync("/api/v1/euicc/1e400")).AssertError(404, 1201);
        (await _api.GetAsync("/api/v1/euicc/0")).AssertError(404, 1201);
    }

    [Theory]
    [InlineData("page=1.5")]
    [InlineData("per_page=x")]
    [InlineData("page=1e-1")]
    [InlineData("per_page=%00")]
    [InlineData("page=--1")]
    public async Task A_page_that_is_no_whole_number_is_refused(string query)
    {
        foreach (var path in new[] { "/api/v1/euicc", Operations, "/api/v1/application_token", "/api/v1/profile" })
        {
            (await _api.GetAsync($"{path}?{query}")).AssertError(400, 1000, "whole number");
        }
    }

    [Theory]
    [InlineData("page=-99999999999999999999&per_page=99999999999999999999", "1", "1000")]
    [InlineData("page=99999999999999999999&per_page=-99999999999999999999", "1", "100")]
    [InlineData("page=0&per_page=0", "1", "100")]
    [InlineData("page=1e3&per_page=1e3", "1", "1000")]
    public async Task A_page_beyond_all_is_clamped(string query, string page, string size)
    {
        foreach (var path in new[] { "/api/v1/euicc", Operations, "/api/v1/application_token", "/api/v1/profile" })
        {
            var answer = await _api.GetAsync($"{path}?{query}");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            Assert.Equal((page, size), (answer.Header("X-Current-Page"), answer.Header("X-Count-Per-Page")));
        }
    }

    private static IEnumerable<(string Json, bool IsWhole)> Forms(int id)
    {
        var text = id.ToString(CultureInfo.InvariantCulture);
        yield return (text, true);
        yield return ($"{text}.0", true);
        yield return ($"{text}e0", true);
        yield return ($"\"{text}\"", false);
        yield return ($"{text}.5", false);
    }

    private static string Bulk(string operation) =>
        operation == "{}" ? """{"target":[{"euicc":{"id":1}}]}""" : $$$"""{{{operation[..^1]}}},"target":[{"euicc":{"id":1}}]}""";

    /// <summary>What is taken is taken to a route that schedules nothing: an eUICC that is not there.</summary>
    private async Task AssertActionAsync(string json, bool isTaken)
    {
        var operation = $$$"""{"action":{"id":{{{json}}}},"iccid_with_luhn":"8988000000000000011","activation_code":"1$a.example$m"}""";
        if (isTaken)
        {
            (await _api.PostAsync("/api/v1/euicc/99/operation", $"[{operation}]")).AssertError(404, 1201);
            var bulk = await _api.PostAsync("/api/v1/euicc/operation", $$$"""{{{operation[..^1]}}},"target":[{"euicc":{"id":99}}]}""");
            Assert.Equal((HttpStatusCode.Created, 0), (bulk.Status, bulk.Json["success_count"]!.GetValue<int>()));
        }
        else
        {
            await AssertRefusedAsync("/api/v1/euicc/99/operation", $"[{operation}]", "[0].action");
            await AssertRefusedAsync("/api/v1/euicc/operation", Bulk(operation), "action");
        }
    }

    private async Task AssertRefusedAsync(string path, string body, string field)
    {
        var answer = await _api.PostAsync(path, body);
        Assert.True((int)answer.Status == 400, $"{body}: {(int)answer.Status} {answer.Body}");
        answer.AssertError(400, 1400, field);
    }
}

public sealed class NumberTestsOnSqlite() : NumberTests(DbEngine.Sqlite);

public sealed class NumberTestsOnPostgres() : NumberTests(DbEngine.Postgres);
