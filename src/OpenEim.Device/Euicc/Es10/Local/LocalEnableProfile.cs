using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c EnableProfile, tag BF31 (SGP.22 5.7.16).</summary>
internal static class LocalEnableProfile
{
    public static EnableProfileResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        new(Run(core, BerMessage.Decode<EnableProfileRequest>(request)));

    private static EnableResult Run(EuiccCore core, EnableProfileRequest request)
    {
        var state = core.State;
        if (!LocalControl.IsAllowed(core))
        {
            return EnableResult.UndefinedError;
        }

        if (state.FindProfile(request.Profile) is not { } profile)
        {
            return EnableResult.IccidOrAidNotFound;
        }

        if (profile.Enabled)
        {
            return EnableResult.ProfileNotInDisabledState;
        }

        var enabled = state.EnabledProfile();
        if (LocalControl.ForbidsDisabling(enabled))
        {
            return EnableResult.DisallowedByPolicy;
        }

        var next = ProfileSwitch.To(state, profile.Iccid) with { ReturnIccid = null, Rollback = null };
        core.Commit(PendingList.NotifySwitch(core, next, enabled, profile), request.Refresh);
        return EnableResult.Ok;
    }
}
