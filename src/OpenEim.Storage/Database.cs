using System.Reflection;
using OpenEim.Storage.Postgres;
using OpenEim.Storage.Sqlite;

namespace OpenEim.Storage;

/// <summary>One database, whatever its engine: pooled readers, durable writes, numbered schema upgrades.</summary>
/// <remarks>
/// Knows no tables. The engine is chosen by the connection string: <c>Host=…</c> or <c>postgres://…</c> is PostgreSQL;
/// <c>Data Source=…</c>, or a bare path, is SQLite.
/// Thread-safe. Dispose it after everything that writes to it; disposal first finishes the writes that were accepted.
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    static Database() => DapperSetup.Apply();

    private protected Database(DatabaseOptions options) => Health = new StorageHealth(options.Time);

    /// <summary>Writes and commits since the database was opened.</summary>
    public abstract DatabaseStatistics Statistics { get; }

    /// <summary>What stands behind it.</summary>
    public abstract DbEngine Engine { get; }

    /// <summary>The file, or the database and its host: for messages, without secrets.</summary>
    public abstract string Name { get; }

    /// <summary>Opens, and for SQLite creates, the database.</summary>
    /// <exception cref="StorageException">The connection string is not understood, or the data cannot be opened.</exception>
    public static Database Open(string connectionString, DatabaseOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        options ??= new DatabaseOptions();
        return PostgresSettings.IsPostgres(connectionString)
            ? PostgresDatabase.Open(connectionString, options)
            : SqliteDatabase.Open(connectionString, options);
    }

    private protected StorageHealth Health { get; }

    /// <summary>
    /// Why writes fail at present, for the readiness of a host: a full disk, a disk that fails, a damaged file. It is known by the writes that
    /// have failed, and forgotten some seconds after the last of them, when a small write succeeds.
    /// </summary>
    /// <returns>A sentence; null when writes succeed as far as is known.</returns>
    public async ValueTask<string?> FindWriteTroubleAsync(CancellationToken ct = default)
    {
        if (Health.Reason is not { } reason)
        {
            return null;
        }

        if (Health.IsHeld)
        {
            return reason;
        }

        try
        {
            await TryWriteAsync(ct).ConfigureAwait(false);
            Health.Recovered();
            return null;
        }
        catch (StorageUnavailableException e)
        {
            return e.Message;
        }
    }

    /// <summary>
    /// Applies the assembly's embedded <c>Schema/&lt;engine&gt;/NNNN_name.sql</c> files that this database has not seen,
    /// in the order of their numbers. All of them are applied or none; processes that start together take turns.
    /// </summary>
    /// <returns>How many files were applied; zero when the schema was up to date.</returns>
    /// <exception cref="StorageException">A file failed; the message names it.</exception>
    public abstract int Upgrade(Assembly schemaAssembly);

    /// <summary>Compares this database's schema with the assembly's files.</summary>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public abstract SchemaState Schema(Assembly schemaAssembly);

    /// <summary>Lets a role of the database server read and write all rows, but not change the schema.</summary>
    /// <exception cref="StorageException">The engine has no roles, or the connection may not grant.</exception>
    public abstract void GrantTo(string role);

    /// <summary>Writes a copy of the database as it is now into a new file, while it is in use.</summary>
    /// <exception cref="StorageException">The file is there already or cannot be written, or the engine has tools of its own for that.</exception>
    public abstract Task BackupAsync(string path, CancellationToken ct = default);

    /// <summary>Runs queries that see one committed state of the database, and never wait for the writer.</summary>
    /// <exception cref="StorageUnavailableException">PostgreSQL does not answer.</exception>
    /// <exception cref="StorageTimeoutException">It took longer than <see cref="DatabaseOptions.ReadLimit"/>.</exception>
    /// <param name="read">
    /// Awaits nothing but its session: it holds one of a small number of connections.
    /// The session refuses writes. It may be run again from its beginning.
    /// </param>
    /// <param name="ct">Ends the wait for a connection; a read that has begun runs to its end.</param>
    public abstract ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default);

    /// <summary>
    /// As <see cref="ReadAsync{T}"/>, for reads that may take long: on few readers of their own, so that no other read waits for them, nor for a
    /// thread that they keep busy.
    /// </summary>
    public abstract ValueTask<T> ReadLongAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default);

    /// <summary>The first row of one query, or the type's default: cheaper than <see cref="ReadAsync{T}"/> where one query is all.</summary>
    /// <exception cref="StorageUnavailableException">PostgreSQL does not answer.</exception>
    public virtual ValueTask<T?> ReadFirstOrDefaultAsync<T>(string sql, object? parameters = null, CancellationToken ct = default) =>
        ReadAsync(session => session.QueryFirstOrDefaultAsync<T>(sql, parameters), ct);

    /// <summary>Reads at most one row by its key through a statement that stays prepared; for the hottest paths.</summary>
    /// <returns>The mapped row, or null when there is none.</returns>
    public abstract ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key, CancellationToken ct = default)
        where T : struct;

    /// <summary>Runs one transaction. The task completes only after the commit is durable.</summary>
    /// <param name="write">
    /// Awaits nothing but its session: other writers wait for it. When it throws, all that it wrote is undone and the task fails with
    /// what it threw. It may be run again from its beginning when PostgreSQL has undone it (a deadlock, a row made by another
    /// transaction meanwhile, a lost connection), so it leaves nothing behind but what it returns.
    /// </param>
    /// <param name="ct">Ends the wait for the turn; a transaction that has begun runs to its end.</param>
    /// <exception cref="StorageUnavailableException">PostgreSQL does not answer.</exception>
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

    /// <summary>
    /// As <see cref="WriteAsync{T}"/>, for the writes of which many come at the same time: those of different keys may share a
    /// transaction, and with it the waits for the disk. Those of one key take turns.
    /// </summary>
    /// <param name="key">What is changed, such as a device's row.</param>
    /// <param name="write">As there. It locks nothing but what belongs to its key.</param>
    /// <param name="ct">As there.</param>
    public abstract Task<T> WriteTogetherAsync<T>(ReadOnlyMemory<byte> key, Func<DbSession, ValueTask<T>> write, CancellationToken ct = default);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Commits something small that changes nothing.</summary>
    /// <exception cref="StorageUnavailableException">It could not be written.</exception>
    private protected abstract Task TryWriteAsync(CancellationToken ct);
}
