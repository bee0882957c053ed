using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetCerts, tag BF56 (SGP.32 5.9.13).</summary>
internal static class GetCerts
{
    private const int InvalidCiPkId = 1;

    public static GetCertsResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var wanted = BerMessage.Decode<GetCertsRequest>(request).CiPkId;
        return wanted is { } id && !core.Identity.SigningCiKeyIds.Any(known => id.Span.SequenceEqual(known))
            ? new GetCertsResponse(null, null, InvalidCiPkId)
            : new GetCertsResponse(core.Identity.EumCertificate, core.Identity.EuiccCertificate);
    }
}
