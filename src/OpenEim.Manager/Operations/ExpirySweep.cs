using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Nodes;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>Ends the operations of devices that do not poll: candidates are read without a lock, each eUICC is changed under its own.</summary>
/// <remarks>
/// A deadline later than any can be was set by a clock that was ahead. It is brought back to the longest that an operation scheduled now could
/// have: else the operation would wait, and those behind it, for as long as the clock was wrong.
/// </remarks>
public sealed class ExpirySweep
{
    private const string BringBack = """
        UPDATE operation SET deadline = @latest, expiry = CASE WHEN expiry > @latest THEN @latest ELSE expiry END
        WHERE eid = @Eid AND status = 1 AND deadline > @latest
        """;

    private readonly Database _database;
    private readonly OperationEngine _engine;
    private readonly Slices _slices;
    private readonly TimeProvider _time;
    private readonly long _longest;

    internal ExpirySweep(Database database, OperationEngine engine, Slices slices, TimeProvider time, TimeSpan resultPatience)
    {
        _longest = (long)(NewOperation.MaxValidity + resultPatience).TotalMilliseconds;
        _slices = slices;
        _database = database;
        _engine = engine;
        _time = time;
    }

    /// <summary>Ends what is due.</summary>
    /// <returns>How many operations ended.</returns>
    public async Task<int> RunOnceAsync(CancellationToken ct = default)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var ended = 0;
        while (true)
        {
            var eids = await _database.ReadAsync(session => CandidatesAsync(session, "deadline <= @bound", now), ct).ConfigureAwait(false);
            foreach (var eid in eids)
            {
                ended += await EndOverdueAsync(Eid.FromBytes(eid), now, ct).ConfigureAwait(false);
            }

            if (eids.Count == 0)
            {
                break;
            }
        }

        await BringBackAsync(now, ct).ConfigureAwait(false);
        return ended;
    }

    private async Task BringBackAsync(long now, CancellationToken ct)
    {
        var latest = now + _longest;
        var believed = latest + (long)Times.ClockTolerance.TotalMilliseconds;
        foreach (var eid in await _database.ReadAsync(session => CandidatesAsync(session, "deadline > @bound", believed), ct).ConfigureAwait(false))
        {
            await _database.WriteAsync(
                async session =>
                {
                    if (await LockedEuicc.LockAsync(session, Eid.FromBytes(eid), now).ConfigureAwait(false) is not null)
                    {
                        await session.ExecuteAsync(BringBack, new { Eid = eid, latest }).ConfigureAwait(false);
                    }
                },
                ct).ConfigureAwait(false);
        }
    }

    private ValueTask<IReadOnlyList<byte[]>> CandidatesAsync(DbSession session, string condition, long bound) => session.QueryAsync<byte[]>(
        $"""
        SELECT DISTINCT eid FROM
            (SELECT eid FROM operation WHERE {session.IsOneOf("slice", "slices")} AND status = 1 AND {condition} LIMIT 1000) due
        """,
        new { slices = _slices.Held, bound });

    private Task<int> EndOverdueAsync(Eid eid, long now, CancellationToken ct) => _database.WriteAsync(
        async session =>
        {
            var euicc = await LockedEuicc.LockAsync(session, eid, now).ConfigureAwait(false);
            if (euicc is null)
            {
                // Removed by its owner meanwhile, and its operations with it.
                return 0;
            }

            var count = await _engine.EndOverdueAsync(euicc).ConfigureAwait(false);
            await euicc.SaveAsync().ConfigureAwait(false);
            return count;
        },
        ct);
}
