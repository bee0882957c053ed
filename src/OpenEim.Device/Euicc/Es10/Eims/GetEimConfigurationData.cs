using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Eims;

/// <summary>ES10b GetEimConfigurationData, tag BF55 (SGP.32 5.9.18): all eIMs, or the one asked for; none is an empty list.</summary>
internal static class GetEimConfigurationData
{
    public static GetEimConfigurationDataResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        // v1.0 has no search, and no word about indirect downloads: they are the only ones.
        var isV10 = core.Identity.IsV10;
        var wanted = isV10 ? null : BerMessage.Decode<GetEimConfigurationDataRequest>(request).EimId;
        return new GetEimConfigurationDataResponse(
        [
            .. core.State.Eims.Where(eim => wanted is null || eim.EimId == wanted)
                .Select(EimAssociation.Read)
                .Select(eim => isV10 ? eim with { IndirectProfileDownload = false } : eim),
        ]);
    }
}
