using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetRAT, tag BF43 (SGP.22 5.7.22), and the PSMO getRAT: the card has no rule, so no policy rule is authorised in a download.</summary>
internal static class GetRulesAuthorisationTable
{
    /// <summary>The result of the PSMO.</summary>
    public static readonly RulesAuthorisationTableResult Result = new(ReadOnlyMemory<byte>.Empty);

    public static IBerMessage Execute(ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return new Response();
    }

    private sealed record Response : IBerMessage
    {
        public void Encode(AsnWriter writer)
        {
            using (writer.Constructed(0xBF43))
            using (writer.Constructed(0xA0))
            {
            }
        }
    }
}
