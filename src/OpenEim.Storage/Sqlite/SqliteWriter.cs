using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage.Sqlite;

/// <summary>The file's only writer: takes all writes that wait, runs each under its own savepoint, commits them together.</summary>
/// <remarks>
/// Waiting for the disk is most of a commit's cost, so a group of writes costs about as much as one. A thread of its
/// own keeps the waits for the disk off the thread pool.
/// </remarks>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private readonly Channel<WriteJob> _waiting;
    private readonly GroupTransaction _transaction;
    private readonly string _path;
    private readonly StorageHealth _health;
    private readonly Action _endSnapshot;
    private readonly int _maxGroup;
    private readonly StorageMeter _meter;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _writes;
    private long _failedWrites;
    private long _commits;

    /// <summary>Starts the thread.</summary>
    /// <param name="file">The data file.</param>
    /// <param name="options">Bounds groups and queue.</param>
    /// <param name="health">Hears of writes that fail for the file or its disk.</param>
    /// <param name="endSnapshot">Called after each commit, before the callers hear of it.</param>
    public SqliteWriter(SqliteFile file, DatabaseOptions options, StorageHealth health, Action endSnapshot)
    {
        (_path, _health) = (file.Path, health);
        _endSnapshot = endSnapshot;
        _logger = options.LoggerFactory.CreateLogger("OpenEim.Storage");
        _maxGroup = options.MaxGroup;
        _meter = options.Meter;
        _transaction = new GroupTransaction(file.OpenWriter());
        _waiting = Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(options.MaxWaiting) { SingleReader = true });
        _thread = new Thread(Loop) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    public DatabaseStatistics Statistics =>
        new(Interlocked.Read(ref _writes), Interlocked.Read(ref _failedWrites), Interlocked.Read(ref _commits));

    public async Task<T> WriteAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct)
    {
        if (Thread.CurrentThread == _thread)
        {
            throw new InvalidOperationException("A write was asked for inside a write, which would wait for itself: use the session.");
        }

        var job = new WriteJob<T>(write, ct);
        try
        {
            await _waiting.Writer.WriteAsync(job, ct).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Database));
        }

        return await job.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _ended.Task.ConfigureAwait(false);
    }

    private void Loop()
    {
        var group = new List<WriteJob>(_maxGroup);
        while (_waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < _maxGroup && _waiting.Reader.TryRead(out var job))
            {
                if (job.CancellationToken.IsCancellationRequested)
                {
                    job.Cancel();
                }
                else
                {
                    group.Add(job);
                }
            }

            if (group.Count > 0)
            {
                Commit(group);
            }

            group.Clear();
        }

        _transaction.Dispose();
        _ended.SetResult();
    }

    private void Commit(List<WriteJob> group)
    {
        var written = new List<WriteJob>(group.Count);
        var undone = new List<(WriteJob Job, Exception Cause)>();
        try
        {
            _transaction.Begin();
            foreach (var job in group)
            {
                if (_transaction.TryRun(job) is { } failure)
                {
                    undone.Add((job, failure));
                }
                else
                {
                    written.Add(job);
                }
            }

            _transaction.Commit();
        }
#pragma warning disable CA1031 // Whatever broke the group's transaction is handed to every caller in the group.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _transaction.Abandon();
            Interlocked.Add(ref _failedWrites, group.Count);
            var told = Explain(e);
            if (told is not StorageUnavailableException)
            {
                LogGroupFailed(_logger, e, group.Count);
            }

            group.ForEach(job => job.Fail(told));
            return;
        }

        _endSnapshot();
        Interlocked.Add(ref _failedWrites, undone.Count);
        Interlocked.Add(ref _writes, written.Count);
        if (written.Count > 0)
        {
            Interlocked.Increment(ref _commits);
            _meter.CommitReached(written.Count);
        }

        written.ForEach(job => job.Succeed());
        undone.ForEach(failed => failed.Job.Fail(Explain(failed.Cause)));
        _transaction.FoldLogWhenLong(_endSnapshot);
    }

    /// <summary>What the callers are told. A full disk fails every write; the log hears of it once in a while.</summary>
    private Exception Explain(Exception e)
    {
        var told = SqliteFailures.Translate(_path, e);
        if (told is StorageUnavailableException && _health.Failed(told.Message, SqliteFailures.IsDamage(e)))
        {
            LogUnavailable(_logger, told.Message);
        }

        return told;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Writes fail: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A group of {Count} writes could not be committed")]
    private static partial void LogGroupFailed(ILogger logger, Exception exception, int count);
}
