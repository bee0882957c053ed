using OpenEim.Manager;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>"EID first": what lets the schema be distributed by EID with nothing rewritten.</summary>
public sealed class SchemaTests
{
    // Named by the SM-DP+'s transaction id, and by the organisation: docs/decisions/0003 and 0005.
    private static readonly string[] NotByDevice = ["relay", "stock_profile"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_key_and_unique_index_of_a_devices_table_names_its_EID_and_none_refers_to_another_table()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres, typeof(Eim).Assembly);
        await using var database = data.Open();
        var tables = await database.ReadAsync(
            session => session.QueryAsync<string>(
                """
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'eid'
                WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
                """),
            Ct);
        Assert.Equal(["contact", "euicc", "euicc_data", "euicc_past", "exchange", "notification", "operation", "profile", "unreadable"], tables.Except(NotByDevice));

        var unique = await database.ReadAsync(
            session => session.QueryAsync<UniqueIndex>(
                """
                SELECT t.relname AS "table", i.indisprimary::int AS is_primary,
                       (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
                        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) AS columns
                FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
                WHERE i.indisunique AND t.relname = ANY(@tables)
                """,
                new { tables = tables.Except(NotByDevice).ToList() }),
            Ct);
        Assert.Equal(9, unique.Count(index => index.IsPrimary));
        Assert.All(unique, index => Assert.Equal("eid", index.Columns.Split(',')[0]));
        Assert.Equal(0, await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"), Ct));
    }

    private sealed record UniqueIndex
    {
        public required string Table { get; init; }

        public bool IsPrimary { get; init; }

        public required string Columns { get; init; }
    }
}
