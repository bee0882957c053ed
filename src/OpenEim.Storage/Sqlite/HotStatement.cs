using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>A statement with one binary key that finds one row.</summary>
internal sealed class HotStatement(sqlite3 connection, string sql) : RawStatement(connection, sql)
{
    public T? Read<T>(ReadOnlySpan<byte> key, RowMap<T> map)
        where T : struct
    {
        // An empty span would be bound as NULL, which equals no key either.
        Check(raw.sqlite3_bind_blob(Statement, 1, key));
        try
        {
            var result = raw.sqlite3_step(Statement);
            if (result == raw.SQLITE_ROW)
            {
                return map(new KeyedRow(Statement));
            }

            Check(result);
            return null;
        }
        finally
        {
            Reset();
        }
    }
}
