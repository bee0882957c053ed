using Microsoft.Data.Sqlite;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>Reads and writes against a real file.</summary>
public sealed class DatabaseTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Database _database;

    public DatabaseTests()
    {
        _database = Database.Open(_folder.File("data.db"));
        _database.Upgrade(SchemaScripts.Items);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Writes_that_wait_together_are_committed_together()
    {
        using var gate = new ManualResetEventSlim();
        var first = await BlockedAsync(gate);
        var before = _database.Statistics;
        var others = Enumerable.Range(2, 100).Select(id => Insert(_database, id)).ToList();
        gate.Set();
        await Task.WhenAll([first.Commit, .. others]);

        var after = _database.Statistics;
        Assert.Equal(101, after.Writes - before.Writes);
        Assert.Equal(2, after.Commits - before.Commits);
        Assert.Equal(101, await CountAsync(_database));
    }

    [Fact]
    public async Task A_write_that_throws_is_undone_alone()
    {
        using var gate = new ManualResetEventSlim();
        var first = await BlockedAsync(gate);
        var good = Insert(_database, 2);
        var bad = _database.WriteAsync<int>(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO item (id) VALUES (3)");
                throw new InvalidDataException("no");
            },
            Ct);
        var duplicate = Insert(_database, 2);
        var last = Insert(_database, 4);
        gate.Set();
        await Task.WhenAll(first.Commit, good, last);

        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidDataException>(() => bad)).Message);
        Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => duplicate)).SqliteErrorCode);
        Assert.Equal([1, 2, 4], await _database.ReadAsync(session => session.QueryAsync<int>("SELECT id FROM item ORDER BY id"), Ct));
        Assert.Equal(2, _database.Statistics.FailedWrites);
    }

    [Fact]
    public async Task When_the_transaction_is_lost_every_write_of_the_group_fails_and_the_next_works()
    {
        using var gate = new ManualResetEventSlim();
        var first = await BlockedAsync(gate);
        var innocent = Insert(_database, 2);
        var rude = _database.WriteAsync(async session => await session.ExecuteAsync("ROLLBACK"), Ct);
        var late = Insert(_database, 3);
        gate.Set();
        await first.Commit;

        foreach (var lost in new[] { innocent, rude, late })
        {
            await Assert.ThrowsAnyAsync<Exception>(() => lost);
        }

        await Insert(_database, 5);
        Assert.Equal([1, 5], await _database.ReadAsync(session => session.QueryAsync<int>("SELECT id FROM item ORDER BY id"), Ct));
    }

    [Fact]
    public async Task A_full_disk_fails_the_write_with_its_cause_and_the_next_works()
    {
        await _database.WriteAsync(session => session.ExecuteScalarAsync<long>("PRAGMA max_page_count=10"), Ct);
        var large = _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, eid) VALUES (1, zeroblob(1000000))"), Ct);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => large);
        Assert.Equal(13, ((error as SqliteException) ?? Assert.IsType<SqliteException>(error.InnerException)).SqliteErrorCode);
        await Insert(_database, 2);
        Assert.Equal(1, await CountAsync(_database));
    }

    [Fact]
    public async Task Readers_see_committed_data_only_and_do_not_wait_for_the_writer()
    {
        using var gate = new ManualResetEventSlim();
        var writing = await BlockedAsync(gate);

        Assert.Equal(0, await CountAsync(_database));
        gate.Set();
        await writing.Commit;
        Assert.Equal(1, await CountAsync(_database));
    }

    [Fact]
    public async Task All_queries_of_one_read_see_the_same_state()
    {
        var (before, after) = await _database.ReadAsync(
            async session =>
            {
                var first = await session.ExecuteScalarAsync<int>("SELECT count(*) FROM item");
                await Insert(_database, 1);
                return (first, await session.ExecuteScalarAsync<int>("SELECT count(*) FROM item"));
            },
            Ct);

        Assert.Equal((0, 0), (before, after));
        Assert.Equal(1, await CountAsync(_database));
    }

    [Fact]
    public async Task A_reader_cannot_write()
    {
        var error = await Assert.ThrowsAsync<SqliteException>(
            async () => await _database.ReadAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (1)"), Ct));
        Assert.Equal(8, error.SqliteErrorCode);
    }

    [Fact]
    public async Task A_write_canceled_before_its_turn_never_runs()
    {
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var first = await BlockedAsync(gate);
        var canceled = _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (2)"), cancel.Token);
        await cancel.CancelAsync();
        gate.Set();
        await first.Commit;

        await Assert.ThrowsAsync<TaskCanceledException>(() => canceled);
        Assert.Equal(1, await CountAsync(_database));
    }

    [Fact]
    public async Task A_write_inside_a_write_is_refused_instead_of_waiting_for_itself()
    {
        var nested = _database.WriteAsync(async _ => await Insert(_database, 1), Ct);
        await Assert.ThrowsAsync<InvalidOperationException>(() => nested);
    }

    [Fact]
    public async Task Disposal_finishes_the_accepted_writes_and_refuses_new_ones()
    {
        using var gate = new ManualResetEventSlim();
        var database = Database.Open(_folder.File("second.db"));
        database.Upgrade(SchemaScripts.Items);
        var first = database.WriteAsync(session => { gate.Wait(Ct); return session.ExecuteAsync("INSERT INTO item (id) VALUES (1)"); }, Ct);
        var second = Insert(database, 2);
        var disposal = database.DisposeAsync();
        gate.Set();
        await disposal;

        // Their writes are done; the callers hear of it on threads of their own, perhaps a moment after the disposal.
        await first;
        await second;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Insert(database, 3));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await CountAsync(database));
        Assert.False(File.Exists(_folder.File("second.db-wal")), "the log should have been folded into the data file");

        await using var reopened = Database.Open("Data Source=" + _folder.File("second.db"));
        Assert.Equal(2, await CountAsync(reopened));
    }

    [Fact]
    public async Task The_log_begins_anew_although_polls_look_at_every_commit()
    {
        var poll = new RowByKey<long>("item", "eid", "1", row => row.GetInt64(0));
        await _database.WriteAsync(session => session.ExecuteAsync("CREATE TABLE large (id INTEGER PRIMARY KEY, content BLOB)"), Ct);
        for (var i = 0; i < 64; i++)
        {
            await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO large (content) VALUES (zeroblob(2000000))"), Ct);
            await _database.ReadRowAsync(poll, new byte[16], Ct);
        }

        // 128 MB went through the log.
        Assert.InRange(new FileInfo(_folder.File("data.db-wal")).Length, 1, 45_000_000);
    }

    [Fact]
    public async Task A_backup_is_one_committed_state_for_its_owner_alone_and_never_overwrites_a_file()
    {
        await Task.WhenAll(Enumerable.Range(1, 50).Select(id => Insert(_database, id)));
        var file = _folder.File("backup/copy.db");
        await _database.BackupAsync(file, Ct);
        await Insert(_database, 51);

        await using var copy = Database.Open(file);
        Assert.Equal(50, await CountAsync(copy));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var error = await Assert.ThrowsAsync<StorageException>(() => _database.BackupAsync(file, Ct));
        Assert.Contains("is there already", error.Message, StringComparison.Ordinal);
        Assert.Equal(50, await CountAsync(copy));
    }

    [Fact]
    public async Task After_a_crash_every_acknowledged_write_is_there_and_no_other()
    {
        using var gate = new ManualResetEventSlim();
        await Task.WhenAll(Enumerable.Range(10, 50).Select(id => Insert(_database, id)));
        var unfinished = await BlockedAsync(gate);

        // What a killed process leaves behind: the files as they are now, with a transaction open.
        using var crashed = new TempFolder();
        File.Copy(_folder.File("data.db"), crashed.File("data.db"));
        File.Copy(_folder.File("data.db-wal"), crashed.File("data.db-wal"));
        gate.Set();
        await unfinished.Commit;

        await using var reopened = Database.Open(crashed.File("data.db"));
        Assert.Equal(0, reopened.Upgrade(SchemaScripts.Items));
        Assert.Equal(50, await CountAsync(reopened));
        await Insert(reopened, 1);
        Assert.Equal(51, await CountAsync(reopened));
    }

    private static Task<int> Insert(Database database, int id) =>
        database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (@id)", new { id }), Ct);

    private static ValueTask<int> CountAsync(Database database) =>
        database.ReadAsync(session => session.ExecuteScalarAsync<int>("SELECT count(*) FROM item"), Ct);

    /// <summary>A write of item 1 that has inserted its row, and commits when the gate is opened.</summary>
    private async Task<OpenWrite> BlockedAsync(ManualResetEventSlim gate)
    {
        var inserted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var commit = _database.WriteAsync(
            async session =>
            {
                var rows = await session.ExecuteAsync("INSERT INTO item (id) VALUES (1)");
                inserted.SetResult();
                gate.Wait(Ct);
                return rows;
            },
            Ct);
        await inserted.Task;
        return new OpenWrite(commit);
    }

    private sealed record OpenWrite(Task<int> Commit);
}
