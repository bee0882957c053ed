using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Fallback;

/// <summary>ES10b ReturnFromFallback, tag BF5E (SGP.32 5.9.21): the remembered profile is enabled again and forgotten.</summary>
internal static class ReturnFromFallback
{
    private const uint Function = 0xBF5E;

    public static CodeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var refresh = BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        return new CodeResponse(Function, (int)Run(core, refresh));
    }

    private static ReturnFromFallbackResult Run(EuiccCore core, bool refresh)
    {
        var state = core.State;
        if (state.FindProfile(state.ReturnIccid) is not { } remembered)
        {
            return ReturnFromFallbackResult.FallbackNotAvailable;
        }

        if (state.EnabledProfile() is not { FallbackAttribute: true } fallback)
        {
            return ReturnFromFallbackResult.CommandError;
        }

        var next = ProfileSwitch.To(state, remembered.Iccid) with { ReturnIccid = null };
        core.Commit(PendingList.NotifySwitch(core, next, fallback, remembered), refresh);
        return ReturnFromFallbackResult.Ok;
    }
}
