using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c DeleteProfile, tag BF33 (SGP.22 5.7.18).</summary>
internal static class LocalDeleteProfile
{
    public static DeleteProfileResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        new(Run(core, BerMessage.Decode<DeleteProfileRequest>(request)));

    private static DeleteResult Run(EuiccCore core, DeleteProfileRequest request)
    {
        var state = core.State;
        if (!LocalControl.IsAllowed(core))
        {
            return DeleteResult.UndefinedError;
        }

        if (state.FindProfile(request.Profile) is not { } profile)
        {
            return DeleteResult.IccidOrAidNotFound;
        }

        if (profile.Enabled)
        {
            return DeleteResult.ProfileNotInDisabledState;
        }

        if ((profile.PolicyRules & ProfilePolicyRules.DeletionNotAllowed) != 0)
        {
            return DeleteResult.DisallowedByPolicy;
        }

        var next = state with
        {
            Profiles = state.Profiles.Remove(profile),
            ReturnIccid = state.ReturnIccid == profile.Iccid ? null : state.ReturnIccid,
        };
        core.Commit(PendingList.Notify(core, next, profile, NotificationEvents.Delete));
        return DeleteResult.Ok;
    }
}
