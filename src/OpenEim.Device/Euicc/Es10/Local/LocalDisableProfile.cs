using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c DisableProfile, tag BF32 (SGP.22 5.7.17).</summary>
internal static class LocalDisableProfile
{
    public static DisableProfileResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        new(Run(core, BerMessage.Decode<DisableProfileRequest>(request)));

    private static DisableResult Run(EuiccCore core, DisableProfileRequest request)
    {
        var state = core.State;
        if (!LocalControl.IsAllowed(core))
        {
            return DisableResult.UndefinedError;
        }

        if (state.FindProfile(request.Profile) is not { } profile)
        {
            return DisableResult.IccidOrAidNotFound;
        }

        if (!profile.Enabled)
        {
            return DisableResult.ProfileNotInEnabledState;
        }

        if (LocalControl.ForbidsDisabling(profile))
        {
            return DisableResult.DisallowedByPolicy;
        }

        core.Commit(PendingList.NotifySwitch(core, ProfileSwitch.To(state, null), profile, null), request.Refresh);
        return DisableResult.Ok;
    }
}
