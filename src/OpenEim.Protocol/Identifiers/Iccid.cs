using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>A profile's identifier: 18 to 20 digits, on the wire 10 bytes with swapped nibbles, padded with F (tag 5A, as coded in EF.ICCID).</summary>
/// <remarks>The Luhn digit is not enforced: published examples fail it.</remarks>
public readonly record struct Iccid
{
    /// <summary>The length on the wire.</summary>
    public const int ByteLength = 10;

    private readonly string? _digits;

    private Iccid(string digits) => _digits = digits;

    /// <summary>Reads the 10 bytes of EF.ICCID.</summary>
    /// <exception cref="ProtocolException">The length or a nibble is wrong.</exception>
    public static Iccid FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
        {
            throw new ProtocolException($"an ICCID has {ByteLength} bytes, not {bytes.Length}");
        }

        Span<char> digits = stackalloc char[2 * ByteLength];
        var count = 0;
        for (var i = 0; i < 2 * ByteLength; i++)
        {
            var nibble = i % 2 == 0 ? bytes[i / 2] & 0xF : bytes[i / 2] >> 4;
            if (nibble <= 9 && count == i)
            {
                digits[count++] = (char)('0' + nibble);
            }
            else if (nibble != 0xF)
            {
                throw new ProtocolException("an ICCID holds decimal digits, padded with F");
            }
        }

        return count >= 18 ? new Iccid(new string(digits[..count])) : throw new ProtocolException("an ICCID has at least 18 digits");
    }

    /// <summary>Reads 18 to 20 digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out Iccid iccid)
    {
        var valid = digits is { Length: >= 18 and <= 2 * ByteLength } && digits.All(char.IsAsciiDigit);
        iccid = valid ? new Iccid(digits!) : default;
        return valid;
    }

    /// <summary>Reads 18 to 20 digits.</summary>
    /// <exception cref="ProtocolException">The text is not an ICCID.</exception>
    public static Iccid Parse(string digits) =>
        TryParse(digits, out var iccid) ? iccid : throw new ProtocolException("an ICCID has 18 to 20 decimal digits");

    /// <summary>Adds the check digit (ITU-T E.118 annex B, Luhn) to the digits before it.</summary>
    /// <exception cref="ProtocolException">The text holds no 17 to 19 digits.</exception>
    public static Iccid WithCheckDigit(string digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            var weighted = i % 2 == 0 ? 2 * digit : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }

        return Parse(digits + (char)('0' + ((10 - (sum % 10)) % 10)));
    }

    /// <summary>The 10 bytes of EF.ICCID.</summary>
    public byte[] ToBytes()
    {
        var digits = ToString();
        var bytes = new byte[ByteLength];
        for (var i = 0; i < ByteLength; i++)
        {
            bytes[i] = (byte)(Nibble(digits, 2 * i) | (Nibble(digits, (2 * i) + 1) << 4));
        }

        return bytes;
    }

    /// <summary>The digits, in reading order.</summary>
    public override string ToString() => _digits ?? throw new InvalidOperationException("the ICCID was never set");

    private static int Nibble(string digits, int index) => index < digits.Length ? digits[index] - '0' : 0xF;
}
