using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Ipa.Card;

/// <summary>A TLV in an answer of a card. Some cards do not follow the standard exactly, so an IPA reads only what it needs and forwards the rest unchanged.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Tlv(uint Tag, ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> Value)
{
    /// <summary>The consecutive TLVs, up to the first byte that does not begin one.</summary>
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
            // The rest is no TLV. What was read before it still counts.
        }

        return found;
    }

    /// <summary>The first TLV at a path of tags, each inside the one before.</summary>
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

    /// <summary>The INTEGER that <see cref="Find"/> finds; null if there is none.</summary>
    public static long? FindInteger(ReadOnlyMemory<byte> bytes, params ReadOnlySpan<uint> path) =>
        Find(bytes, path) is { Value.Length: > 0 and <= sizeof(long) } tlv ? new BerReader(tlv.Encoded).ReadInteger(tlv.Tag) : null;

    /// <summary>
    /// The TLVs that <paramref name="isItem"/> accepts. Cards wrap a list in the alternative of the CHOICE, in a bare SEQUENCE, in both, or not at
    /// all; this finds the items in each of these forms.
    /// </summary>
    public static IEnumerable<Tlv> Items(ReadOnlyMemory<byte> bytes, Func<Tlv, bool> isItem, int depth = 3) => Split(bytes).SelectMany(tlv =>
        isItem(tlv) ? [tlv]
        : depth > 0 && tlv.Tag is 0x30 or 0x31 or 0xA0 or 0xA1 or 0xA2 or 0xA3 ? Items(tlv.Value, isItem, depth - 1)
        : []);
}
