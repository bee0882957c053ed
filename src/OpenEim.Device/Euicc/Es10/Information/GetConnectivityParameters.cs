using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetConnectivityParameters, tag BF5F (SGP.32 5.9.24): how the operator of the enabled profile wants HTTP and CoAP to be used.</summary>
internal static class GetConnectivityParameters
{
    private const int NotAvailable = 1;

    public static GetConnectivityParametersResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return core.State.EnabledProfile()?.HttpParameters is { } parameters
            ? new GetConnectivityParametersResponse(parameters)
            : new GetConnectivityParametersResponse(null, NotAvailable);
    }
}
