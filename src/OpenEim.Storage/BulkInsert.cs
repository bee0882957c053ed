using System.Data;

namespace OpenEim.Storage;

/// <summary>The columns of a bulk write, in their order: where each value goes, and where it comes from.</summary>
public sealed class BulkColumns<T>
{
    private readonly List<BulkColumn<T>> _columns = [];

    internal IReadOnlyList<BulkColumn<T>> All => _columns;

    /// <summary>As they stand behind a table's name.</summary>
    internal string Names => string.Join(", ", _columns.Select(column => column.Name));

    /// <summary>A parameter for each, in the same order.</summary>
    internal string Parameters => string.Join(", ", _columns.Select(column => "@" + column.Name));

    /// <summary>A whole number.</summary>
    public BulkColumns<T> Whole(string name, Func<T, long?> value) => Add(name, DbType.Int64, row => value(row));

    /// <summary>A text.</summary>
    public BulkColumns<T> Text(string name, Func<T, string?> value) => Add(name, DbType.String, value);

    /// <summary>Bytes.</summary>
    public BulkColumns<T> Bytes(string name, Func<T, byte[]?> value) => Add(name, DbType.Binary, value);

    private BulkColumns<T> Add(string name, DbType type, Func<T, object?> value)
    {
        _columns.Add(new BulkColumn<T>(name, type, value));
        return this;
    }
}

/// <summary>Inserts many rows at once: <c>COPY</c> on PostgreSQL, one prepared statement on SQLite. Keep it in a static field.</summary>
public sealed class BulkInsert<T>(string table, BulkColumns<T> columns)
{
    internal IReadOnlyList<BulkColumn<T>> Columns { get; } = columns.All;

    internal string Copy { get; } = $"COPY {table} ({columns.Names}) FROM STDIN (FORMAT BINARY)";

    internal string Insert { get; } = $"INSERT INTO {table} ({columns.Names}) VALUES ({columns.Parameters})";
}

/// <summary>
/// Inserts many rows, or does something else about those that are there: one statement for all of them on PostgreSQL, one prepared
/// statement on SQLite. Keep it in a static field.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="columns">Its columns.</param>
/// <param name="conflict">What follows the rows: <c>ON CONFLICT …</c>.</param>
public sealed class BulkUpsert<T>(string table, BulkColumns<T> columns, string conflict)
{
    internal IReadOnlyList<BulkColumn<T>> Columns { get; } = columns.All;

    internal string OneRow { get; } = new BulkInsert<T>(table, columns).Insert + " " + conflict;

    /// <summary>Its parameters are arrays.</summary>
    internal string ManyRows { get; } = $"INSERT INTO {table} ({columns.Names}) SELECT * FROM unnest({columns.Parameters}) {conflict}";
}

internal readonly record struct BulkColumn<T>(string Name, DbType Type, Func<T, object?> Value);
