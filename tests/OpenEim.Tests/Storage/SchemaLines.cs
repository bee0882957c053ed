using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>A database's schema in words that mean the same on both engines: one line for each table, column, key and index.</summary>
/// <remarks>
/// Defaults are left out: SQLite demands one for a column that is added, and PostgreSQL does not. So is the order of columns.
/// </remarks>
internal static class SchemaLines
{
    public static async Task<IReadOnlyList<string>> ReadAsync(Database database, CancellationToken ct)
    {
        var isSqlite = database.Engine == DbEngine.Sqlite;
        var columns = await database.ReadAsync(session => session.QueryAsync<Column>(isSqlite ? SqliteColumns : PostgresColumns), ct);
        var indexes = await database.ReadAsync(session => session.QueryAsync<Index>(isSqlite ? SqliteIndexes : PostgresIndexes), ct);
        return
        [
            .. columns.GroupBy(column => column.Table).SelectMany(table => LinesOf(table.Key, [.. table])),
            .. indexes.Select(LineOf),
        ];
    }

    private static IEnumerable<string> LinesOf(string table, IReadOnlyList<Column> columns)
    {
        var key = columns.Where(column => column.KeyPosition > 0).OrderBy(column => column.KeyPosition).Select(column => column.Name);
        return
        [
            $"table {table}",
            .. columns.Select(column => $"{table}: column {column.Name} {ClassOf(column.Type)}{(column.IsRequired ? "" : ", may be null")}"),
            $"{table}: primary key ({string.Join(", ", key)})",
        ];
    }

    private static string LineOf(Index index)
    {
        // A constraint's index has a name that the engine chose.
        var what = index.Name is null ? "unique constraint" : $"{(index.IsUnique ? "unique " : "")}index {index.Name}";

        // PostgreSQL writes conditions with more parentheses.
        var condition = index.Condition?.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal);
        return $"{index.Table}: {what} ({index.Columns}){(condition is null ? "" : " where " + condition)}";
    }

    /// <summary>What the type holds. Another type than these three keeps its own name, so that it differs.</summary>
    private static string ClassOf(string type) => type switch
    {
        "INTEGER" or "bigint" => "integer",
        "TEXT" or "text" => "text",
        "BLOB" or "bytea" => "blob",
        _ => type,
    };

    // A single key of type INTEGER is the row's number, which is never null, whatever the pragma says.
    private const string SqliteColumns = """
        SELECT t.name AS "table", c.name, c.type, c.pk AS key_position,
               c."notnull" OR (c.pk = 1 AND c.type = 'INTEGER' AND max(c.pk) OVER (PARTITION BY t.name) = 1) AS is_required
        FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY t.name, c.name
        """;

    private const string SqliteIndexes = """
        SELECT t.name AS "table", CASE i.origin WHEN 'c' THEN i.name END AS name, i."unique" AS is_unique,
               (SELECT group_concat(coalesce(x.name, '(expression)') || CASE x."desc" WHEN 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY x.seqno)
                FROM pragma_index_xinfo(i.name) x WHERE x.key = 1) AS columns,
               CASE i.partial WHEN 1 THEN substr(m.sql, instr(m.sql, ' WHERE ') + 7) END AS condition
        FROM sqlite_master t JOIN pragma_index_list(t.name) i LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = i.name
        WHERE t.type = 'table' AND i.origin <> 'pk' ORDER BY 1, 4
        """;

    // Partitions are left out: they are pieces of their table, which has the columns and indexes of them all.
    private const string PostgresColumns = """
        SELECT t.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull::int AS is_required,
               coalesce(array_position(k.conkey, a.attnum), 0) AS key_position
        FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p'
        WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 2
        """;

    // Columns that an index only includes are left out: SQLite's indexes hold the key of their table anyway.
    private const string PostgresIndexes = """
        SELECT t.relname AS "table", i.indisunique::int AS is_unique,
               CASE WHEN NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) THEN x.relname END AS name,
               (SELECT string_agg(coalesce(a.attname, '(expression)') || CASE i.indoption[c.n - 1] & 1 WHEN 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY c.n)
                FROM unnest(i.indkey) WITH ORDINALITY AS c (attnum, n) LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.attnum AND c.attnum > 0
                WHERE c.n <= i.indnkeyatts) AS columns,
               pg_get_expr(i.indpred, i.indrelid) AS condition
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
        WHERE NOT i.indisprimary AND NOT t.relispartition AND t.relnamespace = current_schema()::regnamespace ORDER BY 1, 4
        """;

    private sealed record Column
    {
        public required string Table { get; init; }

        public required string Name { get; init; }

        public required string Type { get; init; }

        public bool IsRequired { get; init; }

        /// <summary>From 1; 0 where it is not of the primary key.</summary>
        public long KeyPosition { get; init; }
    }

    private sealed record Index
    {
        public required string Table { get; init; }

        /// <summary>Null for the index of a constraint.</summary>
        public string? Name { get; init; }

        public bool IsUnique { get; init; }

        public required string Columns { get; init; }

        public string? Condition { get; init; }
    }
}
