using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>A subscriber's identity: 6 to 15 digits, coded in the 9 bytes of EF.IMSI (3GPP TS 31.102 clause 4.2.2).</summary>
public readonly record struct Imsi
{
    /// <summary>The length of EF.IMSI.</summary>
    public const int ByteLength = 9;

    private const int MinDigits = 6;
    private const int MaxDigits = 15;

    private readonly string? _digits;

    private Imsi(string digits) => _digits = digits;

    /// <summary>The access control classes of EF.ACC that follow from the last digit: one of the classes 0 to 9 (3GPP TS 22.011 clause 4.2).</summary>
    public ushort AccessControlClasses => (ushort)(1 << (ToString()[^1] - '0'));

    /// <summary>Reads 6 to 15 digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out Imsi imsi)
    {
        var valid = digits is { Length: >= MinDigits and <= MaxDigits } && digits.All(char.IsAsciiDigit);
        imsi = valid ? new Imsi(digits!) : default;
        return valid;
    }

    /// <summary>Reads 6 to 15 digits.</summary>
    /// <exception cref="ProtocolException">The text is not an IMSI.</exception>
    public static Imsi Parse(string digits) => TryParse(digits, out var imsi)
        ? imsi
        : throw new ProtocolException($"an IMSI has {MinDigits} to {MaxDigits} decimal digits");

    /// <summary>Reads the content of EF.IMSI.</summary>
    /// <exception cref="ProtocolException">It is not coded as an IMSI.</exception>
    public static Imsi FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength || bytes[0] is < 1 or > ByteLength - 1)
        {
            throw new ProtocolException($"EF.IMSI has {ByteLength} bytes, of which the first counts those in use");
        }

        var odd = (bytes[1] & 0x08) != 0;
        var count = (2 * bytes[0]) - (odd ? 1 : 2);
        Span<char> digits = stackalloc char[MaxDigits];
        for (var i = 0; i < count; i++)
        {
            var octet = bytes[1 + ((i + 1) / 2)];
            var nibble = i % 2 == 0 ? octet >> 4 : octet & 0xF;
            digits[i] = nibble <= 9 ? (char)('0' + nibble) : 'F';
        }

        return Parse(new string(digits[..count]));
    }

    /// <summary>The content of EF.IMSI.</summary>
    public byte[] ToBytes()
    {
        var digits = ToString();
        var bytes = new byte[ByteLength];
        bytes.AsSpan().Fill(0xFF);
        bytes[0] = (byte)((digits.Length / 2) + 1);
        var parity = digits.Length % 2 == 0 ? 0x01 : 0x09;
        bytes[1] = (byte)(((digits[0] - '0') << 4) | parity);
        for (var i = 1; i < digits.Length; i += 2)
        {
            var high = i + 1 < digits.Length ? digits[i + 1] - '0' : 0xF;
            bytes[1 + ((i + 1) / 2)] = (byte)((digits[i] - '0') | (high << 4));
        }

        return bytes;
    }

    /// <summary>The digits.</summary>
    public override string ToString() => _digits ?? throw new InvalidOperationException("the IMSI was never set");
}
