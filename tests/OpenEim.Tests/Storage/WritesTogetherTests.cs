using System.Data.Common;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>Writes of different keys that may share a transaction: each has its own end all the same.</summary>
public abstract class WritesTogetherTests : IAsyncDisposable
{
    private const string Insert = "INSERT INTO item (id, name) VALUES (@id, @name)";

    private static readonly LockingQuery Locked = new("SELECT name FROM item WHERE id = @id");

    private readonly TestDatabase _data;
    private readonly Database _database;

    protected WritesTogetherTests(DbEngine engine)
    {
        _data = TestDatabase.Create(engine, SchemaScripts.Items);
        _database = _data.Open();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Of_many_at_once_none_is_lost_and_they_share_commits()
    {
        await InsertAsync(Enumerable.Range(0, 40));

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => CountUpAsync(n % 40)));

        Assert.All(await NamesAsync(), name => Assert.Equal("25", name));
        var statistics = _database.Statistics;
        Assert.Equal(1001, statistics.Writes);
        Assert.InRange(statistics.Commits, 2, 900);
    }

    [Fact]
    public async Task What_is_sent_is_done_before_the_next_statement_and_in_its_order()
    {
        var seen = await _database.WriteTogetherAsync(
            Key(1),
            async session =>
            {
                await session.SendAsync(Insert, new { id = 1L, name = "a" });
                await session.SendAsync("UPDATE item SET name = name || 'b' WHERE id = @id", new { id = 1L });
                var first = await session.ExecuteScalarAsync<string>("SELECT name FROM item WHERE id = 1");
                await session.SendAsync("UPDATE item SET name = name || 'c' WHERE id = @id", new { id = 1L });
                return first;
            },
            Ct);

        Assert.Equal("ab", seen);
        Assert.Equal(["abc"], await NamesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_throws_is_undone_alone(bool afterReadingWhatItWrote)
    {
        var thrown = new InvalidDataException("no");
        var writes = Enumerable.Range(0, 100).Select(n => _database.WriteTogetherAsync(
            Key(n),
            async session =>
            {
                await session.SendAsync(Insert, new { id = (long)n, name = "" });
                if (afterReadingWhatItWrote)
                {
                    Assert.Equal(1, await session.ExecuteScalarAsync<long>("SELECT count(*) FROM item WHERE id = @n", new { n = (long)n }));
                }

                return n == 7 ? throw thrown : n;
            },
            Ct)).ToList();

        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidDataException>(() => writes[7]));
        for (var n = 0; n < 100; n++)
        {
            Assert.True(n == 7 || await writes[n] == n);
        }

        Assert.Equal(99, (await NamesAsync()).Count);
        Assert.Equal(1, _database.Statistics.FailedWrites);
    }

    [Fact]
    public async Task One_that_the_database_refuses_fails_alone()
    {
        await InsertAsync([50]);

        var writes = Enumerable.Range(0, 100).Select(n => _database.WriteTogetherAsync(
            Key(n),
            async session =>
            {
                await session.SendAsync(Insert, new { id = (long)n, name = "" });
                return n;
            },
            Ct)).ToList();

        await Assert.ThrowsAnyAsync<DbException>(() => writes[50]);
        await Task.WhenAll(writes.Where((_, n) => n != 50));
        Assert.Equal(100, (await NamesAsync()).Count);
    }

    [Fact]
    public async Task Those_of_one_key_take_turns_and_those_behind_them_do_not_wait_for_ever()
    {
        await InsertAsync(Enumerable.Range(0, 2));

        await Task.WhenAll(Enumerable.Range(0, 400).Select(n => CountUpAsync(n % 100 == 0 ? 1 : 0)));

        Assert.Equal(["396", "4"], await NamesAsync());
    }

    [Fact]
    public async Task One_canceled_before_its_turn_never_runs()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _database.WriteTogetherAsync(
            Key(1),
            async session =>
            {
                await session.SendAsync(Insert, new { id = 1L, name = "" });
                return 0;
            },
            canceled.Token));
        Assert.Empty(await NamesAsync());
    }

    [Fact]
    public async Task A_database_that_closes_ends_what_was_accepted_and_refuses_the_rest()
    {
        await InsertAsync(Enumerable.Range(0, 200));
        var writes = Enumerable.Range(0, 200).Select(CountUpAsync).ToList();

        await _database.DisposeAsync();

        var done = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
                done++;
            }
            catch (ObjectDisposedException)
            {
                Assert.True(write.IsFaulted);
            }
        }

        await using var again = _data.Open();
        Assert.Equal(done, (await again.ReadAsync(session => session.QueryAsync<string>("SELECT name FROM item WHERE name = '1'"), Ct)).Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CountUpAsync(1));
    }

    [Fact]
    public async Task Values_of_every_kind_come_back_as_they_were_sent()
    {
        byte[] bytes = [1, 2, 3];
        await _database.WriteTogetherAsync(
            Key(1),
            async session =>
            {
                await session.SendAsync("INSERT INTO item (id, name, eid) VALUES (@id, @name, @eid)", new { id = DayOfWeek.Friday, name = (string?)null, eid = bytes });
                await session.SendAsync("INSERT INTO item (id, name, eid) VALUES (@id, @name, @eid)", new { id = true, name = "x", eid = (byte[]?)null });
                await session.SendAsync(
                    "INSERT INTO item (id, name, eid) VALUES (@id, @name, @eid)",
                    new { id = 7, name = "memory", eid = new ReadOnlyMemory<byte>([9, 9, 9], 0, 2) });
                return 0;
            },
            Ct);

        var rows = await _database.WriteAsync(session => session.QueryAsync<Row>("SELECT id, name, eid FROM item ORDER BY id"), Ct);
        Assert.Equal([1L, 5L, 7L], rows.Select(row => row.Id));
        Assert.Equal(["x", null, "memory"], rows.Select(row => row.Name));
        Assert.Equal([null, bytes, [9, 9]], rows.Select(row => row.Eid));
        Assert.Equal(2, await _database.WriteAsync(
            session => session.ExecuteScalarAsync<int?>(
                $"SELECT count(*) FROM item WHERE {session.IsOneOf("id", "ids")} AND {session.IsOneOf("name", "names")}",
                new { ids = new List<long> { 1, 7 }, names = new[] { "x", "memory" } }),
            Ct));
        Assert.Null(await _database.ReadFirstOrDefaultAsync<Row>("SELECT id, name, eid FROM item WHERE id = @id", new { id = 2 }, Ct));
        Assert.Equal("x", (await _database.ReadFirstOrDefaultAsync<Row>("SELECT id, name, eid FROM item WHERE id = @id", new { id = 1 }, Ct))!.Name);
    }

    private static byte[] Key(long id) => BitConverter.GetBytes(id);

    private Task InsertAsync(IEnumerable<int> ids) => _database.WriteAsync(
        async session =>
        {
            foreach (var id in ids)
            {
                await session.SendAsync(Insert, new { id, name = "0" });
            }
        },
        Ct);

    private Task<bool> CountUpAsync(int id) => _database.WriteTogetherAsync(
        Key(id),
        async session =>
        {
            var count = await session.QueryFirstOrDefaultAsync<string>(Locked, new { id });
            await session.SendAsync("UPDATE item SET name = @next WHERE id = @id", new { id, next = $"{int.Parse(count!) + 1}" });
            return true;
        },
        Ct);

    private async Task<IReadOnlyList<string>> NamesAsync() =>
        await _database.ReadAsync(session => session.QueryAsync<string>("SELECT name FROM item ORDER BY id"), Ct);

    private sealed class Row
    {
        public long Id { get; init; }

        public string? Name { get; init; }

        public byte[]? Eid { get; init; }
    }
}

public sealed class WritesTogetherTestsOnSqlite() : WritesTogetherTests(DbEngine.Sqlite);

public sealed class WritesTogetherTestsOnPostgres() : WritesTogetherTests(DbEngine.Postgres);
