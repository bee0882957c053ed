using OpenEim.Manager;
using OpenEim.Manager.Nodes;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>
/// What is asked of Citus. Citus itself is not on this machine: functions with its names and signatures write down the calls, so that
/// this shows what is asked and not that Citus does it.
/// </summary>
public sealed class DistributionTests
{
    private const string Recorder = """
        CREATE TABLE call (n bigint GENERATED ALWAYS AS IDENTITY, what text);
        CREATE TABLE pg_dist_partition (logicalrelid regclass);
        CREATE FUNCTION create_distributed_function(f regprocedure) RETURNS void LANGUAGE sql AS $$ INSERT INTO call (what) VALUES ('function ' || f) $$;
        CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql
            AS $$ INSERT INTO call (what) VALUES ('whole ' || t); INSERT INTO pg_dist_partition VALUES (t) $$;
        CREATE FUNCTION create_distributed_table(t regclass, c text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default') RETURNS void LANGUAGE sql
            AS $$ INSERT INTO call (what) VALUES (t || ' by ' || c || ' beside ' || colocate_with); INSERT INTO pg_dist_partition VALUES (t) $$;
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_table_is_distributed_once_and_those_of_devices_lie_beside_each_other()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres, typeof(Eim).Assembly);
        await (await PostgresServer.SharedAsync()).ExecuteAsync(Recorder, data.DatabaseName);
        await using var database = data.Open();
        await new RandomFleet(database, 1).RegisterAsync(10);
        var told = new List<string>();

        var count = await new Distribution(database).RunAsync(told.Add, Ct);
        Assert.Equal(0, await new Distribution(database).RunAsync(told.Add, Ct));

        var calls = await database.ReadAsync(session => session.QueryAsync<string>("SELECT what FROM call WHERE what NOT LIKE 'function%' ORDER BY n"), Ct);
        var tables = await database.ReadAsync(
            session => session.QueryAsync<string>(
                """
                SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
                  AND relname NOT IN ('call', 'pg_dist_partition', 'schemaversions')
                """),
            Ct);
        Assert.Equal(tables.Order(), told.Order());
        Assert.Equal(0, await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), Ct));
        Assert.Empty(await BlockCounts.KeptAsync(database));
        Assert.Equal((count, count), (calls.Count, told.Count));
        Assert.Equal(
            ["euicc by eid beside none", "contact by eid beside euicc", "euicc_data by eid beside euicc", "unreadable by eid beside euicc",
             "euicc_past by eid beside euicc", "profile by eid beside euicc",
             "notification by eid beside euicc", "operation by eid beside euicc", "exchange by eid beside euicc"],
            calls.Where(call => call.Contains(" by eid ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Database_without_Citus_is_left_as_it_is()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres, typeof(Eim).Assembly);
        await using var database = data.Open();
        var error = await Assert.ThrowsAsync<StorageException>(() => new Distribution(database).RunAsync(_ => { }, Ct));
        Assert.Contains("citus", error.Message, StringComparison.Ordinal);
    }
}
