namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The length field of a TLV, written straight into a buffer that is there already.</summary>
internal static class BerLength
{
    /// <summary>How many bytes the length field takes.</summary>
    public static int SizeOf(int length)
    {
        var size = 1;
        for (var rest = length < 0x80 ? 0 : length; rest != 0; rest >>= 8)
        {
            size++;
        }

        return size;
    }

    /// <summary>Writes the length field in its shortest form and says how many bytes it took.</summary>
    public static int Write(int length, Span<byte> destination)
    {
        var size = SizeOf(length);
        destination[0] = (byte)(size == 1 ? length : 0x80 | (size - 1));
        for (var i = 1; i < size; i++)
        {
            destination[i] = (byte)(length >> (8 * (size - 1 - i)));
        }

        return size;
    }
}
