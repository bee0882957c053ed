using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Emergency;

/// <summary>
/// ES10b EnableEmergencyProfile, tag BF5B, and DisableEmergencyProfile, tag BF5C (SGP.32 5.9.22, 5.9.23): the profile for eCall takes the
/// place of the enabled one, and gives it back. In between the card takes no package (ecallActive, 104).
/// </summary>
internal static class EmergencyProfile
{
    private const uint EnableFunction = 0xBF5B;
    private const uint DisableFunction = 0xBF5C;
    private const int Ok = 0;
    private const int WrongState = 2;
    private const int EcallNotAvailable = 8;

    public static CodeResponse Enable(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var refresh = BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        var state = core.State;
        if (state.EmergencyProfile() is not { } emergency)
        {
            return new CodeResponse(EnableFunction, EcallNotAvailable);
        }

        if (emergency.Enabled)
        {
            return new CodeResponse(EnableFunction, WrongState);
        }

        // No policy rule is looked at: a call for help goes before what an operator wants.
        var enabled = state.EnabledProfile();
        var next = ProfileSwitch.To(state, emergency.Iccid) with { EmergencyReturnIccid = enabled?.Iccid };
        core.Commit(PendingList.NotifySwitch(core, next, enabled, emergency), refresh);
        return new CodeResponse(EnableFunction, Ok);
    }

    public static CodeResponse Disable(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var refresh = BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        var state = core.State;
        if (state.EmergencyProfile() is not { } emergency)
        {
            return new CodeResponse(DisableFunction, EcallNotAvailable);
        }

        if (!emergency.Enabled)
        {
            return new CodeResponse(DisableFunction, WrongState);
        }

        var remembered = state.FindProfile(state.EmergencyReturnIccid);
        var next = ProfileSwitch.To(state, remembered?.Iccid) with { EmergencyReturnIccid = null };
        core.Commit(PendingList.NotifySwitch(core, next, emergency, remembered), refresh);
        return new CodeResponse(DisableFunction, Ok);
    }
}
