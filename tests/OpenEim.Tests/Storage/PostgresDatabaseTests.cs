using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Npgsql;
using OpenEim.Storage;
using OpenEim.Tests.Packages;

namespace OpenEim.Tests.Storage;

/// <summary>What only PostgreSQL has: other processes, deadlocks, roles, and a server that can die.</summary>
public sealed class PostgresDatabaseTests : IAsyncDisposable
{
    private readonly TestDatabase _data = TestDatabase.Create(DbEngine.Postgres, SchemaScripts.Items);
    private readonly Database _database;

    public PostgresDatabaseTests() => _database = _data.Open();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task A_row_made_by_another_node_meanwhile_is_found_when_the_write_is_run_again()
    {
        await using var other = _data.Open();
        var runs = 0;
        var found = await _database.WriteAsync(
            async session =>
            {
                runs++;
                if (await session.ExecuteScalarAsync<string>("SELECT name FROM item WHERE id = 1") is { } name)
                {
                    return name;
                }

                await other.WriteAsync(inner => inner.ExecuteAsync("INSERT INTO item (id, name) VALUES (1, 'theirs') ON CONFLICT DO NOTHING"), Ct);
                await session.ExecuteAsync("INSERT INTO item (id, name) VALUES (1, 'ours')");
                return "ours";
            },
            Ct);

        Assert.Equal(("theirs", 2), (found, runs));
    }

    [Fact]
    public async Task Of_two_writes_that_wait_for_each_other_both_succeed()
    {
        await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, name) VALUES (1, ''), (2, '')"), Ct);
        var bothHold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holding = 0;
        async Task LockAsync(long first, long second) => await _database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE item SET name = name || 'x' WHERE id = @first", new { first });
                if (Interlocked.Increment(ref holding) == 2)
                {
                    bothHold.SetResult();
                }

