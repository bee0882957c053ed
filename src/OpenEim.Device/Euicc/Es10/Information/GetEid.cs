using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10c GetEID, tag BF3E (SGP.22 5.7.20).</summary>
internal static class GetEid
{
    private const byte EidTag = 0x5A;

    public static GetEuiccDataResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var reader = new BerReader(request);
        var inner = reader.ReadConstructed(0xBF3E);
        if (inner.ReadValue(0x5C, 1, 1).Span[0] != EidTag)
        {
            throw new ProtocolException("GetEuiccData gives the EID and nothing else");
        }

        inner.SkipUnknown();
        return new GetEuiccDataResponse(Eid.Parse(core.Identity.Eid));
    }
}
