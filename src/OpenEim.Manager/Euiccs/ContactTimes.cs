using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>When each device last polled: kept in memory and written in batches, never a write per poll.</summary>
public sealed class ContactTimes : IAsyncDisposable
{
    private static readonly BulkUpsert<KeyValuePair<Eid, long>> Upsert = new(
        "contact",
        new BulkColumns<KeyValuePair<Eid, long>>().Bytes("eid", contact => contact.Key.ToBytes()).Whole("last_polled", contact => contact.Value),

        // Of two nodes the one that heard last counts, whoever writes first. A time more than an hour later is of a clock that was ahead.
        """
        ON CONFLICT (eid) DO UPDATE SET last_polled = excluded.last_polled
        WHERE contact.last_polled < excluded.last_polled OR contact.last_polled > excluded.last_polled + 3600000
        """);

    private readonly WriteBuffer<Eid, long> _buffer;

    /// <summary>Starts the batches; dispose it before the database, so that a clean stop loses nothing.</summary>
    public ContactTimes(Database database, TimeSpan interval, TimeProvider time, ILogger<ContactTimes> logger) =>
        _buffer = new WriteBuffer<Eid, long>(
            database,
            interval,
            time,
            (session, batch) => session.UpsertAsync(Upsert, batch),
            logger);

    /// <summary>Remembers a poll, in Unix milliseconds.</summary>
    public void Touch(Eid eid, long now) => _buffer.Set(eid, now);

    /// <summary>The time of a poll that is not written yet.</summary>
    public long? TryGet(Eid eid) => _buffer.TryGet(eid, out var time) ? time : null;

    /// <summary>Writes what waits.</summary>
    public Task FlushAsync() => _buffer.FlushAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _buffer.DisposeAsync();
}
