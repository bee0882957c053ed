using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Nodes;

/// <summary>Shares the background work out among the nodes: the eUICCs are cut into slices, and each slice is leased to one node.</summary>
/// <remarks>
/// A lease only saves two nodes from doing the same work: every change is made under the row of its eUICC all the same, so clocks that
/// disagree, or a node that was frozen and goes on, do no harm. A node that dies is replaced when its leases have run out. A lease that ends
/// later than any can is of a clock that was ahead, and has run out: else nobody would do that work for as long as the clock was wrong.
/// </remarks>
/// <param name="database">Holds the leases.</param>
/// <param name="time">The clock.</param>
/// <param name="node">A name that no other process has.</param>
public sealed class Slices(Database database, TimeProvider time, string node)
{
    /// <summary>How many there are.</summary>
    public const int Count = 16;

    /// <summary>How often a node should call <see cref="RefreshAsync"/>.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private const string Alive = """
        INSERT INTO node (name, until) VALUES (@node, @until) ON CONFLICT (name) DO UPDATE SET until = excluded.until
        """;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);
    private static readonly LockingQuery Leases = new("SELECT number, holder, until FROM slice ORDER BY number");

    private volatile Holding _holding = new([], 0);

    /// <summary>The slices that this node looks after now.</summary>
    public IReadOnlyList<long> Held => time.IsBefore(_holding.Until, Lease) ? _holding.Numbers : [];

    /// <summary>Whether this node does the work that cannot be cut.</summary>
    public bool HoldsFirst => Held.Contains(0);

    /// <summary>The slice of an eUICC.</summary>
    public static long Of(Eid eid)
    {
        // The last digits: the issuer's running number and the check digits, which differ most.
        var bytes = eid.ToBytes();
        return (bytes[^3] ^ (bytes[^2] >> 4) ^ bytes[^1] ^ (bytes[^1] >> 4)) & (Count - 1);
    }

    /// <summary>Keeps this node's leases, takes its share of those that are free, and gives back what is more than its share.</summary>
    public async Task RefreshAsync(CancellationToken ct = default)
    {
        var now = time.NowMilliseconds();
        var until = now + (long)Lease.TotalMilliseconds;
        var held = await database.WriteAsync(session => TakeShareAsync(session, now, until), ct).ConfigureAwait(false);
        _holding = new Holding(held, until);
    }

    /// <summary>Gives all leases back, so that others need not wait for them to run out.</summary>
    public async Task ReleaseAsync(CancellationToken ct = default)
    {
        _holding = new Holding([], 0);
        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM node WHERE name = @node", new { node }).ConfigureAwait(false);
                await session.ExecuteAsync("UPDATE slice SET holder = NULL, until = 0 WHERE holder = @node", new { node }).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<long>> TakeShareAsync(DbSession session, long now, long until)
    {
        // Locks first: nodes that refresh at the same time take turns.
        var leases = await session.QueryAsync<LeaseRow>(Leases).ConfigureAwait(false);
        await session.ExecuteAsync(
            "DELETE FROM node WHERE until <= @now OR until > @believed",
            new { now, believed = until + (long)Times.ClockTolerance.TotalMilliseconds }).ConfigureAwait(false);
        await session.ExecuteAsync(Alive, new { node, until }).ConfigureAwait(false);
        var nodes = await session.ExecuteScalarAsync<long>("SELECT count(*) FROM node").ConfigureAwait(false);
        var share = (int)((Count + nodes - 1) / nodes);

        var mine = leases.Where(lease => lease.Holder == node && time.IsBefore(lease.Until, Lease)).Select(lease => lease.Number).ToList();
        var free = leases.Where(lease => !time.IsBefore(lease.Until, Lease)).Select(lease => lease.Number);
        var held = mine.Concat(free).Take(share).ToList();
        var surplus = mine.Except(held).ToList();
        if (surplus.Count > 0)
        {
            await session.ExecuteAsync(
                $"UPDATE slice SET holder = NULL, until = 0 WHERE {session.IsOneOf("number", "surplus")}", new { surplus }).ConfigureAwait(false);
        }

        if (held.Count > 0)
        {
            await session.ExecuteAsync(
                $"UPDATE slice SET holder = @node, until = @until WHERE {session.IsOneOf("number", "held")}", new { node, until, held }).ConfigureAwait(false);
        }

        return held;
    }

    private sealed record Holding(IReadOnlyList<long> Numbers, long Until);

    private sealed class LeaseRow
    {
        public long Number { get; init; }

        public string? Holder { get; init; }

        public long Until { get; init; }
    }
}
