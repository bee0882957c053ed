using OpenEim.Device.Ipa.Card;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Ipa;

/// <summary>
/// What an IPA of SGP.32 v1.0 in the field does to what it passes on: it decodes and encodes again, so the fields that its ASN.1 does not
/// know are gone, and with them the signature over them.
/// </summary>
internal static class ReencodingV10
{
    private const uint ProfileInfo = 0xE3;
    private const uint EuiccInfo2 = 0xBF22;

    /// <summary>The message without what v1.0 does not know.</summary>
    public static byte[] Apply(ReadOnlyMemory<byte> message) => Known(0, message);

    private static byte[] Known(uint parent, ReadOnlyMemory<byte> content) => BerWriting.Encode(writer =>
    {
        foreach (var tlv in Tlv.Split(content).Where(tlv => IsKnown(parent, tlv.Tag)))
        {
            var isWhole = IsConstructed(tlv.Tag) && Tlv.Split(tlv.Value).Sum(child => child.Encoded.Length) == tlv.Value.Length;
            var known = isWhole ? Known(tlv.Tag, tlv.Value) : [];
            if (!isWhole || known.Length == tlv.Value.Length)
            {
                writer.Raw(tlv.Encoded.Span);
                continue;
            }

            using (writer.Constructed(tlv.Tag))
            {
                writer.Raw(known);
            }
        }
    });

    // ProfileInfo: fallbackAttribute, fallbackAllowed, ecallIndication, IoT metadata. EUICCInfo2: ipaMode [16] and all above, but 99.
    private static bool IsKnown(uint parent, uint tag) => parent switch
    {
        ProfileInfo => tag is not (0x9F26 or 0x9F67 or 0x9F7B or 0xBF64),
        EuiccInfo2 => tag is not ((>= 0x90 and <= 0x98) or (>= 0xB0 and <= 0xBF)),
        _ => true,
    };

    // The class and the form stand in the tag's first byte.
    private static bool IsConstructed(uint tag) => ((tag > 0xFFFFFF ? tag >> 24 : tag > 0xFFFF ? tag >> 16 : tag > 0xFF ? tag >> 8 : tag) & 0x20) != 0;
}
