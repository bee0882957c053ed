using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Ipa.Card;

/// <summary>A TLV in what a card has said. Foreign cards bend the standard: an IPA reads the little that it needs, and forwards the rest as it came.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Tlv(uint Tag, ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> Value)
{
    /// <summary>The TLVs that stand one behind the other, up to the first byte that begins none.</summary>
    public static IReadOnlyList<Tlv> Split(ReadOnlyMemory<byte> bytes)
    {
        var found = new List<Tlv>();
        var reader = new BerReader(bytes);
        try
        {
            while (reader.HasData)
            {
                var encoded = reader.ReadEncoded(out var tag);
                found.Add(new Tlv(tag, encoded, new BerReader(encoded).ReadValue(tag)));
            }
        }
        catch (ProtocolException)
        {
            // What follows is no TLV: what came before is still what the card has said.
        }

        return found;
    }

    /// <summary>The first TLV at the end of a path of tags, each inside the one before.</summary>
    public static Tlv? Find(ReadOnlyMemory<byte> bytes, params ReadOnlySpan<uint> path)
    {
        Tlv? found = null;
        foreach (var tag in path)
        {
            found = null;
            foreach (var tlv in Split(bytes))
            {
                if (tlv.Tag == tag)
                {
                    found = tlv;
                    break;
                }
            }

            if (found is not { } inner)
            {
                return null;
            }

            bytes = inner.Value;
        }

        return found;
    }

    /// <summary>The value of <see cref="Find"/> as an INTEGER; null where there is none.</summary>
    public static long? FindInteger(ReadOnlyMemory<byte> bytes, params ReadOnlySpan<uint> path) =>
        Find(bytes, path) is { Value.Length: > 0 and <= sizeof(long) } tlv ? new BerReader(tlv.Encoded).ReadInteger(tlv.Tag) : null;

    /// <summary>
    /// The TLVs that <paramref name="isItem"/> accepts, however a card has wrapped their list: in the CHOICE's arm, in a bare SEQUENCE, in
    /// both, or not at all.
    /// </summary>
    public static IEnumerable<Tlv> Items(ReadOnlyMemory<byte> bytes, Func<Tlv, bool> isItem, int depth = 3) => Split(bytes).SelectMany(tlv =>
        isItem(tlv) ? [tlv]
        : depth > 0 && tlv.Tag is 0x30 or 0x31 or 0xA0 or 0xA1 or 0xA2 or 0xA3 ? Items(tlv.Value, isItem, depth - 1)
        : []);
}
