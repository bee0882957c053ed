using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>A statement that is bound and run for each row.</summary>
internal sealed class SqliteBulk(sqlite3 connection, string sql) : RawStatement(connection, sql)
{
    /// <summary>Runs it for each row. The columns are the statement's parameters, in their order.</summary>
    public void Run<T>(IReadOnlyList<BulkColumn<T>> columns, IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                Bind(i + 1, columns[i].Value(row));
            }

            Run();
        }
    }

    private void Bind(int index, object? value) => Check(
        value switch
        {
            null => raw.sqlite3_bind_null(Statement, index),
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(Statement, index, 0),
            byte[] bytes => raw.sqlite3_bind_blob(Statement, index, bytes),
            string text => raw.sqlite3_bind_text(Statement, index, text),
            long number => raw.sqlite3_bind_int64(Statement, index, number),
            _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "bulk columns are whole numbers, texts or bytes"),
        });
}