                await bothHold.Task;
                await session.ExecuteAsync("UPDATE item SET name = name || 'x' WHERE id = @second", new { second });
            },
            Ct);

        await Task.WhenAll(LockAsync(1, 2), LockAsync(2, 1));
        Assert.Equal(["xx", "xx"], await _database.ReadAsync(session => session.QueryAsync<string>("SELECT name FROM item ORDER BY id"), Ct));
    }

    [Fact]
    public async Task A_server_that_dies_is_unavailable_until_it_is_back_and_then_nothing_acknowledged_is_lost()
    {
        await using var server = await PostgresServer.StartAsync(durable: true);
        using var meter = new StorageMeter(this);
        using var failures = new FailureCount(this);
        await using var database = Database.Open(await server.CreateDatabaseAsync(), new DatabaseOptions { Meter = meter });
        database.Upgrade(SchemaScripts.Items);
        var row = new RowByKey<long>("item", "eid", "id", found => found.GetInt64(0));
        await database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, eid) VALUES (1, '\\x01')"), Ct);
        Assert.Equal(1, await database.ReadRowAsync(row, new byte[] { 1 }, Ct));

        await server.KillAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (2)"), Ct));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT 1"), Ct));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await database.ReadRowAsync(row, new byte[] { 1 }, Ct));
        Assert.Equal(["write", "read", "read"], failures.Operations);

        await server.StartAsync();
        Assert.Equal(1, await database.ReadRowAsync(row, new byte[] { 1 }, Ct));
        await database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (3)"), Ct);
        Assert.Equal([1, 3], await database.ReadAsync(session => session.QueryAsync<long>("SELECT id FROM item ORDER BY id"), Ct));
    }

    [Fact]
    public async Task A_server_that_restarts_between_two_uses_is_not_noticed()
    {
        await using var server = await PostgresServer.StartAsync(durable: true);
        await using var database = Database.Open(await server.CreateDatabaseAsync());
        database.Upgrade(SchemaScripts.Items);
        await Task.WhenAll(Enumerable.Range(1, 12).Select(id => database.WriteAsync(
            session => session.ExecuteAsync("INSERT INTO item (id) VALUES (@id)", new { id }), Ct)));

        await server.KillAsync();
        await server.StartAsync();

        // Every connection that was kept is dead; a write that had not begun to commit is run again on a new one.
        await Task.WhenAll(Enumerable.Range(13, 12).Select(id => database.WriteAsync(
            session => session.ExecuteAsync("INSERT INTO item (id) VALUES (@id)", new { id }), Ct)));
        Assert.Equal(24, await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM item"), Ct));
    }

    [Fact]
    public async Task A_role_that_serves_reads_and_writes_and_cannot_change_the_schema()
    {
        var server = await PostgresServer.SharedAsync();
        await server.ExecuteAsync("DO $$ BEGIN CREATE ROLE \"App 1\" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        _database.GrantTo("App 1");
        _database.Upgrade(new SchemaScripts(("0001_item.sql", "-"), ("0002_later.sql", "CREATE TABLE later (id INTEGER);")));

        await using var app = Database.Open(new NpgsqlConnectionStringBuilder(_data.ConnectionString) { Username = "App 1" }.ConnectionString);
        await app.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (1)"), Ct);
        await app.WriteAsync(session => session.ExecuteAsync("INSERT INTO later (id) VALUES (1)"), Ct);
        Assert.True(app.Schema(SchemaScripts.Items).IsUsable);
        foreach (var forbidden in new[] { "CREATE TABLE mine (id bigint)", "ALTER TABLE item ADD COLUMN x text", "DROP TABLE item", "DELETE FROM schemaversions" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => app.WriteAsync(session => session.ExecuteAsync(forbidden), Ct));
            Assert.Equal("42501", refused.SqlState);
        }
    }

    [Fact]
    public async Task An_upgrade_waits_for_those_who_use_the_tables_without_stopping_those_behind_it()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = _database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO item (id) VALUES (1)");
                held.SetResult();
                await release.Task;
            },
            Ct);
        await held.Task;

        using var log = new LogCollector();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        await using var owner = _data.Open(new DatabaseOptions { LoggerFactory = loggers });
        var upgrade = Task.Run(() => owner.Upgrade(new SchemaScripts(("0001_item.sql", "-"), ("0002_colour.sql", "ALTER TABLE item ADD COLUMN colour TEXT;"))), Ct);
        var id = 1;
        while (!log.Lines.Any(line => line.Contains("waits for those who use its tables", StringComparison.Ordinal)))
        {
            id++;
            await _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (@id)", new { id }), Ct);
        }

        Assert.False(upgrade.IsCompleted);
        release.SetResult();
        await slow;
        Assert.Equal(1, await upgrade);
        Assert.Equal(id, await _database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM item WHERE colour IS NULL"), Ct));
    }

    [Fact]
    public void Another_programs_database_is_left_alone()
    {
        var error = Assert.Throws<StorageException>(() => _database.Upgrade(typeof(OpenEim.Manager.Eim).Assembly));
        Assert.Contains("another program", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://{0}@127.0.0.1:{1}/{2}")]
    [InlineData("postgresql://{0}@127.0.0.1:{1}/{2}?sslmode=disable&Maximum%20Pool%20Size=6")]
    [InlineData("Server=127.0.0.1;Port={1};User Id={0};Database={2};Maximum Pool Size=4")]
    public async Task Connection_strings_have_two_forms(string form)
    {
        var parts = new NpgsqlConnectionStringBuilder(_data.ConnectionString);
        await using var database = Database.Open(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, parts.Username, parts.Port, parts.Database));
        Assert.Equal(DbEngine.Postgres, database.Engine);
        Assert.Equal($"{parts.Database} on 127.0.0.1:{parts.Port}", database.Name);
        Assert.Equal(0, await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM item"), Ct));
    }

    [Fact]
    public async Task Messages_never_hold_the_password()
    {
        await using var database = Database.Open("Host=127.0.0.1;Port=1;Username=a;Password=secretword;Database=b");
        var error = Assert.Throws<StorageException>(() => database.Schema(SchemaScripts.Items));
        Assert.DoesNotContain("secretword", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("b on 127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backup_names_the_tools_that_make_it() =>
        Assert.Contains("pg_dump", Assert.Throws<StorageException>(() => { _ = _database.BackupAsync("x", Ct); }).Message, StringComparison.Ordinal);

    /// <summary>What one meter has counted as failures of the database, in their order.</summary>
    private sealed class FailureCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<string> _operations = new();

        public FailureCount(object scope)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "openeim.storage.failures" && instrument.Meter.Scope == scope)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _operations.Enqueue((string)tags[0].Value!));
            _listener.Start();
        }

        public IEnumerable<string> Operations => _operations;

        public void Dispose() => _listener.Dispose();
    }
}
