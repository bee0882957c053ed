using System.Reflection;
using OpenEim.Manager;
using OpenEim.Smdp;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>The upgrade scripts of the two engines lead to the same schema. The differences that are meant stand here, each with its reason.</summary>
public sealed class SameSchemaTests
{
    private static readonly Meant Journal = new("table SchemaVersions", "table schemaversions", "dbup makes its journal by itself.");

    private static readonly Meant[] OfTheEim =
    [
        Journal,
        new(
            "exchange: primary key (eid, transaction_id)",
            "exchange: primary key (eid, transaction_id, created)",
            "PostgreSQL partitions the table by its time, and there the key of a table must name what partitions it."),
    ];

    private static readonly Meant[] OfTheSmdp =
    [
        Journal,
        new(
            "profile: column iccid text, may be null",
            "profile: column iccid text",
            "No statement writes null. To forbid it, SQLite would have to copy every package in stock."),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_eIM_has_the_same_tables_columns_keys_and_indexes_on_both_engines() => await AssertSameAsync(typeof(Eim).Assembly, OfTheEim);

    [Fact]
    public async Task The_SM_DP_plus_has_the_same_tables_columns_keys_and_indexes_on_both_engines() => await AssertSameAsync(typeof(SmdpHost).Assembly, OfTheSmdp);

    [Fact]
    public async Task A_table_a_column_a_key_and_an_index_that_one_engine_lacks_are_named()
    {
        var sqlite = await ReadAsync(DbEngine.Sqlite, new SchemaScripts(("0001_item.sql", """
            CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, eid BLOB NOT NULL, state INTEGER);
            CREATE UNIQUE INDEX item_by_eid ON item (eid, state DESC) WHERE state = 1;
            CREATE TABLE part (id INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (item, id));
            CREATE TABLE price (item INTEGER PRIMARY KEY, euros INTEGER);
            """)));
        var postgres = await ReadAsync(DbEngine.Postgres, new SchemaScripts(("0001_item.sql", """
            CREATE TABLE item (id INTEGER PRIMARY KEY, name BLOB, eid BLOB);
            ALTER TABLE item ADD COLUMN state INTEGER;
            CREATE TABLE part (item INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (id, item));
            CREATE INDEX item_by_eid ON item (eid, state DESC) WHERE state = 2;
            """)));

        Assert.Equal(
            [
                "PostgreSQL: item: column eid blob, may be null",
                "PostgreSQL: item: column name blob, may be null",
                "PostgreSQL: item: index item_by_eid (eid, state DESC) where state = 2",
                "PostgreSQL: part: primary key (id, item)",
                "SQLite: item: column eid blob",
                "SQLite: item: column name text, may be null",
                "SQLite: item: unique constraint (name)",
                "SQLite: item: unique index item_by_eid (eid, state DESC) where state = 1",
                "SQLite: part: primary key (item, id)",
                "SQLite: table price",
            ],
            Differences(sqlite, postgres).Except(Journal.Differences));
    }

    private static async Task AssertSameAsync(Assembly schema, Meant[] meant)
    {
        var found = Differences(await ReadAsync(DbEngine.Sqlite, schema), await ReadAsync(DbEngine.Postgres, schema));
        var listed = meant.SelectMany(one => one.Differences).ToList();

        string[] wrong = [.. found.Except(listed).Select(line => $"only in {line}"), .. listed.Except(found).Select(line => $"listed, and no longer so: {line}")];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(DbEngine engine, Assembly schema)
    {
        await using var data = await TestDatabase.CreateAsync(engine, schema);
        await using var database = data.Open();
        return await SchemaLines.ReadAsync(database, Ct);
    }

    private static IReadOnlyList<string> Differences(IReadOnlyList<string> sqlite, IReadOnlyList<string> postgres) =>
    [
        .. OnlyIn(sqlite, postgres).Select(line => "SQLite: " + line)
            .Concat(OnlyIn(postgres, sqlite).Select(line => "PostgreSQL: " + line)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Of a table that the other lacks as a whole, no more than its name.</summary>
    private static IEnumerable<string> OnlyIn(IReadOnlyList<string> these, IReadOnlyList<string> others)
    {
        var lines = these.Except(others).ToList();
        return lines.Where(line => !lines.Contains("table " + line.Split(':')[0]));
    }

    /// <summary>A difference that is meant.</summary>
    /// <param name="Sqlite">What only SQLite has.</param>
    /// <param name="Postgres">What PostgreSQL has instead.</param>
    /// <param name="Reason">Why.</param>
    private sealed record Meant(string Sqlite, string Postgres, string Reason)
    {
        public IEnumerable<string> Differences => ["SQLite: " + Sqlite, "PostgreSQL: " + Postgres];
    }
}
