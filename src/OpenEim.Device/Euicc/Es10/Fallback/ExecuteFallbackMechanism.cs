using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Fallback;

/// <summary>ES10b ExecuteFallbackMechanism, tag BF5D (SGP.32 5.9.20): the fallback profile takes the place of the enabled one, which the card remembers.</summary>
internal static class ExecuteFallbackMechanism
{
    private const uint Function = 0xBF5D;

    public static CodeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var refresh = BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        return new CodeResponse(Function, (int)Run(core, refresh));
    }

    // No policy rule is looked at: the mechanism has no code for one, and PPR1 is about what an operator asks for.
    private static ExecuteFallbackResult Run(EuiccCore core, bool refresh)
    {
        var state = core.State;
        if (state.IsEcallActive())
        {
            return ExecuteFallbackResult.EcallActive;
        }

        if (state.EnabledProfile() is not { } enabled)
        {
            return ExecuteFallbackResult.CommandError;
        }

        if (!core.Identity.SupportsFallback || state.FallbackProfile() is not { } fallback)
        {
            return ExecuteFallbackResult.FallbackNotAvailable;
        }

        if (fallback.Enabled)
        {
            return ExecuteFallbackResult.ProfileNotInDisabledState;
        }

        var next = ProfileSwitch.To(state, fallback.Iccid) with { ReturnIccid = enabled.Iccid };
        core.Commit(PendingList.NotifySwitch(core, next, enabled, fallback), refresh);
        return ExecuteFallbackResult.Ok;
    }
}
