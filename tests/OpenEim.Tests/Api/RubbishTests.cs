using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Manager.Organisations;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;

namespace OpenEim.Tests.Api;

/// <summary>Rubbish in every place of every route: never a failure of the server, never a refusal without its body.</summary>
public abstract class RubbishTests(DbEngine engine) : IAsyncLifetime
{
    private const string Ordered = "8949000000000000008";

    // The token of the tests is the first; what is revoked here is another.
    private const string OtherToken = "2";

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "2147483648", "9223372036854775808", "1e400", "-1e99999999999", "\"\"", "\"x\"", "\"3\"", "\"\\u0000\"",
        "\"\\u001b[2J\\r\\n\"", "\"\\u202e\\ud83d\\ude00\"", "\"'; DROP TABLE euicc; --\"", "\"%00%n{0}\"", "[]", "{}", "[null]", "[[[[[[[[]]]]]]]]", "{\"id\":null}",
        "{\"id\":{\"id\":1}}", "{\"id\":1e400}", "[1,\"x\",{}]",
    ];

    private static readonly string[] Ids =
    [
        "0", "-1", "1.5", "1e400", "9223372036854775808", "x", "%20", "%2F", "..%2F1", "%F0%9F%98%80", "%ED%A0%80", "%C0%AF", "1%0A", "1;x", "'", "%25", "nothing",
        "00000000-0000-0000-0000-000000000000",
    ];

    private static readonly string[] Queries =
    [
        "page=x", "page=1e400", "per_page=-1", "page=%00", "page=&page=2", "q=%00", "q=eid:%00", "q=id:%00", "q=status:%00", "q=profile_type:%00", "q=iccid_with_luhn:%00",
        "q=:", "q=,", "q=id:", "q=id:1,", "q=x:1", "q=eid:*", "q=eid:%F0%9F%98%80", "q=id:1e400", "q=id:-1", "q=status:(", "q=status:%5B*", "q=action:*%5C", "q=profile_type:%25_!",
        "q=smdp_address:%ED%A0%80", "sort=%00", "sort=x", "sort=-", "sort=,", "sort=id,-id,%2Bid", "after=x", "before=AA", "after=AA&before=AA", "after=%00", "unknown=1", "=", "&&", "%00=%00",
    ];

    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;
    private string _operation = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _smdp = await FakeSmdp.StartAsync(_pki);
        _api = await ApiHost.StartAsync(engine, options => options with { Es2PlusUrl = _smdp.Url });
        await _api.RegisterAsync(1);
        await _api.PostAsync("/api/v1/application_token", "{}");
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
    public async Task Every_place_of_every_body_takes_rubbish()
    {
        foreach (var route in ApiRoutes.Of(_api).Where(route => ApiRoutes.Bodies.ContainsKey(route.Name)))
        {
            foreach (var body in Ruined(Rich(route)).Concat(Values))
            {
                await AssertAnsweredAsync(route.Method, PathOf(route), body);
            }
        }

        await AssertAliveAsync();
    }

    [Fact]
    public async Task Every_place_of_every_path_and_query_takes_rubbish()
    {
        foreach (var route in ApiRoutes.Of(_api))
        {
            foreach (var id in Ids.Where(_ => route.Pattern.Contains('{', StringComparison.Ordinal)))
            {
                var euicc = route.Pattern.Contains("{operation}", StringComparison.Ordinal) ? "1" : id;
                var answer = await AssertAnsweredAsync(route.Method, route.PathFor(euicc, id, id), ApiRoutes.Bodies.GetValueOrDefault(route.Name));
                Assert.True(answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{route.Name} with {id}: {(int)answer.Status}");
            }

            foreach (var query in Queries.Where(_ => route.Method == "GET"))
            {
                await AssertAnsweredAsync("GET", $"{PathOf(route)}?{query}", null);
            }
        }

        await AssertAliveAsync();
    }

    [Theory]
    [InlineData("POST", "/api/v1/euicc", """{"eid":"89049032000000000000000000000009","name":"?"}""")]
    [InlineData("PATCH", "/api/v1/euicc/1", """{"name":"?"}""")]
    [InlineData("POST", "/api/v1/euicc", """{"eid":"89049032000000000000000000000009","customer_org":{"name":"?"}}""")]
    [InlineData("POST", "/api/v1/application_token", """{"description":"?"}""")]
    [InlineData("POST", "/api/v1/euicc/1/operation", """[{"action":{"id":2},"activation_code":"?"}]""")]
    [InlineData("POST", "/api/v1/euicc/1/operation", """[{"action":{"id":2},"activation_code":"1$a.example$m","confirmation_code":"?"}]""")]
    [InlineData("POST", "/api/v1/euicc/1/operation", """[{"action":{"id":3},"iccid_with_luhn":"?"}]""")]
    [InlineData("POST", "/api/v1/profile", """{"profile_type":"?"}""")]
    public async Task Texts_are_of_one_line_and_bounded(string method, string path, string body)
    {
        foreach (var text in new[] { "\\u0000", "a\\nb", "\\u001b[2J", "\\u007f", "\\u0085", new string('x', 256), new string('x', 1024 * 1024), new string('\u00e9', 300_000) })
        {
            var answer = await _api.SendAsync(method, path, body.Replace("?", text, StringComparison.Ordinal));
            answer.AssertError(400, 1400);
            Assert.True(answer.Body.Length < 1000, $"{answer.Body.Length} characters are answered");
        }

        (await _api.SendAsync(method, path, body.Replace("?", "\\ud800", StringComparison.Ordinal))).AssertError(400, 1000, "surrogate");
    }

    [Theory]
    [InlineData("", "The body is empty")]
    [InlineData(" \n ", "The body is empty")]
    [InlineData("[\n {\"action\": 'x'}]", "The body is not valid JSON: line 2, byte 13: ''' is an invalid start of a value.")]
    public async Task What_is_no_JSON_is_refused_with_its_place(string body, string message)
    {
        (await _api.SendAsync("POST", "/api/v1/euicc/1/operation", body)).AssertError(400, 1000, message);
    }

    [Fact]
    public async Task Only_what_a_caller_may_choose_is_taken_from_him()
    {
        const string more = """
            "id":77,"organisation_id":2,"organisation":{"id":2},"created":"2000-01-01T00:00:00.000Z","status":{"id":9},"counter":99,"eim":{"id":7},
            "role":1,"member_id":9,"creator":{"id":9},"hash":"00","user":{"id":9},"creation_date":"2000-01-01T00:00:00.000Z","user_id":9
            """;
        var euicc = (await _api.PostAsync("/api/v1/euicc", $$"""{"eid":"{{ApiHost.EidOf(5)}}",{{more}}}""")).Json;
        Assert.Equal((2, 1, 1), (euicc["id"]!.GetValue<int>(), euicc["status"]!["id"]!.GetValue<int>(), euicc["eim"]!["id"]!.GetValue<int>()));
        Assert.StartsWith("20", euicc["created"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(euicc["created"]!.GetValue<string>().StartsWith("2000", StringComparison.Ordinal));

        var user = await _api.NewMemberAsync(1, Role.User);
        var operation = (await _api.PostAsync("/api/v1/euicc/2/operation", $$"""[{"action":{"id":1},{{more}}}]""", null, user)).Json[0]!;
        Assert.Equal((1, "User"), (operation["status"]!["id"]!.GetValue<int>(), operation["user"]!["name"]!.GetValue<string>()));
        Assert.False(operation["creation_date"]!.GetValue<string>().StartsWith("2000", StringComparison.Ordinal));

        await _api.SendAsync("PATCH", "/api/v1/euicc/2", $$"""{"name":"mine",{{more}}}""");
        var changed = (await _api.GetAsync("/api/v1/euicc/2")).Json;
        Assert.Equal(("mine", euicc["created"]!.GetValue<string>()), (changed["name"]!.GetValue<string>(), changed["created"]!.GetValue<string>()));
        await _api.PostAsync("/api/v1/application_token", $$"""{"description":"mine",{{more}}}""");
        var token = (await _api.GetAsync("/api/v1/application_token?sort=-id&per_page=1")).Json[0]!;
        Assert.Equal((1, 0), (token["creator"]!["id"]!.GetValue<int>(), token["status"]!["id"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Thousands_of_failures_are_told_by_a_hundred()
    {
        var answer = await _api.PostAsync("/api/v1/euicc", $"[{string.Join(',', Enumerable.Repeat("{}", 10_000))}]");
        answer.AssertError(400, 1400, "[0].eid");
        Assert.Equal(100, answer.Json["errors"]!.AsArray().Count);
        (await _api.PostAsync("/api/v1/euicc", $"[{string.Join(',', Enumerable.Repeat("{}", 10_001))}]")).AssertError(400, 1000, "10000");
        (await _api.PostAsync("/api/v1/euicc/1/operation", $"[{string.Join(',', Enumerable.Repeat("{\"action\":{\"id\":1}}", 101))}]")).AssertError(400, 1000, "100");
    }

    /// <summary>A body with all fields that the route knows, so that each of them is ruined.</summary>
    private static JsonNode Rich(Route route) => JsonNode.Parse(route.Name switch
    {
        "POST /api/v1/application_token" => """{"description":"a","expiry_date":"2030-01-01T00:00:00.000Z","ip":"192.0.2.0/24"}""",
        "POST /api/v1/euicc" => """
            {"eid":"89049032000000000000000000000777","name":"a","customer_org":{"id":1,"name":"a"},"supported_profile_type":{"id":5},"association_token":7,
             "eum_certificate":"AAAA","euicc_certificate":"AAAA"}
            """,
        "PATCH /api/v1/euicc/{id}" => """{"name":"a","customer_org":{"id":1,"name":"a"},"supported_profile_type":{"id":5}}""",
        "POST /api/v1/euicc/operation" => """
            {"action":{"id":2},"activation_code":"1$a.example$m","confirmation_code":"1","enable":true,"rollback":true,"validity_period":1,"target":[{"euicc":{"id":1}},{"eid":"89049032000000000000000000000001"}]}
            """,
        "POST /api/v1/euicc/{id}/operation" => """
            [{"action":{"id":2},"activation_code":"1$a.example$m","confirmation_code":"1","enable":true,"rollback":true,"validity_period":1},{"action":{"id":3},"iccid_with_luhn":"8988000000000000011"}]
            """,
        "POST /api/v1/profile" => """{"profile_type":"iot","iccid_with_luhn":"8949000000000000009","eid":"89049032000000000000000000000001","confirm":true}""",
        "PATCH /api/v1/profile/{iccid}" => """{"confirm":true,"eid":"89049032000000000000000000000001","euicc":{"id":1}}""",
        _ => ApiRoutes.Bodies[route.Name],
    })!;

    /// <summary>The body with each of its values replaced, one after the other, and with each left out.</summary>
    private static IEnumerable<string> Ruined(JsonNode body)
    {
        foreach (var place in PlacesOf(body).ToList())
        {
            foreach (var value in Values)
            {
                var copy = body.DeepClone();
                Replace(copy, place, JsonNode.Parse(value.Contains("1e", StringComparison.Ordinal) ? "\"@\"" : value));
                yield return copy.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal);
            }

            var without = body.DeepClone();
            Remove(without, place);
            yield return without.ToJsonString();
        }
    }

    private static IEnumerable<object[]> PlacesOf(JsonNode? node)
    {
        var children = node switch
        {
            JsonObject obj => obj.Select(pair => ((object)pair.Key, pair.Value)),
            JsonArray array => array.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        return children.SelectMany(child => PlacesOf(child.Item2).Select(rest => (object[])[child.Item1, .. rest]).Prepend([child.Item1]));
    }

    private static JsonNode Parent(JsonNode root, object[] place) =>
        place[..^1].Aggregate(root, (node, step) => step is int index ? node[index]! : node[(string)step]!);

    private static void Replace(JsonNode root, object[] place, JsonNode? value)
    {
        if (place[^1] is int index)
        {
            Parent(root, place).AsArray()[index] = value;
        }
        else
        {
            Parent(root, place).AsObject()[(string)place[^1]] = value;
        }
    }

    private static void Remove(JsonNode root, object[] place)
    {
        if (place[^1] is int index)
        {
            Parent(root, place).AsArray().RemoveAt(index);
        }
        else
        {
            Parent(root, place).AsObject().Remove((string)place[^1]);
        }
    }

    private string PathOf(Route route) =>
        route.PathFor(route.Pattern.Contains("application_token", StringComparison.Ordinal) ? OtherToken : "1", _operation, Ordered);

    private async Task<ApiAnswer> AssertAnsweredAsync(string method, string path, string? body)
    {
        var answer = await _api.SendAsync(method, path, body);
        var what = $"{method} {path} {body}: {(int)answer.Status} {answer.Body}";
        Assert.True((int)answer.Status < 500, what);
        if ((int)answer.Status >= 400)
        {
            Assert.True(answer.Body.Length > 0, what);
            Assert.Equal((int)answer.Status, answer.Json["status_code"]!.GetValue<int>());
            Assert.NotEmpty(answer.Json["message"]!.GetValue<string>());
        }
        else if (answer.Header("Content-Type") is { } type && type.StartsWith("application/json", StringComparison.Ordinal))
        {
            Assert.NotNull(answer.Json);
        }

        return answer;
    }

    /// <summary>The device's next poll finds nothing that would stop it.</summary>
    private async Task AssertAliveAsync()
    {
        Assert.Equal(HttpStatusCode.OK, (await _api.GetAsync("/health/ready")).Status);
        var actions = await _api.Eim.Database.ReadAsync(session => session.QueryAsync<long>("SELECT DISTINCT action FROM operation"), Ct);
        Assert.All(actions, action => Assert.InRange(action, 1, 7));
    }
}

public sealed class RubbishTestsOnSqlite() : RubbishTests(DbEngine.Sqlite);

public sealed class RubbishTestsOnPostgres() : RubbishTests(DbEngine.Postgres);
