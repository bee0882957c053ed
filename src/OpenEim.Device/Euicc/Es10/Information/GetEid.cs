using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10c GetEID, tag BF3E (SGP.22 5.7.20).</summary>
internal static class GetEid
{
    private const uint EidTag = 0x5A;

    public static GetEuiccDataResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var reader = new BerReader(request);
        var inner = reader.ReadConstructed(0xBF3E);

        // The EID is all that there is: it is given to whoever names no tag, or names others beside it.
        if (inner.TryReadValue(0x5C, out var tags) && !IpaEuiccDataTag.Parse(tags.Span).Contains(EidTag))
        {
            throw new ProtocolException("GetEuiccData gives the EID and nothing else");
        }

        inner.SkipUnknown();
        return new GetEuiccDataResponse(Eid.Parse(core.Identity.Eid));
    }
}
