using OpenEim.Device.Euicc.Es10.Information;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10a SetDefaultDpAddress, tag BF3F (SGP.22 5.7.4).</summary>
internal static class LocalSetDefaultDpAddress
{
    public static SetDefaultDpAddressResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var address = BerMessage.Decode<SetDefaultDpAddressRequest>(request).Address;
        if (!LocalControl.IsAllowed(core))
        {
            return new SetDefaultDpAddressResponse(SetDefaultDpAddressResult.UndefinedError);
        }

        core.Commit(SetDefaultDpAddressFunction.Set(core.State, address));
        return new SetDefaultDpAddressResponse(SetDefaultDpAddressResult.Ok);
    }
}
