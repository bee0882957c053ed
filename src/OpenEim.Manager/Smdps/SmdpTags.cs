namespace OpenEim.Manager.Smdps;

/// <summary>The tags of measurements of calls to SM-DP+s: these are all their values.</summary>
internal static class SmdpTags
{
    /// <summary>How a call to an SM-DP+ ended.</summary>
    public static KeyValuePair<string, object?> OutcomeOf(SmdpTrouble? trouble, bool isExecuted) => new("outcome", trouble switch
    {
        SmdpTrouble.Unreachable => "unreachable",
        SmdpTrouble.TimedOut => "timed_out",
        SmdpTrouble.NotTrusted => "not_trusted",
        SmdpTrouble.Malformed => "malformed",
        SmdpTrouble.OutOfReach => "out_of_reach",
        _ => isExecuted ? "executed" : "refused",
    });
}
