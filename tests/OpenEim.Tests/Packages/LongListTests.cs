using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>A list that is longer than one is counted row by row.</summary>
public abstract class LongListTests(DbEngine engine) : IAsyncLifetime
{
    private const int Bound = Page<EuiccDirectoryEntry>.CountBound;
    private const int Beyond = 1250;
    private const string Filter = "eid:8904*";

    private static readonly BulkInsert<int> InsertEuiccs = new("euicc", new BulkColumns<int>()
        .Bytes("eid", number => Eid.Parse($"890490320000000000000000{number:D8}").ToBytes())
        .Whole("id", number => number)
        .Whole("organisation_id", _ => 1)
        .Whole("slice", _ => 0)
        .Whole("supported_profile_type", _ => 5)
        .Whole("status", _ => 1)
        .Whole("created", number => number)
        .Whole("modified", number => number)
        .Whole("pending_count", _ => 0)
        .Whole("tasks", _ => 0)
        .Whole("counter", _ => 0)
        .Whole("revision", _ => 0)
        .Whole("signature_rule", _ => 0));

    private TestDatabase _data = null!;
    private Database _database = null!;
    private EuiccDirectory _directory = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.CreateAsync(engine, typeof(Eim).Assembly);
        _database = _data.Open();
        _directory = DirectoryOver(_database);
        await _database.WriteAsync(
            async session =>
            {
                await session.InsertAsync(InsertEuiccs, Enumerable.Range(1, Bound + Beyond));
                await BlockCounts.AddAllAsync(session);
            },
            Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task A_filtered_list_is_leafed_through_beyond_what_is_counted()
    {
        var counted = await ListAsync(new PageRequest(long.MaxValue, 1000));
        var next = await ListAsync(counted.Next!);
        var last = await ListAsync(next.Next!);

        Assert.Equal((Bound, 100), (counted.Total, counted.Shown.Number));
        Assert.Equal((Bound, 101, Bound + 1, 1000), (next.Total, next.Shown.Number, next.Items[0].Id, next.Items.Count));
        Assert.Equal((Bound, 102, Bound + Beyond, Beyond - 1000), (last.Total, last.Shown.Number, last.Items[^1].Id, last.Items.Count));
        Assert.Null(last.Next);
        var back = await ListAsync((await ListAsync(last.Previous!)).Previous!);
        Assert.Equal(counted.Items.Select(item => item.Id), back.Items.Select(item => item.Id));
        Assert.Equal(100, back.Shown.Number);
    }

    [Fact]
    public async Task What_was_counted_up_to_the_bound_is_not_counted_again_for_the_same_filter()
    {
        var counted = await ListAsync(new PageRequest(1, 10));
        await _database.WriteAsync(session => session.ExecuteAsync("DELETE FROM euicc WHERE id > @last", new { last = Bound - 1 }), Ct);

        Assert.Equal(Bound, (await ListAsync(counted.Next!)).Total);
        Assert.Equal(Bound - 1, (await ListAsync(new PageRequest(2, 10))).Total);
        var other = await _directory.ListAsync(1, "id:11|12", null, counted.Next!, Ct);
        Assert.Equal((2, 2), (other.Total, other.Items.Count));
    }

    [Theory]
    [InlineData(null, "id")]
    [InlineData("supported_profile_type:5", "-id")]
    [InlineData("status:active, supported_profile_type:iot*|1, eim:1", "id")]
    public async Task What_is_filtered_by_type_status_and_eim_alone_is_counted_to_its_end(string? filter, string sort)
    {
        foreach (var number in new[] { 1, 500, 700, 1013 })
        {
            var page = await _directory.ListAsync(1, filter, sort, new PageRequest(number, 100), Ct);
            var ids = Enumerable.Range(1, Bound + Beyond).Select(id => (long)id);
            var expected = (sort == "id" ? ids : ids.Reverse()).Skip((number - 1) * 100).Take(100);

            Assert.Equal((Bound + Beyond, 1013), (page.Total, page.PageCount));
            Assert.Equal(expected, page.Items.Select(item => item.Id));
            Assert.Equal((number > 1, number < 1013), (page.Previous is not null, page.Next is not null));
            Assert.Equal(Bound + Beyond, (await _directory.ListAsync(1, filter, sort, page.Next ?? page.Previous!, Ct)).Total);
        }
    }

    [Fact]
    public async Task A_read_that_takes_too_long_is_ended()
    {
        await using var hasty = _data.Open(new DatabaseOptions { ReadLimit = TimeSpan.FromMilliseconds(1) });
        await Assert.ThrowsAsync<StorageTimeoutException>(
            async () => await DirectoryOver(hasty).ListAsync(1, "eid:*7*", "-modified", new PageRequest(1, 1000), Ct));
        Assert.Equal(1000, (await DirectoryOver(_database).ListAsync(1, "eid:*7*", "-modified", new PageRequest(1, 1000), Ct)).Items.Count);
    }

    private static EuiccDirectory DirectoryOver(Database database) => new(database, TimeProvider.System, "eim.test", _ => null);

    private async Task<Page<EuiccDirectoryEntry>> ListAsync(PageRequest page) => await _directory.ListAsync(1, Filter, null, page, Ct);
}

public sealed class LongListTestsOnSqlite() : LongListTests(DbEngine.Sqlite);

public sealed class LongListTestsOnPostgres() : LongListTests(DbEngine.Postgres);
