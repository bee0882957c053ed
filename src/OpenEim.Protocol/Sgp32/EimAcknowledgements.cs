using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EimAcknowledgements, tag BF53 (SGP.32 2.11.1): the card's sequence numbers, of results and notifications, that the eIM has safely stored.</summary>
public sealed record EimAcknowledgements(IReadOnlyList<long> SequenceNumbers) : IBerMessage<EimAcknowledgements>
{
    /// <inheritdoc/>
    public static EimAcknowledgements Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.EimAcknowledgements);
        var numbers = new List<long>();
        while (inner.HasData)
        {
            numbers.Add(inner.ReadInteger(0x80));
        }

        return new EimAcknowledgements(numbers);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.EimAcknowledgements))
        {
            foreach (var number in SequenceNumbers)
            {
                writer.Integer(0x80, number);
            }
        }
    }
}
