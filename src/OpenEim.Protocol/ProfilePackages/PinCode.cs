using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>The 8-byte value of a PIN, a PUK or an administrative key: ASCII digits padded with FF, or any bytes (ETSI TS 102 221 clause 9.5.1).</summary>
public readonly record struct PinCode
{
    /// <summary>The length of the value.</summary>
    public const int ByteLength = 8;

    private const int MinDigits = 4;

    private readonly ulong _value;

    private PinCode(ulong value) => _value = value;

    /// <summary>Takes 8 bytes as they are.</summary>
    /// <exception cref="ProtocolException">The length is wrong.</exception>
    public static PinCode FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == ByteLength
        ? new PinCode(BinaryPrimitives.ReadUInt64BigEndian(bytes))
        : throw new ProtocolException($"the value of a PIN has {ByteLength} bytes, not {bytes.Length}");

    /// <summary>Reads 4 to 8 digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out PinCode pin)
    {
        pin = default;
        if (digits is not { Length: >= MinDigits and <= ByteLength } || !digits.All(char.IsAsciiDigit))
        {
            return false;
        }

        var value = ulong.MaxValue;
        for (var i = 0; i < digits.Length; i++)
        {
            var shift = 8 * (ByteLength - 1 - i);
            value = (value & ~(0xFFul << shift)) | ((ulong)digits[i] << shift);
        }

        pin = new PinCode(value);
        return true;
    }

    /// <summary>Reads 4 to 8 digits.</summary>
    /// <exception cref="ProtocolException">The text is not a PIN.</exception>
    public static PinCode Parse(string digits) =>
        TryParse(digits, out var pin) ? pin : throw new ProtocolException($"a PIN has {MinDigits} to {ByteLength} decimal digits");

    /// <summary>The 8 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[ByteLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _value);
        return bytes;
    }

    /// <summary>Tells nothing of the value, which is a secret.</summary>
    public override string ToString() => "a PIN";
}
