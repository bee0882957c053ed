using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>One reader connection, used by one caller at a time.</summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private readonly PreparingConnection _preparing = new(connection);
    private HotStatement?[] _hot = [];

    public async ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read)
    {
        // Deferred: takes no lock, and gives all queries of one read the same snapshot.
        await using var transaction = connection.BeginTransaction(deferred: true);
        return await read(new DbSession(_preparing, transaction)).ConfigureAwait(false);
    }

    public T? ReadRow<T>(RowByKey<T> statement, ReadOnlySpan<byte> key)
        where T : struct
    {
        var hot = statement.Slot < _hot.Length && _hot[statement.Slot] is { } known ? known : Prepare(statement.Slot, statement.Sql);
        return hot.Read(key, statement.Map);
    }

    public void Dispose()
    {
        foreach (var hot in _hot)
        {
            hot?.Dispose();
        }

        _preparing.Dispose();
    }

    private HotStatement Prepare(int slot, string sql)
    {
        if (slot >= _hot.Length)
        {
            Array.Resize(ref _hot, slot + 1);
        }

        return _hot[slot] = new HotStatement(connection.Handle!, sql);
    }
}
