using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OpenEim.Storage;

/// <summary>What one database counts and traces, whatever its engine. It holds no statement and no value.</summary>
/// <remarks>
/// Several databases may be open in one process, so this is an instance for each, told apart by its scope. A span is begun only inside another
/// one: an idle poll has none, so it is never traced.
/// </remarks>
public sealed class StorageMeter : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "OpenEim.Storage";

    private static readonly KeyValuePair<string, object?> Committed = new("outcome", "committed");
    private static readonly KeyValuePair<string, object?> Undone = new("outcome", "undone");
    private static readonly KeyValuePair<string, object?> Row = new("kind", "row");
    private static readonly KeyValuePair<string, object?> Query = new("kind", "query");
    private static readonly KeyValuePair<string, object?> FailedRead = new("operation", "read");
    private static readonly KeyValuePair<string, object?> FailedWrite = new("operation", "write");
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _commits;
    private readonly Counter<long> _reads;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _writeDuration;
    private readonly Histogram<double> _readDuration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="scope">Whose they are: the same object as that of the host's other meters.</param>
    public StorageMeter(object? scope = null)
    {
        _meter = new Meter(new MeterOptions(Name) { Scope = scope });
        _writes = _meter.CreateCounter<long>("openeim.storage.writes", "{write}", "Committed writes");
        _commits = _meter.CreateCounter<long>("openeim.storage.commits", "{commit}", "Commits to disk");
        _reads = _meter.CreateCounter<long>("openeim.storage.reads", "{read}", "Reads: of one row by its key, or of a query");
        _failures = _meter.CreateCounter<long>("openeim.storage.failures", "{failure}", "Reads and writes that the database itself failed");
        _writeDuration = _meter.CreateHistogram(
            "openeim.storage.write.duration", "s", "From the request of a write until it is durable or undone", tags: null, Seconds);
        _readDuration = _meter.CreateHistogram("openeim.storage.read.duration", "s", "Queries, the wait for a connection included", tags: null, Seconds);
    }

    /// <summary>For databases of which nobody counts anything in particular.</summary>
    public static StorageMeter Unscoped { get; } = new();

    /// <summary>Where the spans come from.</summary>
    public ActivitySource Activities { get; } = new(Name);

    /// <summary>One commit has reached the disk.</summary>
    /// <param name="writes">How many writes it carried.</param>
    public void CommitReached(int writes)
    {
        _writes.Add(writes);
        _commits.Add(1);
    }

    /// <summary>A row was read by its key: the hottest path, which allocates nothing here.</summary>
    public void RowRead() => _reads.Add(1, Row);

    /// <summary>Such a read failed.</summary>
    public void RowFailed() => _failures.Add(1, FailedRead);

    /// <summary>Times one write and traces it inside the current span.</summary>
    public async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var span = Activity.Current is null ? null : Activities.StartActivity("database write", ActivityKind.Client);
        var begin = Stopwatch.GetTimestamp();
        try
        {
            var result = await write().ConfigureAwait(false);
            _writeDuration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, Committed);
            return result;
        }
        catch (Exception e)
        {
            _writeDuration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, Undone);
            Fail(e, span, FailedWrite);
            throw;
        }
    }

    /// <summary>Times one query and traces it inside the current span.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        using var span = Activity.Current is null ? null : Activities.StartActivity("database read", ActivityKind.Client);
        var begin = Stopwatch.GetTimestamp();
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(e, span, FailedRead);
            throw;
        }
        finally
        {
            _reads.Add(1, Query);
            _readDuration.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }

    /// <summary>What a caller threw to undo his own transaction is no failure of the database.</summary>
    private void Fail(Exception exception, Activity? span, KeyValuePair<string, object?> operation)
    {
        if (exception is DbException or StorageException or StorageUnavailableException)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            _failures.Add(1, operation);
        }
    }
}
