namespace OpenEim.Fuzzing.Mutation;

/// <summary>A TLV of an input, as a tree that can be changed and written again, also wrongly.</summary>
internal sealed class BerNode
{
    private const int MaxDepth = 64;

    /// <summary>The tag's bytes.</summary>
    public required byte[] Tag { get; set; }

    /// <summary>The value of a leaf.</summary>
    public byte[] Value { get; set; } = [];

    /// <summary>What a constructed TLV holds; null for a leaf.</summary>
    public List<BerNode>? Children { get; set; }

    /// <summary>Length bytes to write instead of the right ones.</summary>
    public byte[]? WrongLength { get; set; }

    /// <summary>Reads TLVs as far as they are well formed; null when the first one is not.</summary>
    public static List<BerNode>? ReadAll(ReadOnlySpan<byte> data, int depth = 0)
    {
        var nodes = new List<BerNode>();
        while (!data.IsEmpty)
        {
            if (Read(data, depth, out var length) is not { } node)
            {
                return null;
            }

            nodes.Add(node);
            data = data[length..];
        }

        return nodes;
    }

    /// <summary>All nodes of a list, parents before their children.</summary>
    public static IEnumerable<BerNode> Walk(IEnumerable<BerNode> nodes) => nodes.SelectMany(node => Walk(node.Children ?? []).Prepend(node));

    /// <summary>Writes a list.</summary>
    public static byte[] Write(IEnumerable<BerNode> nodes)
    {
        var output = new List<byte>();
        foreach (var node in nodes)
        {
            node.WriteTo(output);
        }

        return [.. output];
    }

    /// <summary>The same node, to be changed on its own.</summary>
    public BerNode Copy() => new()
    {
        Tag = Tag,
        Value = Value,
        WrongLength = WrongLength,
        Children = Children?.ConvertAll(child => child.Copy()),
    };

    /// <summary>The shortest length bytes.</summary>
    public static byte[] LengthOf(int length) => length switch
    {
        < 0x80 => [(byte)length],
        <= 0xFF => [0x81, (byte)length],
        <= 0xFFFF => [0x82, (byte)(length >> 8), (byte)length],
        _ => [0x83, (byte)(length >> 16), (byte)(length >> 8), (byte)length],
    };

    private void WriteTo(List<byte> output)
    {
        var content = Children is { } children ? Write(children) : Value;
        output.AddRange(Tag);
        output.AddRange(WrongLength ?? LengthOf(content.Length));
        output.AddRange(content);
    }

    private static BerNode? Read(ReadOnlySpan<byte> data, int depth, out int length)
    {
        length = 0;
        var tagLength = 1;
        if ((data[0] & 0x1F) == 0x1F)
        {
            do
            {
                if (++tagLength > Math.Min(4, data.Length))
                {
                    return null;
                }
            }
            while ((data[tagLength - 1] & 0x80) != 0);
        }

        if (tagLength >= data.Length || !ReadLength(data[tagLength..], out var lengthBytes, out var contentLength))
        {
            return null;
        }

        length = tagLength + lengthBytes + contentLength;
        if (length > data.Length)
        {
            return null;
        }

        var content = data.Slice(tagLength + lengthBytes, contentLength);
        var node = new BerNode { Tag = data[..tagLength].ToArray(), Value = content.ToArray() };
        if ((data[0] & 0x20) != 0 && depth < MaxDepth)
        {
            node.Children = ReadAll(content, depth + 1);
        }

        return node;
    }

    private static bool ReadLength(ReadOnlySpan<byte> data, out int lengthBytes, out int length)
    {
        (lengthBytes, length) = (1, data[0]);
        if (data[0] < 0x80)
        {
            return true;
        }

        lengthBytes = 1 + (data[0] & 0x7F);
        length = 0;
        if (lengthBytes is 1 or > 4 || lengthBytes > data.Length)
        {
            return false;
        }

        foreach (var octet in data[1..lengthBytes])
        {
            length = (length << 8) | octet;
        }

        return true;
    }
}
