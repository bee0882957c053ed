using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10b eUICCMemoryReset of SGP.32, tag BF64 (5.9.5), BF34 in v1.0: profiles, the default SM-DP+, the eIMs, immediate enabling, as far as asked for.</summary>
internal static class IotMemoryReset
{
    private const int Ok = 0;
    private const int NothingToDelete = 1;
    private const int EcallActive = 104;
    private const ResetOptions Main = ~(ResetOptions.ResetEimConfigData | ResetOptions.ResetImmediateEnableConfig);

    // v1.0 has two bits of its own where later versions have preloaded test profiles and provisioning profiles.
    private const ResetOptions EimConfigV10 = ResetOptions.DeletePreLoadedTestProfiles;
    private const ResetOptions AutoEnableConfigV10 = ResetOptions.DeleteProvisioningProfiles;

    public static EuiccMemoryResetResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request) =>
        Run(core, BerMessage.Decode<EuiccMemoryResetRequest>(request).Options);

    /// <summary>The function as v1.0 has it.</summary>
    public static IBerMessage ExecuteV10(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var asked = BerMessage.Decode<EuiccMemoryResetRequestEs10c>(request).Options;
        var options = asked & (ResetOptions.DeleteOperationalProfiles | ResetOptions.DeleteFieldLoadedTestProfiles | ResetOptions.ResetDefaultSmdpAddress);
        options |= asked.HasFlag(EimConfigV10) ? ResetOptions.ResetEimConfigData : ResetOptions.None;
        options |= asked.HasFlag(AutoEnableConfigV10) ? ResetOptions.ResetImmediateEnableConfig : ResetOptions.None;
        var done = Run(core, options);
        return new Packages.EncodedMessage(BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF34))
            {
                writer.Integer(0x80, done.Result);
                writer.OptionalInteger(0x81, done.EimResult);
                writer.OptionalInteger(0x82, done.ImmediateEnableResult);
            }
        }));
    }

    private static EuiccMemoryResetResponse Run(EuiccCore core, ResetOptions options)
    {
        var state = core.State;
        if (state.IsEcallActive())
        {
            return new EuiccMemoryResetResponse(EcallActive);
        }

        var next = MemoryReset.Delete(core, options, out var deleted);
        var isMainDone = next != state;
        int? eims = null;
        int? immediate = null;
        if (options.HasFlag(ResetOptions.ResetEimConfigData))
        {
            eims = next.Eims.IsEmpty ? NothingToDelete : Ok;

            // Whoever signed the last package is forgotten, and so is the right to undo it.
            next = next with { Eims = [], Rollback = null };
        }

        if (options.HasFlag(ResetOptions.ResetImmediateEnableConfig))
        {
            immediate = Ok;
            next = next with { ImmediateEnable = null };
        }

        if (next != state)
        {
            core.Commit(next, refresh: deleted.Any(profile => profile.Enabled));
        }

        // The result is about profiles and address: without any of these asked for there is nothing that could be missing.
        return new EuiccMemoryResetResponse(isMainDone || (options & Main) == ResetOptions.None ? Ok : NothingToDelete, eims, immediate);
    }
}
