using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpenEim.Storage;

/// <summary>How a database is opened.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Where problems that no caller sees are logged.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Where it is counted what the database does. It outlives the database.</summary>
    public StorageMeter Meter { get; init; } = StorageMeter.Unscoped;

    /// <summary>The clock by which a failed write counts for a while.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The most writes that one commit may carry; also bounds how long a reader of the file's log may lag.</summary>
    public int MaxGroup { get; init; } = 256;

    /// <summary>The most writes that may wait; further callers of WriteAsync wait before they are queued.</summary>
    public int MaxWaiting { get; init; } = 8192;

    /// <summary>The most <see cref="Database.ReadAsync"/> calls that run at the same time.</summary>
    public int MaxReaders { get; init; } = Math.Max(8, 2 * Environment.ProcessorCount);

    /// <summary>The most <see cref="Database.ReadLongAsync"/> calls that run at the same time, on SQLite: each keeps a processor busy.</summary>
    public int MaxLongReaders { get; init; } = Math.Max(2, Environment.ProcessorCount / 2);

    /// <summary>
    /// How long a read may take: with SQLite all of it, with PostgreSQL each of its statements. Reads go by an index; what takes longer is a
    /// list with a filter that no index helps, and would keep a connection from others.
    /// </summary>
    public TimeSpan ReadLimit { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a database has done since it was opened.</summary>
/// <param name="Writes">Transactions asked for by callers that were committed.</param>
/// <param name="FailedWrites">Transactions that were undone.</param>
/// <param name="Commits">Commits that reached the disk: fewer than writes when writes came together.</param>
public readonly record struct DatabaseStatistics(long Writes, long FailedWrites, long Commits);
