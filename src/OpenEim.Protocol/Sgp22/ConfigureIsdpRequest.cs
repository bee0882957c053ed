using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES8+ ConfigureISDPRequest, tag BF24 (SGP.22 5.5.2).</summary>
/// <param name="DpProprietaryData">B8: the value bytes, <c>80</c> OID and what the SM-DP+ adds; at most 128 bytes with tag and length.</param>
public sealed record ConfigureIsdpRequest(ReadOnlyMemory<byte>? DpProprietaryData = null) : IBerMessage<ConfigureIsdpRequest>
{
    /// <inheritdoc/>
    public static ConfigureIsdpRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ConfigureIsdp);
        var request = new ConfigureIsdpRequest(inner.OptionalValue(Sgp22Tags.DpProprietaryData, 0, 126));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ConfigureIsdp))
        {
            if (DpProprietaryData is { } data)
            {
                using (writer.Constructed(Sgp22Tags.DpProprietaryData))
                {
                    writer.Raw(data.Span);
                }
            }
        }
    }
}
