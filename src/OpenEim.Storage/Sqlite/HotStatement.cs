using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>A prepared statement with one binary key, run on SQLite itself: a data reader costs more than the read.</summary>
internal sealed class HotStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public HotStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection, sql, out _statement), connection);
    }

    public T? Read<T>(ReadOnlySpan<byte> key, RowMap<T> map)
        where T : struct
    {
        // An empty span would be bound as NULL, which equals no key either.
        SqliteException.ThrowExceptionForRC(raw.sqlite3_bind_blob(_statement, 1, key), _connection);
        try
        {
            var result = raw.sqlite3_step(_statement);
            if (result == raw.SQLITE_ROW)
            {
                return map(new KeyedRow(_statement));
            }

            SqliteException.ThrowExceptionForRC(result, _connection);
            return null;
        }
        finally
        {
            // Tells again what the step told.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();
}
