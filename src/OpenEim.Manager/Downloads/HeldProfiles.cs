using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;

namespace OpenEim.Manager.Downloads;

/// <summary>The profiles that a card held when the trigger of a download left for its device: none of them can be what that download installs.</summary>
internal static class HeldProfiles
{
    private const string OnCard = "SELECT iccid FROM profile WHERE eid = @Eid AND status IN (7, 8, 10)";

    private const string OnCardBefore = "SELECT iccid FROM profile WHERE eid = @Eid AND status IN (7, 8, 10) AND created < @Before";

    private const string Remember = "UPDATE operation SET held_iccids = @Held, updated = @Now WHERE eid = @Eid AND id = @Id";

    /// <summary>Takes note of them, when the operation's first trigger leaves. A later trigger may find what the first one has installed.</summary>
    public static async ValueTask RememberAsync(LockedEuicc euicc, OperationRow operation)
    {
        if (operation.HeldIccids is null)
        {
            var held = await euicc.Session.QueryAsync<string>(OnCard, new { Eid = euicc.EidBytes }).ConfigureAwait(false);
            await euicc.Session.SendAsync(
                Remember, new { Eid = euicc.EidBytes, operation.Id, euicc.Now, Held = string.Join(' ', held.Order(StringComparer.Ordinal)) }).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the card held the profile then.</summary>
    public static async ValueTask<bool> ContainAsync(LockedEuicc euicc, OperationRow operation, string iccid) =>
        (await ReadAsync(euicc, operation).ConfigureAwait(false)).Contains(iccid);

    /// <summary>The profiles that have come onto the card since.</summary>
    public static async ValueTask<IReadOnlyList<string>> FindNewAsync(LockedEuicc euicc, OperationRow operation)
    {
        var held = await ReadAsync(euicc, operation).ConfigureAwait(false);
        var found = await euicc.Session.QueryAsync<string>(
            "SELECT iccid FROM profile WHERE eid = @Eid AND status IN (7, 8)", new { Eid = euicc.EidBytes }).ConfigureAwait(false);
        return [.. found.Where(iccid => !held.Contains(iccid))];
    }

    private static async ValueTask<HashSet<string>> ReadAsync(LockedEuicc euicc, OperationRow operation)
    {
        if (operation.HeldIccids is { } held)
        {
            return [.. held.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        }

        // A version before has delivered the trigger and has taken no note.
        var trigger = await Exchange.FindTriggerAsync(euicc, operation.Id).ConfigureAwait(false);
        return [.. await euicc.Session.QueryAsync<string>(
            OnCardBefore, new { Eid = euicc.EidBytes, Before = trigger?.Created ?? euicc.Now }).ConfigureAwait(false)];
    }
}
