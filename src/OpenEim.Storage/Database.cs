using System.Reflection;
using OpenEim.Storage.Sqlite;

namespace OpenEim.Storage;

/// <summary>One database, whatever its engine: pooled readers, durable writes, numbered schema upgrades.</summary>
/// <remarks>
/// Knows no tables. The engine is chosen by the connection string: <c>Data Source=…</c>, or a bare path, is SQLite.
/// Thread-safe. Dispose it after everything that writes to it; disposal first finishes the writes that were accepted.
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    static Database() => DapperSetup.Apply();

    /// <summary>Writes and commits since the database was opened.</summary>
    public abstract DatabaseStatistics Statistics { get; }

    /// <summary>Opens, and for SQLite creates, the database.</summary>
    /// <exception cref="StorageException">The connection string is not understood, or the data cannot be opened.</exception>
    public static Database Open(string connectionString, DatabaseOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return SqliteDatabase.Open(connectionString, options ?? new DatabaseOptions());
    }

    /// <summary>
    /// Applies the assembly's embedded <c>Schema/&lt;engine&gt;/NNNN_name.sql</c> files that this database has not seen,
    /// in the order of their numbers. All of them are applied or none; processes that start together take turns.
    /// </summary>
    /// <returns>How many files were applied; zero when the schema was up to date.</returns>
    /// <exception cref="StorageException">A file failed; the message names it.</exception>
    public abstract int Upgrade(Assembly schemaAssembly);

    /// <summary>Runs queries that see one committed state of the database, and never wait for the writer.</summary>
    /// <param name="read">
    /// Awaits nothing but its session: it holds one of a small number of connections.
    /// The session refuses writes.
    /// </param>
    /// <param name="ct">Ends the wait for a connection; a read that has begun runs to its end.</param>
    public abstract ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default);

    /// <summary>Reads at most one row by its key through a statement that stays prepared; for the hottest paths.</summary>
    /// <returns>The mapped row, or null when there is none.</returns>
    public abstract ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key, CancellationToken ct = default)
        where T : struct;

    /// <summary>Runs one transaction. The task completes only after the commit is durable.</summary>
    /// <param name="write">
    /// Awaits nothing but its session: other writers wait for it. It may run only once per call, and when it throws,
    /// all that it wrote is undone and the task fails with what it threw.
    /// </param>
    /// <param name="ct">Ends the wait for the turn; a transaction that has begun runs to its end.</param>
    public abstract Task<T> WriteAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct = default);

    /// <summary>As <see cref="WriteAsync{T}"/>, for a transaction that returns nothing.</summary>
    public Task WriteAsync(Func<DbSession, ValueTask> write, CancellationToken ct = default) =>
        WriteAsync(
            async session =>
            {
                await write(session).ConfigureAwait(false);
                return true;
            },
            ct);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A hot statement that reads one row by a binary key: make one per statement and keep it in a static field.</summary>
/// <param name="sql">Names its only parameter <c>@key</c>.</param>
/// <param name="map">Copies what it needs out of the row.</param>
public sealed class RowByKey<T>(string sql, RowMap<T> map)
    where T : struct
{
    /// <summary>The statement's slot in each connection's cache of prepared commands.</summary>
    internal int Slot { get; } = HotStatements.NextSlot();

    internal string Sql { get; } = sql;

    internal RowMap<T> Map { get; } = map;
}

internal static class HotStatements
{
    private static int _count;

    public static int NextSlot() => Interlocked.Increment(ref _count) - 1;
}
