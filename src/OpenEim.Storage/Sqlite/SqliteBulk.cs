using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>A prepared statement that is bound and run for each row, on SQLite itself: a driver's parameters cost more than the row.</summary>
internal sealed class SqliteBulk : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public SqliteBulk(sqlite3 connection, string sql)
    {
        _connection = connection;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection, sql, out _statement), connection);
    }

    /// <summary>Runs it for each row. The columns are the statement's parameters, in their order.</summary>
    public void Run<T>(IReadOnlyList<BulkColumn<T>> columns, IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                Bind(i + 1, columns[i].Value(row));
            }

            var result = raw.sqlite3_step(_statement);

            // Tells again what the step told.
            _ = raw.sqlite3_reset(_statement);
            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, _connection);
            }
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(int index, object? value) => SqliteException.ThrowExceptionForRC(
        value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, index, 0),
            byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
            string text => raw.sqlite3_bind_text(_statement, index, text),
            long number => raw.sqlite3_bind_int64(_statement, index, number),
            _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "bulk columns are whole numbers, texts or bytes"),
        },
        _connection);
}
