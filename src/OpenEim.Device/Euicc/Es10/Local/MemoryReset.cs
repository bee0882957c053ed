using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>What the memory resets of SGP.22 and SGP.32 share: the enabled profile goes with the others, whatever its rules say.</summary>
internal static class MemoryReset
{
    /// <summary>The state without the profiles and the address that the options name; the state as it is where there are none.</summary>
    public static EuiccState Delete(EuiccCore core, ResetOptions options, out IReadOnlyList<StoredProfile> deleted)
    {
        var state = core.State;
        var resetsAddress = options.HasFlag(ResetOptions.ResetDefaultSmdpAddress) && state.DefaultSmdpAddress is not null;
        deleted = [.. state.Profiles.Where(profile => IsDeleted(profile, options))];
        if (deleted.Count == 0)
        {
            return resetsAddress ? state with { DefaultSmdpAddress = null } : state;
        }

        var next = state with
        {
            Profiles = state.Profiles.RemoveRange(deleted),
            DefaultSmdpAddress = resetsAddress ? null : state.DefaultSmdpAddress,
            ReturnIccid = null,
            EmergencyReturnIccid = null,
            Rollback = null,
        };
        foreach (var profile in deleted)
        {
            next = PendingList.Notify(core, next, profile, NotificationEvents.Delete);
        }

        return next;
    }

    private static bool IsDeleted(StoredProfile profile, ResetOptions options) => profile.Class switch
    {
        ProfileClass.Operational => options.HasFlag(ResetOptions.DeleteOperationalProfiles),
        ProfileClass.Provisioning => options.HasFlag(ResetOptions.DeleteProvisioningProfiles),
        ProfileClass.Test => options.HasFlag(profile.Package is null
            ? ResetOptions.DeletePreLoadedTestProfiles
            : ResetOptions.DeleteFieldLoadedTestProfiles),
        _ => false,
    };
}
