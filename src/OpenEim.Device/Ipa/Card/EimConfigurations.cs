using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa.Card;

/// <summary>The card's eIMs (BF55, SGP.32 5.9.18). Entries and fields that cannot be read are left out.</summary>
/// <param name="Encoded">The answer as the card gave it.</param>
public sealed record EimConfigurations(ReadOnlyMemory<byte> Encoded)
{
    private const uint EimId = 0x80;
    private const uint Token = 0x84;

    /// <summary>The eIMs that have an id.</summary>
    public IReadOnlyList<EimConfigurationData> Eims { get; } = [.. Entries(Encoded).Select(Read).OfType<EimConfigurationData>()];

    /// <summary>The association token (84) of an eIM, unchanged; null if there is none.</summary>
    internal Tlv? AssociationToken(string eimId) => Entries(Encoded)
        .Where(entry => Read(entry)?.EimId == eimId)
        .Select(entry => Tlv.Find(entry.Value, Token))
        .FirstOrDefault();

    private static IEnumerable<Tlv> Entries(ReadOnlyMemory<byte> encoded) => Tlv.Find(encoded, 0xBF55) is { } answer
        ? Tlv.Items(answer.Value, tlv => tlv.Tag == 0x30 && Tlv.Find(tlv.Value, EimId) is not null)
        : [];

    private static EimConfigurationData? Read(Tlv entry)
    {
        var fields = Tlv.Split(entry.Value);
        var id = fields.First(field => field.Tag == EimId);
        return Decode([id, .. fields.Where(field => field.Tag != EimId && Decode([id, field]) is not null)]);
    }

    private static EimConfigurationData? Decode(IReadOnlyList<Tlv> fields)
    {
        var encoded = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0x30))
            {
                foreach (var field in fields)
                {
                    writer.Raw(field.Encoded.Span);
                }
            }
        });
        try
        {
            var reader = new BerReader(encoded);
            return EimConfigurationData.Decode(ref reader, 0x30);
        }
        catch (ProtocolException)
        {
            return null;
        }
    }
}
