using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager.Organisations;
using OpenEim.Server.Api;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>A list followed page after page by its links, while it changes.</summary>
public abstract class ListWalkTests(DbEngine engine) : IAsyncLifetime
{
    private const string Euiccs = "/api/v1/euicc";

    private static readonly int[] Types = [5, 1, 4, 5, 5];

    private readonly Random _random = new(20260102);
    private ApiHost _api = null!;
    private int _registered;

    public static TheoryData<string> Sorts { get; } =
    [
        "", "-id", "eid", "-eid", "modified", "-modified", "supported_profile_type", "-supported_profile_type", "modified,eid", "-modified,-eid",
        "supported_profile_type,modified", "-supported_profile_type,-modified", "supported_profile_type,-modified", "-modified,supported_profile_type,-id",
        "status,-id", "id,-eid",
    ];

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        for (var i = 0; i < 6; i++)
        {
            await RegisterAsync(7);
        }
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task Links_lead_to_the_same_pages_as_numbers(string sort)
    {
        foreach (var start in new[] { Start(sort, 5), Start(sort, 5, "supported_profile_type:5"), Start(sort, 7) })
        {
            var forwards = await WalkAsync(start, "next");
            var backwards = await WalkAsync(Link(forwards[0], "last")!, "prev");

            Assert.Equal(forwards.Select(Ids), backwards.AsEnumerable().Reverse().Select(Ids));
            Assert.Equal(int.Parse(forwards[0].Header("X-Total-Pages")!, CultureInfo.InvariantCulture), forwards.Count);
            for (var i = 0; i < forwards.Count; i++)
            {
                var byNumber = await _api.GetAsync($"{start}&page={i + 1}");
                AssertSame(byNumber, forwards[i]);
                AssertSame(byNumber, backwards[^(i + 1)]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task While_a_list_changes_nothing_is_shown_twice_or_left_out(string sort)
    {
        foreach (var direction in new[] { "next", "prev" })
        {
            var before = Ids(await _api.GetAsync(Start(sort, 1000)));
            var moved = new HashSet<int>();
            var start = Link(await _api.GetAsync(Start(sort, 5)), direction == "next" ? "first" : "last")!;
            var pages = await WalkAsync(start, direction, async () => moved.UnionWith(await ChangeAsync(before)));

            var seen = (direction == "next" ? pages : pages.AsEnumerable().Reverse()).SelectMany(Ids).ToList();
            var unchanged = before.Where(id => !moved.Contains(id)).ToList();
            Assert.True(moved.Count > 5 && unchanged.Count > 10, $"{moved.Count} were changed and {unchanged.Count} were not");
            Assert.Equal(unchanged, seen.Where(unchanged.Contains));

            // What was changed has moved when it is sorted by what was changed, and only then may be met again.
            var stays = sort is "" or "-id" or "eid" or "-eid" or "status,-id" or "id,-eid";
            Assert.Distinct(seen.Where(id => stays || !moved.Contains(id)));
        }
    }

    [Fact]
    public async Task Links_to_the_neighbours_carry_a_hint_and_those_to_the_ends_do_not()
    {
        var first = await _api.GetAsync(Start("-modified", 5));
        var second = await FollowAsync(first, "next");

        Assert.Equal($"{_api.Eim.ApiUrl}api/v1/euicc?page=1&per_page=5&sort=-modified", Link(second, "first"));
        Assert.Equal($"{_api.Eim.ApiUrl}api/v1/euicc?page=9&per_page=5&sort=-modified", Link(second, "last"));
        Assert.Matches("/api/v1/euicc\\?page=3&per_page=5&sort=-modified&after=[A-Za-z0-9_-]{1,64}$", Link(second, "next"));
        Assert.Matches("/api/v1/euicc\\?page=1&per_page=5&sort=-modified&before=[A-Za-z0-9_-]{1,64}$", Link(second, "prev"));
        Assert.Null(Link(first, "prev"));
        Assert.Null(Link(await FollowAsync(first, "last"), "next"));
    }

    [Fact]
    public async Task Where_the_list_ends_meanwhile_a_way_back_is_left()
    {
        var third = await FollowAsync(await FollowAsync(await _api.GetAsync(Start("", 5)), "next"), "next");
        var (next, previous) = (Link(third, "next")!, Link(third, "prev")!);
        await DeleteAsync([.. Enumerable.Range(16, 27), .. Enumerable.Range(1, 10)]);

        var end = await _api.GetAsync(next);
        Assert.Empty(Ids(end));
        Assert.Equal("1", end.Header("X-Current-Page"));
        Assert.Null(Link(end, "next"));
        Assert.Equal([11, 12, 13, 14, 15], Ids(await FollowAsync(end, "prev")));

        var begin = await _api.GetAsync(previous);
        Assert.Empty(Ids(begin));
        Assert.Null(Link(begin, "prev"));
        Assert.Equal([11, 12, 13, 14, 15], Ids(await FollowAsync(begin, "next")));

        await DeleteAsync([11, 12, 13, 14, 15]);
        Assert.Equal("first last", string.Join(' ', Links(await _api.GetAsync(next)).Keys));
        Assert.Equal("first last", string.Join(' ', Links(await _api.GetAsync(previous)).Keys));
    }

    [Fact]
    public async Task A_hint_narrows_the_own_list_only()
    {
        var next = Link(await _api.GetAsync(Start("", 5)), "next")!;
        var other = await _api.NewCallerAsync(Role.Administrator);
        Assert.Equal("[]", (await _api.GetAsync(next, other)).Body);

        await _api.PostAsync(Euiccs, """{"eid":"89049032000000000000000099999999"}""", token: other);
        Assert.Equal([43], Ids(await _api.GetAsync(next, other)));
        Assert.Equal([6, 7, 8, 9, 10], Ids(await _api.GetAsync(next)));
    }

    [Theory]
    [InlineData("after=!", "after is not")]
    [InlineData("after=A", "after is not")]
    [InlineData("before=%00", "before is not")]
    [InlineData("before=AA", "before is not")]
    [InlineData("before=gA", "before is not")]
    [InlineData("after=AQAAAAAAAAAA", "after is not")] // one byte too few
    [InlineData("after=AQAAAAAAAAAAAAA", "after is not")] // one too many
    [InlineData("after=AQAAAAAAAAAAAQ&after=AQAAAAAAAAAAAQ", "after is not")]
    [InlineData("after=AQAAAAAAAAAAAQ&before=AQAAAAAAAAAAAQ", "after and before")]
    [InlineData("after=AQAAAAAAAAAAAQ&sort=-id", "same sort")]
    [InlineData("after=AQAAAAAAAAAAAQ&sort=eid", "same sort")]
    [InlineData("after=AQAAAAAAAAAAAQ&sort=modified", "same sort")]
    public async Task What_is_no_hint_of_the_list_is_refused(string query, string message)
    {
        Assert.Equal(40, Ids(await _api.GetAsync(Euiccs + "?after=AQAAAAAAAAAAAg")).Count); // what the cases spoil
        (await _api.GetAsync($"{Euiccs}?{query}")).AssertError(400, 1000, message);
        (await _api.GetAsync($"{Euiccs}?after={new string('A', 65)}")).AssertError(400, 1000, "after is not");
    }

    [Fact]
    public async Task Rubbish_is_a_place_in_the_list_or_refused()
    {
        var statuses = new HashSet<HttpStatusCode>();
        for (var i = 0; i < 300; i++)
        {
            var rubbish = new byte[_random.Next(1, 48)];
            _random.NextBytes(rubbish);
            Array.Resize(ref rubbish, i % 2 == 0 ? 10 : rubbish.Length); // as long as a hint, half of the time
            ((byte[])[1, 0]).AsSpan(0, Math.Min(2, rubbish.Length)).CopyTo(rubbish);
            statuses.Add((await _api.GetAsync($"{Euiccs}?{(i % 3 == 0 ? "after" : "before")}={Base64Url.EncodeToString(rubbish)}&page={_random.NextInt64()}")).Status);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], statuses.Order());
    }

    [Fact]
    public async Task A_list_that_takes_too_long_tells_to_narrow_the_filter()
    {
        async Task<int> StatusAsync(string query, Stream body)
        {
            var context = new DefaultHttpContext();
            context.Request.QueryString = new QueryString(query);
            context.Response.Body = body;
            await new ErrorAnswers(NullLogger<ErrorAnswers>.Instance).InvokeAsync(context, _ => throw new StorageTimeoutException());
            return context.Response.StatusCode;
        }

        using var body = new MemoryStream();
        Assert.Equal(400, await StatusAsync("?q=eid:*1234", body));
        var error = JsonNode.Parse(body.ToArray())!;
        Assert.Equal(1301, error["error_code"]!.GetValue<int>());
        Assert.Contains("\"eid:*1234\"", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(503, await StatusAsync("", Stream.Null));
    }

    private static string Start(string sort, int size, string? filter = null) =>
        $"{Euiccs}?per_page={size}&sort={Uri.EscapeDataString(sort)}{(filter is null ? "" : "&q=" + filter)}";

    private static List<int> Ids(ApiAnswer answer) => [.. answer.Json.AsArray().Select(item => item!["id"]!.GetValue<int>())];

    private static Dictionary<string, string> Links(ApiAnswer answer) => answer.Header("Link")!.Split(", ")
        .Select(link => link.Split(">; rel=")).ToDictionary(parts => parts[1].Trim('"'), parts => parts[0].TrimStart('<'));

    private static string? Link(ApiAnswer answer, string relation) => Links(answer).GetValueOrDefault(relation);

    private static void AssertSame(ApiAnswer byNumber, ApiAnswer byLink)
    {
        Assert.Equal(byNumber.Body, byLink.Body);
        Assert.Equal(byNumber.Header("Link"), byLink.Header("Link"));
        foreach (var name in new[] { "X-Total-Count", "X-Total-Pages", "X-Current-Page", "X-Count-Per-Page" })
        {
            Assert.Equal(byNumber.Header(name), byLink.Header(name));
        }
    }

    private async Task<ApiAnswer> FollowAsync(ApiAnswer answer, string relation) => await _api.GetAsync(Link(answer, relation)!);

    /// <summary>The pages from here to the end of the links.</summary>
    private async Task<IReadOnlyList<ApiAnswer>> WalkAsync(string start, string relation, Func<Task>? meanwhile = null)
    {
        var pages = new List<ApiAnswer>();
        for (var link = start; link is not null; link = Link(pages[^1], relation))
        {
            Assert.True(pages.Count < 100, "the links do not end");
            pages.Add(await _api.GetAsync(link));
            Assert.Equal(HttpStatusCode.OK, pages[^1].Status);
            if (meanwhile is not null && pages.Count <= 12)
            {
                await meanwhile();
            }
        }

        return pages;
    }

    /// <summary>Adds one, removes one and changes two, of those that are there.</summary>
    private async Task<IEnumerable<int>> ChangeAsync(List<int> ids)
    {
        var chosen = Enumerable.Range(0, 3).Select(_ => ids[_random.Next(ids.Count / 2) * 2]).ToList(); // so that half of them stay
        await RegisterAsync(1);
        await DeleteAsync([chosen[0]]);
        _api.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await _api.SendAsync("PATCH", $"{Euiccs}/{chosen[1]}", $$"""{"name":"{{_random.Next()}}"}""");
        await _api.SendAsync("PATCH", $"{Euiccs}/{chosen[2]}", $$$"""{"supported_profile_type":{"id":{{{Types[_random.Next(Types.Length)]}}}}}""");
        return chosen;
    }

    private async Task DeleteAsync(IEnumerable<int> ids)
    {
        foreach (var id in ids)
        {
            await _api.SendAsync("DELETE", $"{Euiccs}/{id}");
        }
    }

    /// <summary>Registers some at the same time, of different types, with EIDs in another order than the ids.</summary>
    private async Task RegisterAsync(int count)
    {
        _api.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await _api.PostAsync(Euiccs, new JsonArray([.. Enumerable.Range(_registered, count).Select(i => (JsonNode)new JsonObject
        {
            ["eid"] = ApiHost.EidOf(i * 7919 % 10007).ToString(),
            ["supported_profile_type"] = new JsonObject { ["id"] = Types[i % Types.Length] },
        })]).ToJsonString());
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        _registered += count;
    }
}

public sealed class ListWalkTestsOnSqlite() : ListWalkTests(DbEngine.Sqlite);

public sealed class ListWalkTestsOnPostgres() : ListWalkTests(DbEngine.Postgres);
