using System.Net;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>Lists: pages, headers, links, filters, sorting.</summary>
public abstract class ListTests(DbEngine engine) : IAsyncLifetime
{
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        await _api.RegisterAsync(7);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("", 1, 100, "1,2,3,4,5,6,7")]
    [InlineData("page=2&per_page=3", 2, 3, "4,5,6")]
    [InlineData("page=9&per_page=3", 3, 3, "7")]
    [InlineData("page=0&per_page=3", 1, 3, "1,2,3")]
    [InlineData("page=-5&per_page=0", 1, 100, "1,2,3,4,5,6,7")]
    [InlineData("per_page=-1", 1, 100, "1,2,3,4,5,6,7")]
    [InlineData("per_page=1001", 1, 1000, "1,2,3,4,5,6,7")]
    [InlineData("page=99999999999999999999&per_page=4", 2, 4, "5,6,7")]
    [InlineData("page=9223372036854775807&per_page=1000", 1, 1000, "1,2,3,4,5,6,7")]
    public async Task Pages_out_of_range_are_clamped(string query, int page, int size, string ids)
    {
        var answer = await _api.GetAsync($"/api/v1/euicc?{query}");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(ids, Ids(answer));
        Assert.Equal("7", answer.Header("X-Total-Count"));
        Assert.Equal($"{(7 + size - 1) / size}", answer.Header("X-Total-Pages"));
        Assert.Equal($"{page}", answer.Header("X-Current-Page"));
        Assert.Equal($"{size}", answer.Header("X-Count-Per-Page"));
        Assert.Equal("id", answer.Header("X-Sort"));
        Assert.Null(answer.Header("X-Filter"));
    }

    [Theory]
    [InlineData("page=x")]
    [InlineData("per_page=1.5")]
    [InlineData("page=-")]
    [InlineData("page=1e-3")]
    public async Task What_is_no_number_is_refused(string query) =>
        (await _api.GetAsync($"/api/v1/euicc?{query}")).AssertError(400, 1000, query[..query.IndexOf('=', StringComparison.Ordinal)]);

    [Theory]
    [InlineData(1, "first next last")]
    [InlineData(2, "first prev next last")]
    [InlineData(3, "first prev last")]
    public async Task Links_name_the_relations_that_exist_and_carry_filter_and_sort(int page, string relations)
    {
        var answer = await _api.GetAsync($"/api/v1/euicc?q=status%3Aactive&sort=-eid%2Cid&per_page=3&page={page}");

        var links = answer.Header("Link")!.Split(", ");
        Assert.Equal(relations, string.Join(' ', links.Select(link => link[(link.IndexOf("rel=\"", StringComparison.Ordinal) + 5)..^1])));
        Assert.Equal($"<{_api.Eim.ApiUrl}api/v1/euicc?page=1&per_page=3&q=status%3Aactive&sort=-eid%2Cid>; rel=\"first\"", links[0]);
        Assert.Equal($"<{_api.Eim.ApiUrl}api/v1/euicc?page=3&per_page=3&q=status%3Aactive&sort=-eid%2Cid>; rel=\"last\"", links[^1]);
        Assert.Equal("status:active", answer.Header("X-Filter"));
        Assert.Equal("-eid,id", answer.Header("X-Sort"));
    }

    [Theory]
    [InlineData("id:3", "3")]
    [InlineData(" id : 3 , status : Active ", "3")]
    [InlineData("id:3|5|6", "3,5,6")]
    [InlineData("id:3|5,id:5|6", "5")]
    [InlineData("eid:89049032000000000000000000000002", "2")]
    [InlineData("eid:*0004|*0006", "4,6")]
    [InlineData("status:ACT*", "1,2,3,4,5,6,7")]
    [InlineData("status:1", "1,2,3,4,5,6,7")]
    [InlineData("status:2", "")]
    [InlineData("status:nothing", "")]
    [InlineData("supported_profile_type:iot euicc profile", "1,2,3,4,5,6,7")]
    [InlineData("supported_profile_type:1|4", "")]
    [InlineData("eim:openeim", "1,2,3,4,5,6,7")]
    [InlineData("eim:2", "")]
    public async Task Filters_select(string filter, string ids)
    {
        var answer = await _api.GetAsync($"/api/v1/euicc?q={Uri.EscapeDataString(filter)}");

        Assert.Equal(ids, Ids(answer));
        Assert.Equal($"{(ids.Length == 0 ? 0 : ids.Split(',').Length)}", answer.Header("X-Total-Count"));
        Assert.Equal(filter.Trim(), answer.Header("X-Filter"));
        Assert.Equal(ids.Length == 0 ? "0" : "1", answer.Header("X-Total-Pages"));
        Assert.Equal("1", answer.Header("X-Current-Page"));
    }

    [Theory]
    [InlineData("id", "1,2,3,4,5,6,7")]
    [InlineData("-id", "7,6,5,4,3,2,1")]
    [InlineData("+id", "1,2,3,4,5,6,7")]
    [InlineData("-eid", "7,6,5,4,3,2,1")]
    [InlineData("status,-id", "7,6,5,4,3,2,1")]
    [InlineData("eim,supported_profile_type,modified", "1,2,3,4,5,6,7")]
    [InlineData("-id,id,-id", "7,6,5,4,3,2,1")]
    public async Task Sorting_orders(string sort, string ids)
    {
        Assert.Equal(ids, Ids(await _api.GetAsync($"/api/v1/euicc?sort={Uri.EscapeDataString(sort)}")));
        Assert.Equal(ids, Ids(await _api.GetAsync($"/api/v1/euicc?sort={sort}")));
    }

    [Theory]
    [InlineData("q=nonsense:1", 1301, "nonsense:1")]
    [InlineData("q=id", 1301, "\"id\"")]
    [InlineData("q=id:", 1301, "id:")]
    [InlineData("q=id:abc", 1301, "id:abc")]
    [InlineData("q=id:1,", 1301, "\"\"")]
    [InlineData("q=modified:1", 1301, "modified:1")]
    [InlineData("q=eid:1'--", 1301, "eid:1'--")]
    [InlineData("sort=nonsense", 1302, "nonsense")]
    [InlineData("sort=id,-nonsense", 1302, "-nonsense")]
    [InlineData("sort=created", 1302, "created")]
    public async Task Bad_criteria_are_named(string query, int code, string named) =>
        (await _api.GetAsync($"/api/v1/euicc?{query}")).AssertError(400, code, named);

    [Fact]
    public async Task Endless_criteria_are_refused_or_harmless()
    {
        (await _api.GetAsync("/api/v1/euicc?q=id:" + string.Join('|', Enumerable.Repeat("1", 1500)))).AssertError(400, 1301);
        Assert.Equal(HttpStatusCode.OK, (await _api.GetAsync("/api/v1/euicc?sort=" + string.Join(',', Enumerable.Repeat("eid", 1500)))).Status);
    }

    [Fact]
    public async Task Operations_are_filtered_and_sorted_by_their_own_fields()
    {
        const string path = "/api/v1/euicc/1/operation";
        await _api.PostAsync(path, """[{"action":{"id":1},"validity_period":300},{"action":{"id":3},"iccid_with_luhn":"8988000000000000011","validity_period":100},{"action":{"id":5},"iccid_with_luhn":"8988000000000000029","validity_period":200}]""");

        async Task<string> Actions(string query) => string.Join(',', (await _api.GetAsync($"{path}?{query}")).Json.AsArray().Select(operation => operation!["action"]!["id"]));
        Assert.Equal("1,3,5", await Actions(""));
        Assert.Equal("3", await Actions("q=action:enable%20profile"));
        Assert.Equal("1,5", await Actions("q=action:1|5"));
        Assert.Equal("5", await Actions("q=iccid_with_luhn:*29"));
        Assert.Equal("5", await Actions("q=iccid_with_luhn:8988000000000000029f"));
        Assert.Equal("", await Actions("q=iccid_with_luhn:8968407b912170210043|8968407b*"));
        Assert.Equal("", await Actions("q=status:canceled"));
        Assert.Equal("3,5,1", await Actions("sort=expiry_date"));
        Assert.Equal("5,3,1", await Actions("sort=-id"));
        Assert.Equal("1,3,5", await Actions("sort=creation_date,finalization_date"));
        (await _api.GetAsync(path + "?q=creation_date:1")).AssertError(400, 1301, "creation_date:1");
    }

    [Fact]
    public async Task Application_tokens_page_beyond_the_last_is_the_last()
    {
        await _api.PostAsync("/api/v1/application_token", """{"description":"second"}""");

        var answer = await _api.GetAsync("/api/v1/application_token?page=99&per_page=1");
        Assert.Equal("second", answer.Json[0]!["description"]!.GetValue<string>());
        Assert.Equal("2", answer.Header("X-Current-Page"));
        Assert.Equal("2,1", Ids(await _api.GetAsync("/api/v1/application_token?sort=-id&q=status:activated")));
    }

    [Theory]
    [InlineData("/api/v1/euicc/status", """[{"id":1,"description":"Active"}]""")]
    [InlineData("/api/v1/euicc/operation/status", """[{"id":1,"description":"Scheduled"},{"id":2,"description":"Succeeded"},{"id":3,"description":"Failed"},{"id":4,"description":"Expired"},{"id":5,"description":"Canceled"}]""")]
    public async Task Literal_routes_win(string path, string body) => Assert.Equal(body, (await _api.GetAsync(path)).Body);

    private static string Ids(ApiAnswer answer) => string.Join(',', answer.Json.AsArray().Select(item => item!["id"]));
}

public sealed class ListTestsOnSqlite() : ListTests(DbEngine.Sqlite);

public sealed class ListTestsOnPostgres() : ListTests(DbEngine.Postgres);
