using System.Data;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>One PostgreSQL database, shared with other processes: each write is a transaction of its own, and rows are the locks.</summary>
internal sealed partial class PostgresDatabase : Database
{
    private const int MaxAttempts = 5;

    private readonly PostgresSettings _settings;
    private readonly NpgsqlDataSource _writers;
    private readonly PostgresReaders _readers;
    private readonly PostgresReaders _longReaders;
    private readonly NpgsqlDataSource _hotReaders;
    private readonly SemaphoreSlim _writerTurns;
    private readonly PostgresHotRows _hot;
    private readonly PostgresGroups _groups;
    private readonly StorageMeter _meter;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private long _writes;
    private long _failedWrites;
    private long _commits;

    private PostgresDatabase(PostgresSettings settings, DatabaseOptions options)
        : base(options)
    {
        _settings = settings;
        _meter = options.Meter;
        _logger = options.LoggerFactory.CreateLogger("OpenEim.Storage");
        _writers = settings.OpenWriters();
        _readers = new PostgresReaders(settings.OpenReaders(options.ReadLimit), settings.Readers);
        _longReaders = settings.LongReaders == 0
            ? _readers
            : new PostgresReaders(settings.OpenLongReaders(options.ReadLimit), settings.LongReaders);
        _writerTurns = new SemaphoreSlim(settings.Writers, settings.Writers);
        _hotReaders = settings.OpenHotReaders(options.ReadLimit);
        _hot = new PostgresHotRows(_hotReaders, ExplainHotRead);
        _groups = new PostgresGroups(RunGroupAsync, settings.Groups);
    }

    public override DbEngine Engine => DbEngine.Postgres;

    public override string Name => _settings.Name;

