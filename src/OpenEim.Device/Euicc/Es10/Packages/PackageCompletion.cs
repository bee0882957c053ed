using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>Ends the work on a package: the signed result, the notifications, and the one write that makes it all true.</summary>
internal static class PackageCompletion
{
    public static EncodedMessage Commit(EuiccCore core, PackageExecution execution, PackageOrigin origin)
    {
        var state = execution.State;
        var sequenceNumber = state.NextSequenceNumber;
        var result = SignResult(core, origin, sequenceNumber, execution.Results);
        state = PendingList.AddResult(state, result);
        foreach (var (profile, happened) in execution.Events)
        {
            state = PendingList.Notify(core, state, profile, happened);
        }

        if (execution.RollbackIccid is { } previous)
        {
            state = state with { Rollback = Authorise(core, origin, previous, sequenceNumber, execution.Results) };
        }

        core.Commit(state, refresh: execution.Events.Any(item => item.Happened != NotificationEvents.Delete));
        return new EncodedMessage(result);
    }

    /// <summary>Signs a list of results.</summary>
    public static byte[] SignResult(EuiccCore core, PackageOrigin origin, long sequenceNumber, IReadOnlyList<byte[]> results)
    {
        var data = EuiccPackageResultSigned.EncodeData(
            origin.EimId, origin.Counter, origin.TransactionId, sequenceNumber, [.. results.Select(result => new UnknownResult(result))]);
        return EuiccPackageResultSigned.Encode(data, origin.Sign(core, data));
    }

    private static RollbackAuthorisation Authorise(
        EuiccCore core, PackageOrigin origin, string previous, long sequenceNumber, IReadOnlyList<byte[]> results) => new(
            previous,
            origin.EimId,
            origin.AssociationToken,
            origin.Counter,
            origin.TransactionId?.ToString(),
            sequenceNumber,
            [.. results],
            core.Identity.IsV10 ? origin.EimSignature.ToArray() : null);
}
