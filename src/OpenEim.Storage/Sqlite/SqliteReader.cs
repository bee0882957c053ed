using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>One reader connection, used by one caller at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    /// <summary>Steps of SQLite's machine between two looks at the clock: some milliseconds; most reads take fewer.</summary>
    private const int StepsBetweenLooks = 100_000;

    private readonly SqliteConnection _connection;
    private readonly PreparingConnection _preparing;
    private readonly TimeSpan _limit;
    private long _begin;

    public SqliteReader(SqliteConnection connection, TimeSpan limit)
    {
        _connection = connection;
        _preparing = new PreparingConnection(connection);
        _limit = limit;
        raw.sqlite3_progress_handler(connection.Handle, StepsBetweenLooks, _ => Stopwatch.GetElapsedTime(_begin) > _limit ? 1 : 0, null);
    }

    /// <exception cref="StorageTimeoutException">The read took too long.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read)
    {
        _begin = Stopwatch.GetTimestamp();

        // Deferred: takes no lock, and gives all queries of one read the same snapshot.
        await using var transaction = _connection.BeginTransaction(deferred: true);
        try
        {
            return await read(new SqliteSession(_preparing, transaction)).ConfigureAwait(false);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new StorageTimeoutException($"A read of {_connection.DataSource} took longer than {_limit.TotalSeconds} s and was ended.", e);
        }
    }

    public void Dispose() => _preparing.Dispose();
}
