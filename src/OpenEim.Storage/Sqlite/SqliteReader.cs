using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>One reader connection, used by one caller at a time.</summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private readonly PreparingConnection _preparing = new(connection);

    public async ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read)
    {
        // Deferred: takes no lock, and gives all queries of one read the same snapshot.
        await using var transaction = connection.BeginTransaction(deferred: true);
        return await read(new DirectSession(DbEngine.Sqlite, _preparing, transaction)).ConfigureAwait(false);
    }

    public void Dispose() => _preparing.Dispose();
}
