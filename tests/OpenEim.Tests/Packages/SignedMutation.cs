using OpenEim.Protocol.Ber;

namespace OpenEim.Tests.Packages;

/// <summary>Puts other bytes into one leaf of a TLV, and mends the lengths around it.</summary>
internal static class SignedMutation
{
    /// <summary>How many leaves there are.</summary>
    public static int LeavesOf(ReadOnlyMemory<byte> tlv)
    {
        var leaves = 0;
        Walk(tlv, ref leaves, -1, [], out _);
        return leaves;
    }

    /// <summary>The TLV with another value in one leaf.</summary>
    public static byte[] Replace(ReadOnlyMemory<byte> tlv, int leaf, byte[] value, out uint tag)
    {
        var leaves = 0;
        return Walk(tlv, ref leaves, leaf, value, out tag);
    }

    private static byte[] Walk(ReadOnlyMemory<byte> list, ref int leaves, int wanted, byte[] value, out uint found)
    {
        found = 0;
        var reader = new BerReader(list);
        var result = new List<byte>();
        while (reader.HasData)
        {
            var encoded = reader.ReadEncoded(out var tag);
            var header = HeaderOf(encoded.Span);
            ReadOnlyMemory<byte> content = encoded[header..];
            if ((encoded.Span[0] & 0x20) != 0)
            {
                content = Walk(content, ref leaves, wanted, value, out var inside);
                found = inside == 0 ? found : inside;
            }
            else if (leaves++ == wanted)
            {
                (content, found) = (value, tag);
            }

            result.AddRange(encoded[..TagLength(encoded.Span)].ToArray());
            result.AddRange(LengthOf(content.Length));
            result.AddRange(content.ToArray());
        }

        return [.. result];
    }

    private static int TagLength(ReadOnlySpan<byte> encoded) => (encoded[0] & 0x1F) == 0x1F ? 2 : 1;

    private static int HeaderOf(ReadOnlySpan<byte> encoded)
    {
        var at = TagLength(encoded);
        return at + 1 + (encoded[at] < 0x80 ? 0 : encoded[at] & 0x7F);
    }

    private static byte[] LengthOf(int length) => length < 0x80 ? [(byte)length]
        : length < 0x100 ? [0x81, (byte)length]
        : [0x82, (byte)(length >> 8), (byte)length];
}
