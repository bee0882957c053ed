using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>ES10b ProfileRollback, tag BF58 (SGP.32 3.3.3, 5.9.16): back to the profile before the last package, told by a new result in place of the old one.</summary>
internal static class ProfileRollback
{
    public static ProfileRollbackResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var refresh = BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        var state = core.State;
        if (state.IsEcallActive())
        {
            return new ProfileRollbackResponse(ProfileRollbackResult.CommandError, null);
        }

        return state.Rollback is { } authorisation && state.FindProfile(authorisation.Iccid) is { } previous
            ? Roll(core, authorisation, previous, refresh)
            : new ProfileRollbackResponse(ProfileRollbackResult.RollbackNotAllowed, null);
    }

    // No policy rule is looked at: whoever set the flag has agreed that the new profile may be disabled again.
    private static ProfileRollbackResponse Roll(EuiccCore core, RollbackAuthorisation authorisation, StoredProfile previous, bool refresh)
    {
        var state = core.State;
        var enabled = state.EnabledProfile();
        var result = SignNewResult(core, authorisation);
        var next = ProfileSwitch.To(state, previous.Iccid) with
        {
            Rollback = null,
            ReturnIccid = null,
            Pending = state.Pending.RemoveAll(item => item.SequenceNumber == authorisation.SequenceNumber),
        };
        next = PendingList.AddResult(next, result);
        if (enabled != previous)
        {
            next = PendingList.NotifySwitch(core, next, enabled, previous);
        }

        core.Commit(next, refresh);
        return new ProfileRollbackResponse(ProfileRollbackResult.Ok, BerMessage.Decode<EuiccPackageResult>(result));
    }

    private static byte[] SignNewResult(EuiccCore core, RollbackAuthorisation authorisation)
    {
        var origin = new PackageOrigin(
            authorisation.EimId,
            authorisation.AssociationToken,
            authorisation.Counter,
            TransactionId.TryParse(authorisation.TransactionId, out var id) ? id : null,
            authorisation.EimSignature);
        var rolledBack = new CommandResult(EuiccCommand.Rollback, (int)RollbackProfileResult.Ok).Encode();
        return PackageCompletion.SignResult(core, origin, core.State.NextSequenceNumber, [.. authorisation.Results, rolledBack]);
    }
}
