using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>
/// ES10b ConfigureImmediateProfileEnabling, tag BF59 (SGP.32 5.9.17): allows or forbids <see cref="ImmediateEnable"/>. It is the device's
/// to say as long as the card has no eIM; with one, the PSMO configureImmediateEnable says it.
/// </summary>
internal static class ConfigureImmediateProfileEnabling
{
    private const uint Function = 0xBF59;
    private const int Ok = 0;
    private const int AssociatedEimAlreadyExists = 2;

    public static CodeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> encoded)
    {
        var request = BerMessage.Decode<ConfigureImmediateProfileEnablingRequest>(encoded);
        if (!core.State.Eims.IsEmpty)
        {
            return new CodeResponse(Function, AssociatedEimAlreadyExists);
        }

        core.Commit(core.State with
        {
            ImmediateEnable = request.Enable ? new ImmediateEnableConfiguration(request.SmdpOid?.ToArray(), request.SmdpAddress) : null,
        });
        return new CodeResponse(Function, Ok);
    }
}