    public override DatabaseStatistics Statistics =>
        new(Interlocked.Read(ref _writes), Interlocked.Read(ref _failedWrites), Interlocked.Read(ref _commits));

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
        return _meter.ReadAsync(() => ReadInTurnAsync(_readers, read, isOneQuery: false, ct));
    }

    public override ValueTask<T> ReadLongAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        return _meter.ReadAsync(() => ReadInTurnAsync(_longReaders, read, isOneQuery: false, ct));
    }

    /// <summary>One query sees one state by itself, so that it needs no transaction around it.</summary>
    public override ValueTask<T?> ReadFirstOrDefaultAsync<T>(string sql, object? parameters = null, CancellationToken ct = default)
        where T : default =>
        _meter.ReadAsync(() => ReadInTurnAsync(_readers, session => session.QueryFirstOrDefaultAsync<T>(sql, parameters), isOneQuery: true, ct));

    public override ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ct.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        _meter.RowRead();
        return _hot.ReadRowAsync(statement, key);
    }

    public override Task<T> WriteAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return _meter.WriteAsync(() => WriteInTurnAsync(new PipelineJob<T>(write), ct));
    }

    public override Task<T> WriteTogetherAsync<T>(ReadOnlyMemory<byte> key, Func<DbSession, ValueTask<T>> write, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        ct.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        return _meter.WriteAsync(() =>
        {
            var job = new GroupJob<T>(key.ToArray(), write, ct);
            _groups.Add(job);
            return job.Task;
        });
    }

    /// <summary>Runs one write in a transaction of its own.</summary>
    internal async Task<T> WriteInTurnAsync<T>(PipelineJob<T> job, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        await _writerTurns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
            await WriteWithRepetitionsAsync(job, ct).ConfigureAwait(false);
            Committed(1);
            return job.Answer!;
        }
        catch (Exception e)
        {
            Interlocked.Increment(ref _failedWrites);
            if (PostgresFailures.IsUnavailable(e))
            {
                throw UnavailableForWrites(e);
            }

            throw;
        }
        finally
        {
            _writerTurns.Release();
        }
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

        // Whoever waited for a turn behind them gets it and is told that the database is closed.
        _writerTurns.Release(_settings.Writers);
        await _readers.DisposeAsync().ConfigureAwait(false);
        if (_longReaders != _readers)
        {
            await _longReaders.DisposeAsync().ConfigureAwait(false);
        }

        await _hot.DisposeAsync().ConfigureAwait(false);
        await _hotReaders.DisposeAsync().ConfigureAwait(false);
        await _writers.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<T> ReadInTurnAsync<T>(PostgresReaders readers, Func<DbSession, ValueTask<T>> read, bool isOneQuery, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        await readers.Turns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ReadOnceAsync(readers.Source, read, isOneQuery).ConfigureAwait(false);
                }
                catch (Exception e) when (attempt < MaxAttempts && PostgresFailures.IsLostConnection(e))
                {
                    await StartOverAsync(readers.Source, attempt, ct).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (PostgresFailures.IsUnavailable(e) && !PostgresFailures.IsReadOnly(e))
        {
            throw PostgresFailures.Unavailable(Name, e);
        }
        finally
        {
            readers.Turns.Release();
        }
    }

    private async ValueTask<T> ReadOnceAsync<T>(NpgsqlDataSource source, Func<DbSession, ValueTask<T>> read, bool isOneQuery)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
        var connection = await source.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            if (isOneQuery)
            {
                return await read(new PostgresReadSession(connection, null)).ConfigureAwait(false);
            }

            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                return await read(new PostgresReadSession(connection, transaction)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A transaction that PostgreSQL has undone is run again; one whose commit was on the way when the connection broke is not.</summary>
    private async Task WriteWithRepetitionsAsync(PipelineJob job, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var progress = new WriteProgress();
            try
            {
                await WriteOnceAsync([job], progress).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (attempt < MaxAttempts && PostgresFailures.IsWorthRepeating(e) && !progress.IsUncertainAfter(e))
            {
                LogRepeated(_logger, e, attempt);
                if (PostgresFailures.IsLostConnection(e))
                {
                    await StartOverAsync(_writers, attempt, ct).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Commits what those have written that did not fail. One that has failed after writing takes the others with it.</summary>
    private async Task WriteOnceAsync(IReadOnlyList<PipelineJob> jobs, WriteProgress progress)
    {
        var connection = await _writers.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var pipeline = new Pipeline(connection, transaction);
                await pipeline.RunAsync(jobs).ConfigureAwait(false);
                if (jobs.FirstOrDefault(job => job.Failure is not null && (jobs.Count == 1 || job.Session!.HasWritten)) is { } failed)
                {
                    ExceptionDispatchInfo.Throw(failed.Failure!);
                }

                progress.IsCommitting = true;
                await pipeline.CommitAsync(jobs.Where(job => job.Failure is null)).ConfigureAwait(false);
            }
        }
    }

    private async Task RunGroupAsync(IReadOnlyList<GroupJob> group)
    {
        var progress = new WriteProgress();
        await _writerTurns.WaitAsync().ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(Database));
            await WriteOnceAsync([.. group.Select(job => job.Job)], progress).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Each caller gets what breaks his own write, or runs anew.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _writerTurns.Release();
            await BreakUpAsync(group, progress, e).ConfigureAwait(false);
            return;
        }

        _writerTurns.Release();
        var failed = group.Count(job => job.Job.Failure is not null);
        Interlocked.Add(ref _failedWrites, failed);
        Committed(group.Count - failed);
        foreach (var job in group)
        {
            job.Complete();
        }
    }

    /// <summary>Nothing of a group was committed, as far as that is known: each runs alone.</summary>
    private Task BreakUpAsync(IReadOnlyList<GroupJob> group, WriteProgress progress, Exception cause)
    {
        if (_closing.IsCancellationRequested || progress.IsUncertainAfter(cause))
        {
            var failure = PostgresFailures.IsUnavailable(cause) ? UnavailableForWrites(cause) : cause;
            Interlocked.Add(ref _failedWrites, group.Count);
            foreach (var job in group)
            {
                job.Fail(failure);
            }

            return Task.CompletedTask;
        }

        LogBrokenUp(_logger, cause, group.Count);
        return Task.WhenAll(group.Select(job => job.RunAloneAsync(this)));
    }

    /// <summary>Takes a transaction number, whose commit is written to the log of PostgreSQL.</summary>
    private protected override Task TryWriteAsync(CancellationToken ct) =>
        WriteAsync(session => session.ExecuteScalarAsync<long>("SELECT txid_current()"), ct);

    /// <summary>PostgreSQL's disk is another machine's, so its failures are known by what they say.</summary>
    private StorageUnavailableException UnavailableForWrites(Exception e)
    {
        var told = PostgresFailures.Unavailable(Name, e);
        if (PostgresFailures.IsStorage(e) && Health.Failed(told.Message, isLasting: false))
        {
            LogUnavailable(_logger, told.Message);
        }

        return told;
    }

    private void Committed(int writes)
    {
        Interlocked.Add(ref _writes, writes);
        Interlocked.Increment(ref _commits);
        _meter.CommitReached(writes);
    }

    private Exception ExplainHotRead(Exception e)
    {
        _meter.RowFailed();
        if (!PostgresFailures.IsUnavailable(e))
        {
            return e;
        }

        _hotReaders.Clear();
        return PostgresFailures.Unavailable(Name, e);
    }

    /// <summary>After PostgreSQL has gone, all connections of the pool are dead.</summary>
    private static async Task StartOverAsync(NpgsqlDataSource pool, int attempt, CancellationToken ct)
    {
        pool.Clear();
        await Task.Delay(TimeSpan.FromMilliseconds(50 << attempt), ct).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Writes fail: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A write was undone by PostgreSQL and is run again, after attempt {Attempt}")]
    private static partial void LogRepeated(ILogger logger, Exception exception, int attempt);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A group of {Count} writes was undone and is run again one by one")]
    private static partial void LogBrokenUp(ILogger logger, Exception exception, int count);

    private sealed class WriteProgress
    {
        public bool IsCommitting { get; set; }

        /// <summary>Whether the commit may have been made: only an answer of PostgreSQL says that it was not.</summary>
        public bool IsUncertainAfter(Exception e) => IsCommitting && (e is not PostgresException || PostgresFailures.IsLostConnection(e));
    }
}
