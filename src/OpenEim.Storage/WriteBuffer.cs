using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage;

/// <summary>
/// Collects the latest value of each key in memory and writes them in batches: for facts that arrive far more often
/// than they are worth a transaction, and of which a crash may lose the last interval's.
/// </summary>
public sealed partial class WriteBuffer<TKey, TValue> : IAsyncDisposable
    where TKey : IComparable<TKey>
{
    /// <summary>Bounds how long one batch holds the writer.</summary>
    private const int MaxBatch = 8192;

    /// <summary>So few are written at every interval.</summary>
    private const int Few = 4096;

    /// <summary>So many are written at once: they take memory, some 50 bytes each.</summary>
    private const int DefaultMany = 2_097_152;

    /// <summary>How long others are gathered: the more of them come together, the more are neighbours, written with one page.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Database _database;
    private readonly Func<DbSession, IReadOnlyList<KeyValuePair<TKey, TValue>>, ValueTask> _flush;
    private readonly ILogger _logger;
    private readonly int _many;
    private readonly WaitingValues<TKey, TValue> _waiting = new();
    private readonly SemaphoreSlim _flushing = new(1, 1);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _lastFlush;
    private int _disposed;

    /// <summary>Starts the timer.</summary>
    /// <param name="database">Outlives this buffer.</param>
    /// <param name="interval">Between flushes of few values; many are gathered for up to a minute.</param>
    /// <param name="time">Drives the interval.</param>
    /// <param name="flush">Writes the pairs, which come in the order of their keys; runs inside a transaction of its own, possibly several times per interval.</param>
    /// <param name="logger">Hears of failed flushes.</param>
    /// <param name="many">So many are no longer gathered.</param>
    public WriteBuffer(
        Database database,
        TimeSpan interval,
        TimeProvider time,
        Func<DbSession, IReadOnlyList<KeyValuePair<TKey, TValue>>, ValueTask> flush,
        ILogger logger,
        int many = DefaultMany)
    {
        ArgumentNullException.ThrowIfNull(time);
        _database = database;
        _time = time;
        _lastFlush = time.GetTimestamp();
        _flush = flush;
        _logger = logger;
        _many = many;
        _timer = time.CreateTimer(_ => _ = FlushInBackgroundAsync(), null, interval, interval);
    }

    /// <summary>How many keys wait to be written, those that are being written excepted.</summary>
    public int Count => _waiting.Count;

    /// <summary>Remembers the value; a later one for the same key replaces it.</summary>
    public void Set(TKey key, TValue value)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        _waiting.Set(key, value);
    }

    /// <summary>The value that waits for this key, if any: newer than what the database holds.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => _waiting.TryGet(key, out value);

    /// <summary>Writes all that waits now. What could not be written keeps waiting.</summary>
    public async Task FlushAsync()
    {
        await _flushing.WaitAsync().ConfigureAwait(false);
        try
        {
            Volatile.Write(ref _lastFlush, _time.GetTimestamp());
            await WriteAsync(_waiting.Take()).ConfigureAwait(false);
        }
        finally
        {
            _flushing.Release();
        }
    }

    /// <summary>In the order of the keys, so that neighbours in the table are written together, and two nodes wait for each other in one order.</summary>
    private async Task WriteAsync(KeyValuePair<TKey, TValue>[] taken)
    {
        var written = 0;
        try
        {
            while (written < taken.Length)
            {
                var batch = new ArraySegment<KeyValuePair<TKey, TValue>>(taken, written, Math.Min(MaxBatch, taken.Length - written));
                await _database.WriteAsync(session => _flush(session, batch)).ConfigureAwait(false);
                written += batch.Count;
            }
        }
        finally
        {
            _waiting.Forget(taken.AsSpan(written));
        }
    }

    /// <summary>Stops the timer and writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await FlushAndLogAsync().ConfigureAwait(false);
    }

    private Task FlushInBackgroundAsync() =>
        // A flush that outlasts the interval must not queue up others behind it.
        _flushing.CurrentCount > 0 && IsWorthWriting(_waiting.Count) ? FlushAndLogAsync() : Task.CompletedTask;

    private bool IsWorthWriting(int count) =>
        count is > 0 and <= Few || count >= _many || (count > 0 && _time.GetElapsedTime(Volatile.Read(ref _lastFlush)) >= Patience);

    private async Task FlushAndLogAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the cause, the values are kept, the failure is logged, and the next interval tries again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFlushFailed(_logger, e, _waiting.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch could not be written; {Count} values wait for the next attempt")]
    private static partial void LogFlushFailed(ILogger logger, Exception exception, int count);
}
