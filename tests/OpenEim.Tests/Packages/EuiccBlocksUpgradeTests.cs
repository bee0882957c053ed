using System.Reflection;
using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>The counts of blocks of ids come to databases that are in use.</summary>
public abstract class EuiccBlocksUpgradeTests(DbEngine engine)
{
    protected static readonly Assembly Schema = typeof(Eim).Assembly;
    protected static readonly Assembly Before = new OlderSchema(Schema, "_blocks.sql");

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_registered_already_is_counted_and_what_comes_too()
    {
        await using var data = await TestDatabase.CreateAsync(engine);
        await using var database = data.Open();
        var fleet = new RandomFleet(database, 1);
        await FillOlderAsync(database, fleet);

        Assert.Equal(1, database.Upgrade(Schema));

        await BlockCounts.AssertKeptAsync(database);
        await AssertListedAsync(database, fleet);
        await ChangeAsync(fleet);
        await BlockCounts.AssertKeptAsync(database);
        await AssertListedAsync(database, fleet);
    }

    /// <summary>Makes a database as the version before left it.</summary>
    private protected abstract Task FillOlderAsync(Database database, RandomFleet fleet);

    private protected static async Task ChangeAsync(RandomFleet fleet)
    {
        for (var round = 0; round < 4; round++)
        {
            await fleet.RegisterAsync(400);
            for (var i = 0; i < 10; i++)
            {
                await fleet.ChangeAsync();
                await fleet.RemoveAsync();
            }
        }
    }

    /// <summary>Pages all over the lists by type.</summary>
    private protected static async Task AssertListedAsync(Database database, RandomFleet fleet)
    {
        var directory = new EuiccDirectory(database, TimeProvider.System, "eim.test", _ => null);
        foreach (var type in RandomFleet.Types)
        {
            var ids = fleet.Members.Where(member => member.Value.Organisation == 1 && member.Value.Type == type).Select(member => member.Key).ToList();
            for (var number = 1; number <= (ids.Count + 9) / 10; number += 5)
            {
                var page = await directory.ListAsync(1, $"supported_profile_type:{type}", null, new PageRequest(number, 10), Ct);
                Assert.Equal(ids.Count, page.Total);
                Assert.Equal(ids.Skip((number - 1) * 10).Take(10), page.Items.Select(item => item.Id));
            }
        }
    }
}

public sealed class EuiccBlocksUpgradeTestsOnSqlite() : EuiccBlocksUpgradeTests(DbEngine.Sqlite)
{
    // The manager of this version registers into its own schema only, so that is taken back.
    private static readonly string[] TakeBack =
    [
        "DROP TRIGGER euicc_removed", "DROP TRIGGER euicc_moved", "DROP TABLE euicc_block", "DELETE FROM SchemaVersions WHERE ScriptName LIKE '%_blocks.sql'",
    ];

    private protected override async Task FillOlderAsync(Database database, RandomFleet fleet)
    {
        database.Upgrade(Schema);
        await ChangeAsync(fleet);
        foreach (var statement in TakeBack)
        {
            await database.WriteAsync(session => session.ExecuteAsync(statement), Ct);
        }
    }
}

public sealed class EuiccBlocksUpgradeTestsOnPostgres() : EuiccBlocksUpgradeTests(DbEngine.Postgres)
{
    private protected override Task FillOlderAsync(Database database, RandomFleet fleet)
    {
        database.Upgrade(Before);
        return ChangeAsync(fleet);
    }

    [Fact]
    public async Task Nodes_of_the_version_before_register_and_remove_while_the_schema_is_upgraded()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres);
        await using var database = data.Open();
        database.Upgrade(Before);
        var fleets = Enumerable.Range(1, 2).Select(seed => new RandomFleet(database, seed)).ToList();
        await Task.WhenAll(fleets.Select(ChangeAsync));
        using var enough = new CancellationTokenSource();
        var rounds = 0;
        var writers = fleets.Select(fleet => Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await fleet.RegisterAsync(20);
                    await fleet.ChangeAsync();
                    await fleet.RemoveAsync();
                    Interlocked.Increment(ref rounds);
                }
            },
            Ct)).ToList();

        await RoundsAsync(20);
        await Task.Run(() => database.Upgrade(Schema), Ct);
        await RoundsAsync(20);
        await enough.CancelAsync();
        await Task.WhenAll(writers);

        await BlockCounts.AssertKeptAsync(database);

        async Task RoundsAsync(int more)
        {
            for (var until = Volatile.Read(ref rounds) + more; Volatile.Read(ref rounds) < until && !writers.Exists(writer => writer.IsCompleted);)
            {
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_role_that_was_granted_no_more_than_the_tables_of_before_still_registers()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres);
        await using var database = data.Open();
        database.Upgrade(Before);
        var server = await PostgresServer.SharedAsync();
        var role = $"old_{data.DatabaseName}";
        await server.ExecuteAsync($"CREATE ROLE {role} LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}", data.DatabaseName);
        database.Upgrade(Schema);
        await using (var narrow = Database.Open(server.ConnectionString(data.DatabaseName, role)))
        {
            await ChangeAsync(new RandomFleet(narrow, 1));
        }

        await BlockCounts.AssertKeptAsync(database);
        await server.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}", data.DatabaseName);
    }

    [Fact]
    public async Task A_distributed_database_keeps_none_and_its_lists_are_counted_and_walked()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres);
        await using var database = data.Open();
        database.Upgrade(Before);

        // As Citus writes it down.
        await (await PostgresServer.SharedAsync()).ExecuteAsync(
            "CREATE TABLE pg_dist_partition (logicalrelid regclass); INSERT INTO pg_dist_partition VALUES ('euicc')", data.DatabaseName);
        database.Upgrade(Schema);
        var fleet = new RandomFleet(database, 1);
        await ChangeAsync(fleet);

        Assert.Empty(await BlockCounts.KeptAsync(database));
        await AssertListedAsync(database, fleet);
        var first = await new EuiccDirectory(database, TimeProvider.System, "eim.test", _ => null).ListAsync(1, null, null, new PageRequest(1, 1), Ct);
        Assert.Equal(fleet.Members.Values.Count(euicc => euicc.Organisation == 1), first.Total);
    }
}
