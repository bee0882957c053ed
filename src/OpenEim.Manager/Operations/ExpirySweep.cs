using OpenEim.Manager.Background;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>Ends the operations of devices that do not poll: candidates are read without a lock, each eUICC is changed under its own.</summary>
public sealed class ExpirySweep
{
    private readonly Database _database;
    private readonly OperationEngine _engine;
    private readonly Slices _slices;
    private readonly TimeProvider _time;

    internal ExpirySweep(Database database, OperationEngine engine, Slices slices, TimeProvider time)
    {
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
            var eids = await _database.ReadAsync(session => CandidatesAsync(session, now), ct).ConfigureAwait(false);
            foreach (var eid in eids)
            {
                ended += await EndOverdueAsync(Eid.FromBytes(eid), now, ct).ConfigureAwait(false);
            }

            if (eids.Count == 0)
            {
                return ended;
            }
        }
    }

    private ValueTask<IReadOnlyList<byte[]>> CandidatesAsync(DbSession session, long now) => session.QueryAsync<byte[]>(
        $"""
        SELECT DISTINCT eid FROM
            (SELECT eid FROM operation WHERE {session.IsOneOf("slice", "slices")} AND status = 1 AND deadline <= @now LIMIT 1000) due
        """,
        new { slices = _slices.Held, now });

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
