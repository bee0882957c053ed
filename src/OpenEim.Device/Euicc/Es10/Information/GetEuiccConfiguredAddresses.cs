using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10a GetEuiccConfiguredAddresses, tag BF3C (SGP.22 5.7.3).</summary>
internal static class GetEuiccConfiguredAddresses
{
    public static EuiccConfiguredAddressesResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return new EuiccConfiguredAddressesResponse(core.State.DefaultSmdpAddress, core.Identity.RootSmdsAddress ?? "");
    }
}
