using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES10b ImmediateEnable, tag BF5A (SGP.32 5.9.15): enables the profile that was just installed, where the eIM has allowed it beforehand.</summary>
internal static class ImmediateEnable
{
    private const uint Function = 0xBF5A;
    private const int Ok = 0;
    private const int NotAvailable = 1;
    private const int NoSessionContext = 4;

    public static CodeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        // v1.0's EnableUsingDD has no flag.
        var refresh = core.Identity.IsV10 || BerMessage.Decode<RefreshRequest>(request).RefreshFlag;
        return new CodeResponse(Function, Run(core, refresh));
    }

    private static int Run(EuiccCore core, bool refresh)
    {
        var state = core.State;
        if (core.JustInstalled is not { } installed || state.FindProfile(installed.Iccid) is not { Enabled: false } profile)
        {
            return NoSessionContext;
        }

        var enabled = state.EnabledProfile();
        var forbidden = enabled is not null && (enabled.PolicyRules & ProfilePolicyRules.DisablingNotAllowed) != 0;
        if (state.IsEcallActive() || state.ImmediateEnable is not { } allowed || !Covers(allowed, installed) || forbidden)
        {
            return NotAvailable;
        }

        var next = ProfileSwitch.To(state, profile.Iccid) with { ReturnIccid = null, Rollback = null };
        core.Commit(PendingList.NotifySwitch(core, next, enabled, profile), refresh);
        core.JustInstalled = null;
        return Ok;
    }

    private static bool Covers(ImmediateEnableConfiguration allowed, InstalledProfile installed) =>
        (allowed.SmdpOid is not { } oid || oid.AsSpan().SequenceEqual(ObjectIdentifier.ToBytes(installed.SmdpOid)))
        && (allowed.SmdpAddress is not { } address || string.Equals(address, installed.SmdpAddress, StringComparison.OrdinalIgnoreCase));
}
