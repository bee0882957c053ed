using OpenEim.Smdp.Orders;

namespace OpenEim.Tests.Cluster;

/// <summary>The SM-DP+'s side: every order is known to whoever placed it, every profile is on one card at most.</summary>
internal sealed partial class Judge
{
    private void JudgeStock()
    {
        var ordered = plan.Ordered.ToList();
        ExpectSame("profiles ordered, and profiles that left the stock", ordered, books.SmdpProfiles.Where(row => row.State != (int)StockState.Available).Select(row => row.Iccid));
        ExpectSame("profiles ordered, and profiles in the eIM's stock", ordered, books.Stock.Select(row => row.Iccid));
        var holders = cards.SelectMany(card => card.Profiles.Select(profile => (Iccid: profile.Iccid.ToString(), Eid: card.Eid.ToString()))).ToLookup(pair => pair.Iccid, pair => pair.Eid);
        foreach (var profile in books.SmdpProfiles)
        {
            JudgeStocked(profile, [.. holders[profile.Iccid]]);
        }

        foreach (var profile in books.Stock)
        {
            var smdp = books.SmdpProfiles.FirstOrDefault(row => row.Iccid == profile.Iccid);
            if (smdp is not null && (smdp.Eid != profile.Eid || profile.Status != 7))
            {
                _wrong.Add($"profile {profile.Iccid} has status {profile.Status} for {profile.Eid} in the eIM's stock, and state {smdp.State} for {smdp.Eid} at the SM-DP+");
            }
        }
    }

    /// <summary>On exactly one card while it is installed, which is the one that it was delivered to and that reported it once.</summary>
    private void JudgeStocked(SmdpProfileRow profile, IReadOnlyList<string> holders)
    {
        var where = $"profile {profile.Iccid} is {(StockState)profile.State} for {profile.Eid} at the SM-DP+, and on [{string.Join(", ", holders)}]";
        var isRight = (StockState)profile.State switch
        {
            StockState.Installed => holders is [var holder] && holder == profile.Eid,
            StockState.Deleted or StockState.Available => holders.Count == 0,

            // Every script ends its downloads, so nothing is left on the way.
            _ => false,
        };
        var deliveries = books.Deliveries.Where(row => row.Iccid == profile.Iccid).ToList();
        var installations = deliveries.Count(row => row.Result == 1);
        if (!isRight || deliveries.Any(row => row.Eid != profile.Eid) || installations != (profile.State == (int)StockState.Available ? 0 : 1))
        {
            _wrong.Add($"{where}, delivered to [{string.Join(", ", deliveries.Select(row => row.Eid))}], installed {installations} times");
        }
    }

    private void ExpectSame(string what, IEnumerable<string> one, IEnumerable<string> other)
    {
        var (first, second) = (one.Order().ToList(), other.Order().ToList());
        if (!first.SequenceEqual(second))
        {
            _wrong.Add($"{what}: {first.Count} and {second.Count}; only among the first [{string.Join(", ", first.Except(second))}], only among the second [{string.Join(", ", second.Except(first))}]");
        }
    }
}
