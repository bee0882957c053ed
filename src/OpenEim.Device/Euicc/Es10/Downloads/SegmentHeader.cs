using System.Buffers.Binary;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>Tag and length of a TLV whose content comes later, or in part.</summary>
/// <param name="Length">How many bytes the header has.</param>
/// <param name="ContentLength">How many bytes it announces.</param>
internal readonly record struct SegmentHeader(int Length, int ContentLength)
{
    private const int MaxLengthBytes = 3;

    /// <summary>Reads the header after a tag of <paramref name="tagLength"/> bytes.</summary>
    /// <returns>False when it is cut short, or announces more than 16 MB.</returns>
    public static bool TryRead(ReadOnlySpan<byte> segment, int tagLength, out SegmentHeader header)
    {
        header = default;
        if (segment.Length <= tagLength)
        {
            return false;
        }

        var first = segment[tagLength];
        if (first < 0x80)
        {
            header = new SegmentHeader(tagLength + 1, first);
            return true;
        }

        var count = first & 0x7F;
        if (count is 0 or > MaxLengthBytes || segment.Length < tagLength + 1 + count)
        {
            return false;
        }

        Span<byte> length = stackalloc byte[sizeof(int)];
        length.Clear();
        segment.Slice(tagLength + 1, count).CopyTo(length[^count..]);
        header = new SegmentHeader(tagLength + 1 + count, BinaryPrimitives.ReadInt32BigEndian(length));
        return true;
    }
}
