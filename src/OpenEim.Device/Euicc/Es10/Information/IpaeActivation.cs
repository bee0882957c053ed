using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b IpaeActivation, tag BF42 (SGP.32 5.9.1): the card has no IPA of its own.</summary>
internal static class IpaeActivation
{
    private const int NotSupported = 1;

    public static IpaeActivationResponse Execute(ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<IpaeActivationRequest>(request);
        return new IpaeActivationResponse(NotSupported);
    }
}
