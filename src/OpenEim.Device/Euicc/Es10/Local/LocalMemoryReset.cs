using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c eUICCMemoryReset, tag BF34 (SGP.22 5.7.19): the enabled profile goes with the others, whatever its rules say.</summary>
internal static class LocalMemoryReset
{
    // SGP.22 knows no other.
    private const ResetOptions Known =
        ResetOptions.DeleteOperationalProfiles | ResetOptions.DeleteFieldLoadedTestProfiles | ResetOptions.ResetDefaultSmdpAddress;

    public static EuiccMemoryResetResponseEs10c Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        new(Run(core, BerMessage.Decode<EuiccMemoryResetRequestEs10c>(request).Options & Known));

    private static ResetResult Run(EuiccCore core, ResetOptions options)
    {
        if (!LocalControl.IsAllowed(core))
        {
            return ResetResult.UndefinedError;
        }

        var next = MemoryReset.Delete(core, options, out var deleted);
        if (next == core.State)
        {
            return ResetResult.NothingToDelete;
        }

        core.Commit(next, refresh: deleted.Any(profile => profile.Enabled));
        return ResetResult.Ok;
    }
}
