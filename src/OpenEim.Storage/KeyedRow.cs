using System.Data.Common;
using SQLitePCL;

namespace OpenEim.Storage;

/// <summary>The row that a <see cref="RowByKey{T}"/> has found, whatever the engine; columns are counted from 0.</summary>
public readonly ref struct KeyedRow
{
    private readonly sqlite3_stmt? _statement;
    private readonly DbDataReader? _reader;

    internal KeyedRow(sqlite3_stmt statement) => _statement = statement;

    internal KeyedRow(DbDataReader reader) => _reader = reader;

    /// <summary>Whether the column is NULL.</summary>
    public bool IsDBNull(int column) => _statement is { } statement
        ? raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL
        : _reader!.IsDBNull(column);

    /// <summary>A whole number.</summary>
    public long GetInt64(int column) => _statement is { } statement ? raw.sqlite3_column_int64(statement, column) : _reader!.GetInt64(column);

    /// <summary>A text.</summary>
    public string GetString(int column) =>
        _statement is { } statement ? raw.sqlite3_column_text(statement, column).utf8_to_string() : _reader!.GetString(column);
}

/// <summary>Copies what it needs out of the row.</summary>
public delegate T RowMap<out T>(KeyedRow row);
