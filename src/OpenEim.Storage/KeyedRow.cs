using System.Data.Common;
using SQLitePCL;

namespace OpenEim.Storage;

/// <summary>The row that a <see cref="RowByKey{T}"/> has found; columns are counted from 0.</summary>
public readonly ref struct KeyedRow
{
    private readonly sqlite3_stmt? _statement;
    private readonly DbDataReader? _reader;

    internal KeyedRow(sqlite3_stmt statement) => _statement = statement;

    /// <summary>A row whose first column is the key.</summary>
    internal KeyedRow(DbDataReader reader) => _reader = reader;

    /// <summary>Whether the column is NULL.</summary>
    public bool IsDBNull(int column) => _reader?.IsDBNull(column + 1) ?? raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>A whole number.</summary>
    public long GetInt64(int column) => _reader?.GetInt64(column + 1) ?? raw.sqlite3_column_int64(_statement, column);

    /// <summary>Bytes, copied.</summary>
    public byte[] GetBytes(int column) => _reader?.GetFieldValue<byte[]>(column + 1) ?? raw.sqlite3_column_blob(_statement, column).ToArray();

    /// <summary>A text.</summary>
    public string GetString(int column) => _reader?.GetString(column + 1) ?? raw.sqlite3_column_text(_statement, column).utf8_to_string();
}

/// <summary>Copies what it needs out of the row.</summary>
public delegate T RowMap<out T>(KeyedRow row);
