using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c eUICCMemoryReset, tag BF34 (SGP.22 5.7.19): the enabled profile goes with the others, whatever its rules say.</summary>
internal static class LocalMemoryReset
{
    public static EuiccMemoryResetResponseEs10c Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        new(Run(core, BerMessage.Decode<EuiccMemoryResetRequestEs10c>(request).Options));

    private static ResetResult Run(EuiccCore core, ResetOptions options)
    {
        var state = core.State;
        if (!LocalControl.IsAllowed(core))
        {
            return ResetResult.UndefinedError;
        }

        var deleted = state.Profiles.Where(profile => IsDeleted(profile, options)).ToList();
        var resetsAddress = options.HasFlag(ResetOptions.ResetDefaultSmdpAddress) && state.DefaultSmdpAddress is not null;
        if (deleted.Count == 0 && !resetsAddress)
        {
            return ResetResult.NothingToDelete;
        }

        var next = state with
        {
            Profiles = state.Profiles.RemoveRange(deleted),
            DefaultSmdpAddress = resetsAddress ? null : state.DefaultSmdpAddress,
            ReturnIccid = null,
            Rollback = null,
        };
        foreach (var profile in deleted)
        {
            next = PendingList.Notify(core, next, profile, NotificationEvents.Delete);
        }

        core.Commit(next, refresh: deleted.Any(profile => profile.Enabled));
        return ResetResult.Ok;
    }

    private static bool IsDeleted(StoredProfile profile, ResetOptions options) => profile.Class switch
    {
        ProfileClass.Operational => options.HasFlag(ResetOptions.DeleteOperationalProfiles),
        ProfileClass.Test => profile.Package is not null && options.HasFlag(ResetOptions.DeleteFieldLoadedTestProfiles),
        _ => false,
    };
}
