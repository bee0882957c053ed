using System.Data;
using System.Data.Common;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>One PostgreSQL database, shared with other processes: each write is a transaction of its own, and rows are the locks.</summary>
internal sealed partial class PostgresDatabase : Database
{
    private const int MaxAttempts = 5;

    private readonly PostgresSettings _settings;
    private readonly NpgsqlDataSource _writers;
    private readonly NpgsqlDataSource _readers;
    private readonly SemaphoreSlim _writerTurns;
    private readonly SemaphoreSlim _readerTurns;
    private readonly PostgresHotRows _hot;
    private readonly StorageMeter _meter;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private long _writes;
    private long _failedWrites;

    private PostgresDatabase(PostgresSettings settings, DatabaseOptions options)
    {
        _settings = settings;
        _meter = options.Meter;
        _logger = options.LoggerFactory.CreateLogger("OpenEim.Storage");
        _writers = settings.OpenWriters();
        _readers = settings.OpenReaders();
        _writerTurns = new SemaphoreSlim(settings.Writers, settings.Writers);
        _readerTurns = new SemaphoreSlim(settings.Readers, settings.Readers);
        _hot = new PostgresHotRows(_readers, PostgresSettings.HotReaders);
    }

    public override DbEngine Engine => DbEngine.Postgres;

    public override string Name => _settings.Name;

    public override DatabaseStatistics Statistics =>
        new(Interlocked.Read(ref _writes), Interlocked.Read(ref _failedWrites), Interlocked.Read(ref _writes));

    public static new PostgresDatabase Open(string connectionString, DatabaseOptions options) => new(PostgresSettings.Parse(connectionString), options);

    public override int Upgrade(Assembly schemaAssembly) => PostgresSchema.Upgrade(_settings, schemaAssembly, _logger);

    public override SchemaState Schema(Assembly schemaAssembly) => PostgresSchema.Read(_settings, schemaAssembly);

    public override void GrantTo(string role)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(role);
        PostgresRoles.Grant(_settings, role);
    }

    public override Task BackupAsync(string path, CancellationToken ct = default) =>
        throw new StorageException($"The database {Name} is on PostgreSQL, which is backed up with its own tools: pg_dump or pg_basebackup.");

    public override ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        return _meter.ReadAsync(() => ReadInTurnAsync(read, ct));
    }

    public override async ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ct.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        _meter.RowRead();
        try
        {
            return await _hot.ReadRowAsync(statement, key).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresFailures.IsUnavailable(e))
        {
            _meter.RowFailed();
            _readers.Clear();
            throw PostgresFailures.Unavailable(Name, e);
        }
        catch (DbException)
        {
            _meter.RowFailed();
            throw;
        }
    }

    public override Task<T> WriteAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return _meter.WriteAsync(() => WriteInTurnAsync(write, ct));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);

        // All turns taken: nothing runs any more.
        for (var i = 0; i < _settings.Writers; i++)
        {
            await _writerTurns.WaitAsync().ConfigureAwait(false);
        }

        for (var i = 0; i < _settings.Readers; i++)
        {
            await _readerTurns.WaitAsync().ConfigureAwait(false);
        }

        // Whoever waited for a turn behind them gets it and is told that the database is closed.
        _writerTurns.Release(_settings.Writers);
        _readerTurns.Release(_settings.Readers);
        await _hot.DisposeAsync().ConfigureAwait(false);
        await _writers.DisposeAsync().ConfigureAwait(false);
        await _readers.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<T> ReadInTurnAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        await _readerTurns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ReadOnceAsync(read).ConfigureAwait(false);
                }
                catch (Exception e) when (attempt < MaxAttempts && PostgresFailures.IsLostConnection(e))
                {
                    await StartOverAsync(_readers, attempt, ct).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (PostgresFailures.IsUnavailable(e))
        {
            throw PostgresFailures.Unavailable(Name, e);
        }
        finally
        {
            _readerTurns.Release();
        }
    }

    private async Task<T> WriteInTurnAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        await _writerTurns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
            var result = await WriteWithRepetitionsAsync(write, ct).ConfigureAwait(false);
            Interlocked.Increment(ref _writes);
            _meter.CommitReached(1);
            return result;
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _failedWrites);
            if (PostgresFailures.IsUnavailable(e))
            {
                throw PostgresFailures.Unavailable(Name, e);
            }

            throw;
        }
        finally
        {
            _writerTurns.Release();
        }
    }

    private async ValueTask<T> ReadOnceAsync<T>(Func<DbSession, ValueTask<T>> read)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        var connection = await _readers.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                return await read(new DbSession(DbEngine.Postgres, connection, transaction)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A transaction that PostgreSQL has undone is run again; one whose commit was on the way when the connection broke is not.</summary>
    private async Task<T> WriteWithRepetitionsAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var progress = new WriteProgress();
            try
            {
                return await WriteOnceAsync(write, progress).ConfigureAwait(false);
            }
            catch (Exception e) when (attempt < MaxAttempts && !progress.IsCommitting && PostgresFailures.IsWorthRepeating(e))
            {
                LogRepeated(_logger, e, attempt);
                if (PostgresFailures.IsLostConnection(e))
                {
                    await StartOverAsync(_writers, attempt, ct).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<DbSession, ValueTask<T>> write, WriteProgress progress)
    {
        var connection = await _writers.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var result = await write(new DbSession(DbEngine.Postgres, connection, transaction)).ConfigureAwait(false);
                progress.IsCommitting = true;
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return result;
            }
        }
    }

    /// <summary>After PostgreSQL has gone, all connections of the pool are dead.</summary>
    private static async Task StartOverAsync(NpgsqlDataSource pool, int attempt, CancellationToken ct)
    {
        pool.Clear();
        await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), ct).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A write was undone by PostgreSQL and is run again, after attempt {Attempt}")]
    private static partial void LogRepeated(ILogger logger, Exception exception, int attempt);

    private sealed class WriteProgress
    {
        public bool IsCommitting { get; set; }
    }
}
