using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>What a database promises, whatever its engine.</summary>
public abstract class DatabaseContract : IAsyncDisposable
{
    private static readonly RowByKey<long> IdByEid = new("item", "eid", "id", row => row.GetInt64(0));

    private static readonly RowByKey<ReadOnlyMemory<byte>> BytesByEid = new("item", "eid", "eid", row => row.GetBytes(0));

    private static readonly BulkInsert<long> InsertItems = new("item", new BulkColumns<long>()
        .Whole("id", id => id)
        .Text("name", id => id % 2 == 0 ? null : $"item {id}")
        .Bytes("eid", id => Key(id)));

    private static readonly BulkUpsert<long> Rename = new(
        "item",
        new BulkColumns<long>().Whole("id", id => id).Text("name", id => $"renamed {id}"),
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name");

    private readonly TestDatabase _data;
    private readonly Database _database;

    protected DatabaseContract(DbEngine engine)
    {
        _data = TestDatabase.Create(engine, SchemaScripts.Items);
        _database = _data.Open();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task A_write_that_throws_is_undone_alone()
    {
        var good = InsertAsync(1);
        var bad = _database.WriteAsync<int>(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO item (id) VALUES (3)");
                throw new InvalidDataException("no");
            },
            Ct);
        var last = InsertAsync(4);

        await Task.WhenAll(good, last);
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidDataException>(() => bad)).Message);
        Assert.Equal([1, 4], await IdsAsync());
        Assert.Equal(1, _database.Statistics.FailedWrites);
    }

    [Fact]
    public async Task What_a_caller_throws_reaches_him_whatever_it_is_and_its_write_runs_once()
    {
        var runs = 0;
        foreach (var thrown in new Exception[] { new IOException("disk"), new TimeoutException("late"), new ObjectDisposedException("thing") })
        {
            var caught = await Assert.ThrowsAsync(
                thrown.GetType(),
                () => _database.WriteAsync<int>(
                    _ =>
                    {
                        runs++;
                        throw thrown;
                    },
                    Ct));
            Assert.Same(thrown, caught);
        }

        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task A_row_that_is_there_already_fails_the_write_and_the_next_works()
    {
        await InsertAsync(1);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => InsertAsync(1));
        await InsertAsync(2);
        Assert.Equal([1, 2], await IdsAsync());
    }

    [Fact]
    public async Task All_queries_of_one_read_see_the_same_state()
    {
        var (before, after) = await _database.ReadAsync(
            async session =>
            {
                var first = await session.ExecuteScalarAsync<long>("SELECT count(*) FROM item");
                await InsertAsync(1);
                return (first, await session.ExecuteScalarAsync<long>("SELECT count(*) FROM item"));
            },
            Ct);

        Assert.Equal((0, 0), (before, after));
        Assert.Equal([1], await IdsAsync());
    }

    [Fact]
    public async Task A_reader_cannot_write()
    {
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            async () => await _database.ReadAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (1)"), Ct));
        Assert.Empty(await IdsAsync());
    }

    [Fact]
    public async Task A_read_that_takes_too_long_is_ended_and_the_next_works()
    {
        const string endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT count(*) FROM n";
        await using var hasty = _data.Open(new DatabaseOptions { ReadLimit = TimeSpan.FromMilliseconds(100), MaxReaders = 1 });
        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<StorageTimeoutException>(async () => await hasty.ReadAsync(session => session.ExecuteScalarAsync<long>(endless), Ct));
            Assert.Equal(1, await hasty.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT 1"), Ct));
        }
    }

    [Fact]
    public async Task Long_reads_keep_no_other_read_waiting_and_have_its_limits()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new SemaphoreSlim(0);
        var held = Enumerable.Range(0, 100).Select(i => _database.ReadLongAsync(
            async session =>
            {
                begun.Release();
                await release.Task;
                return i;
            },
            Ct).AsTask()).ToList();
        await begun.WaitAsync(Ct);

        // More of them than there are readers in all; the others go on.
        await InsertAsync(1);
        Assert.Equal([1], await IdsAsync());
        Assert.DoesNotContain(held, read => read.IsCompleted);
        release.SetResult();
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(held));

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            async () => await _database.ReadLongAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (2)"), Ct));
        Assert.Equal([1], await _database.ReadLongAsync(session => session.QueryAsync<long>("SELECT id FROM item"), Ct));
    }

    [Fact]
    public async Task A_write_canceled_before_its_turn_never_runs()
    {
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (2)"), canceled.Token));
        Assert.Empty(await IdsAsync());
    }

    [Fact]
    public async Task Of_writes_that_lock_the_same_row_none_is_lost()
    {
        var locking = new LockingQuery("SELECT name FROM item WHERE id = @id");
        await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, name) VALUES (1, '0')"), Ct);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _database.WriteAsync(
            async session =>
            {
                var count = await session.QueryFirstOrDefaultAsync<string>(locking, new { id = 1L });
                await session.ExecuteAsync("UPDATE item SET name = @next WHERE id = 1", new { next = $"{int.Parse(count!) + 1}" });
            },
            Ct)));

        Assert.Equal("50", await _database.ReadAsync(session => session.ExecuteScalarAsync<string>("SELECT name FROM item"), Ct));
    }

    [Fact]
    public async Task What_is_read_behind_a_lock_is_what_the_one_before_has_left()
    {
        var locking = new LockingQuery("SELECT id FROM item WHERE id = @id");
        await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, name) VALUES (1, 'the lock'), (2, '0')"), Ct);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _database.WriteAsync(
            async session =>
            {
                Assert.Null(await session.LockAndQueryAsync<string>(locking, "SELECT name FROM item WHERE id = 3", new { id = 1L }));
                var count = await session.LockAndQueryAsync<string>(locking, "SELECT name FROM item WHERE id = @id + 1", new { id = 1L });
                await session.SendAsync("UPDATE item SET name = @next WHERE id = 2", new { next = $"{int.Parse(count!) + 1}" });
            },
            Ct)));

        Assert.Equal("50", await _database.ReadAsync(session => session.ExecuteScalarAsync<string>("SELECT name FROM item WHERE id = 2"), Ct));
    }

    [Fact]
    public async Task Many_rows_are_inserted_and_changed_at_once()
    {
        await _database.WriteAsync(session => session.InsertAsync(InsertItems, Enumerable.Range(1, 5000).Select(id => (long)id)), Ct);
        await _database.WriteAsync(session => session.UpsertAsync(Rename, [.. Enumerable.Range(4999, 4000).Select(id => (long)id)]), Ct);

        var rows = await _database.ReadAsync(session => session.QueryAsync<Item>("SELECT id, name, eid FROM item ORDER BY id"), Ct);
        Assert.Equal(8998, rows.Count);
        Assert.Equal("item 1", rows[0].Name);
        Assert.Equal(Key(1), rows[0].Eid);
        Assert.Null(rows[1].Name);
        Assert.Equal("renamed 4999", rows[4998].Name);
        Assert.Null(rows[8997].Eid);
    }

    [Fact]
    public async Task A_bulk_that_fails_leaves_nothing()
    {
        await InsertAsync(7);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            () => _database.WriteAsync(session => session.InsertAsync(InsertItems, Enumerable.Range(1, 10).Select(id => (long)id)), Ct));
        Assert.Equal([7], await IdsAsync());
    }

    [Fact]
    public async Task Rows_asked_for_by_key_together_each_come_to_who_asked()
    {
        await _database.WriteAsync(session => session.InsertAsync(InsertItems, Enumerable.Range(1, 300).Select(id => (long)id)), Ct);

        await Parallel.ForAsync(0, 5000, Ct, async (n, ct) =>
        {
            var id = (n % 310) + 1;
            var found = await _database.ReadRowAsync(IdByEid, Key(id), ct);
            Assert.Equal(id <= 300 ? id : null, found);
        });
        Assert.Null(await _database.ReadRowAsync(IdByEid, new byte[3], Ct));
        var bytes = await _database.ReadRowAsync(BytesByEid, Key(7), Ct);
        Assert.Equal(Key(7), bytes!.Value.ToArray());
    }

    [Fact]
    public async Task A_row_asked_for_by_key_shows_what_was_committed_before()
    {
        for (var id = 1; id <= 50; id++)
        {
            Assert.Null(await _database.ReadRowAsync(IdByEid, Key(id), Ct));
            await _database.WriteAsync(session => session.InsertAsync(InsertItems, [id]), Ct);
            Assert.Equal(id, await _database.ReadRowAsync(IdByEid, Key(id), Ct));
        }
    }

    [Fact]
    public async Task Flags_are_numbers_and_lists_are_conditions()
    {
        await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, name) VALUES (@yes, 'yes'), (@no, 'no')", new { yes = true, no = false }), Ct);
        Assert.Equal([0, 1], await IdsAsync());
        var found = await _database.ReadAsync(
            session => session.QueryAsync<string>($"SELECT name FROM item WHERE {session.IsOneOf("id", "ids")}", new { ids = new List<long> { 1, 2, 3 } }), Ct);
        Assert.Equal(["yes"], found);
    }

    [Fact]
    public async Task Disposal_finishes_the_accepted_writes_and_refuses_new_ones()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var gate = new ManualResetEventSlim();
        var database = _data.Open();
        var first = database.WriteAsync(
            session =>
            {
                begun.SetResult();
                gate.Wait(Ct);
                return session.ExecuteAsync("INSERT INTO item (id) VALUES (1)");
            },
            Ct);
        await begun.Task;
        var disposal = database.DisposeAsync();
        gate.Set();
        await disposal;

        await first;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (3)"), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT 1"), Ct));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await database.ReadRowAsync(IdByEid, Key(1), Ct));
        Assert.Equal([1], await IdsAsync());
    }

    [Fact]
    public async Task A_schema_is_compared_with_the_files_and_upgraded_once_by_all_who_start_together()
    {
        var more = new SchemaScripts(("0001_item.sql", "-"), ("0002_colour.sql", "ALTER TABLE item ADD COLUMN colour TEXT;"));
        var older = new SchemaScripts();
        Assert.Equal((1, 1, 0), Counts(_database.Schema(more)));

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                await using var node = _data.Open();
                return node.Upgrade(more);
            },
            Ct)));

        Assert.Equal(1, applied.Sum());
        Assert.Equal((2, 0, 0), Counts(_database.Schema(more)));
        Assert.Equal((0, 0, 2), Counts(_database.Schema(older)));
        Assert.True(_database.Schema(older).IsUsable);
    }

    [Fact]
    public void A_schema_file_that_fails_is_named_and_leaves_nothing()
    {
        var broken = new SchemaScripts(("0001_item.sql", "-"), ("0002_good.sql", "CREATE TABLE good (id INTEGER);"), ("0003_bad.sql", "CREATE TABEL bad (id INTEGER);"));
        var error = Assert.Throws<StorageException>(() => _database.Upgrade(broken));
        Assert.Contains("0003_bad.sql", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 2, 0), Counts(_database.Schema(broken)));
    }

    private static (int Applied, int Missing, int Newer) Counts(SchemaState state) => (state.Applied.Count, state.Missing.Count, state.Newer.Count);

    private static byte[] Key(long id)
    {
        var key = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(8), id);
        return key;
    }

    private Task<int> InsertAsync(long id) => _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (@id)", new { id }), Ct);

    private async Task<IReadOnlyList<long>> IdsAsync()
    {
        await using var database = _data.Open();
        return await database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM item ORDER BY id"), Ct);
    }

    private sealed record Item
    {
        public long Id { get; init; }

        public string? Name { get; init; }

        public byte[]? Eid { get; init; }
    }
}

public sealed class DatabaseContractOnSqlite() : DatabaseContract(DbEngine.Sqlite);

public sealed class DatabaseContractOnPostgres() : DatabaseContract(DbEngine.Postgres);
