using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>The counts of blocks of ids are right whatever happens to the eUICCs, and so are the lists that are counted and found by them.</summary>
public abstract class EuiccBlocksTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly (string? Filter, Func<RandomFleet.Member, bool> Has)[] Filters =
    [
        (null, _ => true),
        ("status:active", _ => true),
        ("supported_profile_type:5", euicc => euicc.Type == 5),
        ("status:1,supported_profile_type:1|4", euicc => euicc.Type != 5),
        ("eim:*test,supported_profile_type:consumer*", euicc => euicc.Type == 4),
        ("supported_profile_type:1,supported_profile_type:4", _ => false),
        ("status:2", _ => false),
        ("eid:8904*,supported_profile_type:1", euicc => euicc.Type == 1), // not counted
    ];

    private static readonly string?[] Sorts = [null, "-id", "status,-id", "id,-eid", "eid", "-supported_profile_type"];
    private static readonly int[] Sizes = [1, 7, 100, 1000];

    private TestDatabase _data = null!;
    private Database _database = null!;
    private EuiccDirectory _directory = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.CreateAsync(engine, typeof(Eim).Assembly);
        _database = _data.Open();
        _directory = new EuiccDirectory(_database, TimeProvider.System, "eim.test", _ => null);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_by_number_are_those_of_the_sorted_list(int seed)
    {
        var fleet = new RandomFleet(_database, seed);
        for (var round = 0; round < 8; round++)
        {
            await fleet.RegisterAsync(fleet.Random.Next(1, 900));
            for (var i = 0; i < 40; i++)
            {
                await (i % 2 == 0 ? fleet.ChangeAsync() : fleet.RemoveAsync());
            }

            await BlockCounts.AssertKeptAsync(_database);
            for (var i = 0; i < 40; i++)
            {
                await AssertPageAsync(fleet);
            }
        }
    }

    [Fact]
    public async Task Counts_are_kept_and_pages_sound_while_two_nodes_change_the_fleet()
    {
        // SQLite has one node, with many callers.
        await using var second = engine == DbEngine.Postgres ? _data.Open() : null;
        var fleets = Enumerable.Range(0, 4).Select(number => new RandomFleet(number % 2 == 0 || second is null ? _database : second, number)).ToList();
        var changes = Task.WhenAll(fleets.Select(fleet => Task.Run(() => ChangeAsync(fleet), Ct)));
        var pages = 0;
        while (!changes.IsCompleted)
        {
            await AssertSoundAsync(new PageRequest(1 + (pages % 40), 50), Filters[pages % 4].Filter, Sorts[pages % 3]);
            pages++;
        }

        await changes;
        await BlockCounts.AssertKeptAsync(_database);
        Assert.True(pages > 10, $"only {pages} pages were read meanwhile");
        foreach (var organisation in new[] { 1, 2 })
        {
            var page = await _directory.ListAsync(organisation, null, null, new PageRequest(1, 1), Ct);
            Assert.Equal(fleets.Sum(fleet => fleet.Members.Values.Count(euicc => euicc.Organisation == organisation)), page.Total);
        }
    }

    [Fact]
    public async Task A_registration_that_is_undone_is_not_counted()
    {
        var fleet = new RandomFleet(_database, 9);
        await fleet.RegisterAsync(300);
        var before = await BlockCounts.KeptAsync(_database);
        var again = fleet.Members.Values.Select(euicc => new EuiccRegistration { Eid = euicc.Eid, SupportedProfileType = 5 });

        await Assert.ThrowsAsync<EuiccRegisteredException>(() => _directory.RegisterAsync(1, [.. again], ct: Ct));
        await Assert.ThrowsAsync<InvalidDataException>(() => _database.WriteAsync<int>(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM euicc");
                throw new InvalidDataException("undone");
            },
            Ct));

        Assert.Equal(before, await BlockCounts.KeptAsync(_database));
        await BlockCounts.AssertKeptAsync(_database);
    }

    [Fact]
    public async Task Many_eUICCs_changed_at_once_are_counted()
    {
        var fleet = new RandomFleet(_database, 10);
        await fleet.RegisterAsync(700);
        foreach (var statement in new[]
        {
            "UPDATE euicc SET supported_profile_type = 4 WHERE supported_profile_type = 1",
            "UPDATE euicc SET organisation_id = 3, id = id + 100000 WHERE supported_profile_type = 4",
            "DELETE FROM euicc WHERE supported_profile_type = 5",
        })
        {
            Assert.True(await _database.WriteAsync(session => session.ExecuteAsync(statement), Ct) > 100);
            await BlockCounts.AssertKeptAsync(_database);
        }
    }

    private static async Task ChangeAsync(RandomFleet fleet)
    {
        for (var round = 0; round < 8; round++)
        {
            await fleet.RegisterAsync(fleet.Random.Next(50, 150));
            for (var i = 0; i < 15; i++)
            {
                await fleet.ChangeAsync();
                await fleet.RemoveAsync();
            }
        }
    }

    /// <summary>A page that is as long as its list says, in order.</summary>
    private async Task AssertSoundAsync(PageRequest request, string? filter, string? sort)
    {
        var page = await _directory.ListAsync(1, filter, sort, request, Ct);
        Assert.Equal(Math.Clamp(page.Total - page.Shown.Skip, 0, request.Size), page.Items.Count);
        var ids = page.Items.Select(item => item.Id).ToList();
        Assert.Equal(sort is null ? ids.Order() : ids.OrderDescending(), ids);
        Assert.Distinct(ids);
        Assert.Equal(page.Shown.Number < page.PageCount, page.Next is not null);
    }

    private async Task AssertPageAsync(RandomFleet fleet)
    {
        var organisation = fleet.Random.Next(1, 3);
        var (filter, has) = Filters[fleet.Random.Next(Filters.Length)];
        var sort = Sorts[fleet.Random.Next(Sorts.Length)];
        var size = Sizes[fleet.Random.Next(Sizes.Length)];
        var matching = fleet.Members.Where(member => member.Value.Organisation == organisation && has(member.Value));
        var list = Sorted(matching, sort).Select(member => member.Key).ToList();
        var pages = Math.Max(1, (list.Count + size - 1) / size);
        var asked = fleet.Random.Next(1, pages + 3);

        var page = await _directory.ListAsync(organisation, filter, sort, new PageRequest(asked, size), Ct);

        var number = Math.Min(asked, pages);
        Assert.Equal((list.Count, number), (page.Total, page.Shown.Number));
        Assert.Equal(Slice(number), page.Items.Select(item => item.Id));
        Assert.Equal((number > 1, number < pages), (page.Previous is not null, page.Next is not null));
        foreach (var (link, neighbour) in new[] { (page.Previous, number - 1), (page.Next, number + 1) })
        {
            if (link is not null)
            {
                Assert.Equal(Slice(neighbour), (await _directory.ListAsync(organisation, filter, sort, link, Ct)).Items.Select(item => item.Id));
            }
        }

        IEnumerable<long> Slice(int page) => list.Skip((page - 1) * size).Take(size);
    }

    private static IEnumerable<KeyValuePair<long, RandomFleet.Member>> Sorted(IEnumerable<KeyValuePair<long, RandomFleet.Member>> members, string? sort) => sort switch
    {
        null or "id,-eid" => members.OrderBy(member => member.Key),
        "eid" => members.OrderBy(member => member.Value.Eid.ToString(), StringComparer.Ordinal),
        "-supported_profile_type" => members.OrderByDescending(member => member.Value.Type).ThenByDescending(member => member.Key),
        _ => members.OrderByDescending(member => member.Key),
    };
}

public sealed class EuiccBlocksTestsOnSqlite() : EuiccBlocksTests(DbEngine.Sqlite);

public sealed class EuiccBlocksTestsOnPostgres() : EuiccBlocksTests(DbEngine.Postgres);
