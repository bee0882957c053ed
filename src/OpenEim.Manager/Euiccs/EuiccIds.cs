using System.Collections.Concurrent;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>Which EID stands behind the number that the REST API knows an eUICC by. That never changes, so what was read once is kept.</summary>
/// <remarks>A number may outlive its eUICC: whoever reads on by the EID names the number too, or a transaction that was made for it.</remarks>
public sealed class EuiccIds
{
    private const int MaxKept = 100_000;

    private readonly ConcurrentDictionary<long, Eid> _kept = new();

    /// <summary>The EID, or null when there is no such number. Nothing is read where it is known already.</summary>
    public async ValueTask<Eid?> FindAsync(Database database, long id, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        return _kept.TryGetValue(id, out var known) ? known : await database.ReadAsync(session => FindAsync(session, id), ct).ConfigureAwait(false);
    }

    /// <summary>The EID, or null when there is no such number.</summary>
    public async ValueTask<Eid?> FindAsync(DbSession session, long id)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (_kept.TryGetValue(id, out var known))
        {
            return known;
        }

        if (await session.QueryFirstOrDefaultAsync<byte[]>("SELECT eid FROM euicc WHERE id = @id", new { id }).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        if (_kept.Count >= MaxKept)
        {
            _kept.Clear();
        }

        var eid = Eid.FromBytes(found);
        _kept[id] = eid;
        return eid;
    }
}
