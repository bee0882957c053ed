using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>A profile's identifier: any 10 bytes (tag 5A, as coded in EF.ICCID), shown as their nibbles.</summary>
/// <remarks>
/// ITU-T E.118 has 18 to 20 decimal digits, the last of them a Luhn digit, and SGP.22 pads them with F. Cards in use have
/// hexadecimal nibbles, fewer digits and F in the middle, so every value of 10 bytes is an ICCID here. The text has the
/// nibbles in reading order (each byte's lower nibble first) without the F's at the end, in upper case; ten bytes of FF are
/// shown as one F. A text that is read is padded with F to 20 nibbles. So an F at the end of a text says nothing: texts that
/// differ in it name the same ICCID, and each ICCID has one text that <see cref="ToString"/> gives.
/// </remarks>
public readonly record struct Iccid
{
    /// <summary>The length on the wire.</summary>
    public const int ByteLength = 10;

    /// <summary>How many nibbles an ICCID has, padding included.</summary>
    public const int MaxDigits = 2 * ByteLength;

    private readonly string? _digits;

    private Iccid(ReadOnlySpan<char> nibbles)
    {
        var digits = nibbles.TrimEnd('F');
        _digits = digits.IsEmpty ? "F" : digits.ToString();
    }

    /// <summary>Reads the 10 bytes of EF.ICCID.</summary>
    /// <exception cref="ProtocolException">The length is wrong.</exception>
    public static Iccid FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
        {
            throw new ProtocolException($"an ICCID has {ByteLength} bytes, not {bytes.Length}");
        }

        Span<char> nibbles = stackalloc char[MaxDigits];
        for (var i = 0; i < ByteLength; i++)
        {
            nibbles[2 * i] = Digit(bytes[i] & 0xF);
            nibbles[(2 * i) + 1] = Digit(bytes[i] >> 4);
        }

        return new Iccid(nibbles);
    }

    /// <summary>Reads 1 to 20 hexadecimal digits of either case; F's at the end are padding.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out Iccid iccid)
    {
        var valid = digits is { Length: >= 1 and <= MaxDigits } && digits.All(char.IsAsciiHexDigit);
        iccid = valid ? new Iccid(digits!.ToUpperInvariant()) : default;
        return valid;
    }

    /// <summary>Reads 1 to 20 hexadecimal digits of either case; F's at the end are padding.</summary>
    /// <exception cref="ProtocolException">The text is not an ICCID.</exception>
    public static Iccid Parse(string digits) =>
        TryParse(digits, out var iccid) ? iccid : throw new ProtocolException($"an ICCID has 1 to {MaxDigits} hexadecimal digits");

    /// <summary>Adds the check digit (ITU-T E.118 annex B, Luhn) to the 17 to 19 decimal digits before it.</summary>
    /// <exception cref="ProtocolException">The text is something else.</exception>
    public static Iccid WithCheckDigit(string digits)
    {
        ArgumentNullException.ThrowIfNull(digits);
        if (digits.Length is < 17 or >= MaxDigits || !digits.All(char.IsAsciiDigit))
        {
            throw new ProtocolException("a check digit follows 17 to 19 decimal digits");
        }

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

    /// <summary>The digits in reading order, hexadecimal where they are not decimal, without the padding.</summary>
    public override string ToString() => _digits ?? throw new InvalidOperationException("the ICCID was never set");

    private static char Digit(int nibble) => (char)(nibble < 10 ? '0' + nibble : 'A' + nibble - 10);

    private static int Nibble(string digits, int index) =>
        index >= digits.Length ? 0xF : digits[index] <= '9' ? digits[index] - '0' : digits[index] - 'A' + 10;
}
