using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>The eUICC's identifier: 32 decimal digits, 16 bytes on the wire (SGP.22 tag 5A in ES10b, SGP.29).</summary>
/// <remarks>The mod-97 check of SGP.29 is not enforced: test eUICCs, and EIDs that vendors publish, fail it.</remarks>
public readonly record struct Eid : IComparable<Eid>
{
    /// <summary>The length on the wire.</summary>
    public const int ByteLength = 16;

    private readonly UInt128 _packed;

    private Eid(UInt128 packed) => _packed = packed;

    /// <summary>Reads the 16 packed bytes; every nibble must be a decimal digit.</summary>
    /// <exception cref="ProtocolException">The length or a nibble is wrong.</exception>
    public static Eid FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
        {
            throw new ProtocolException($"an EID has {ByteLength} bytes, not {bytes.Length}");
        }

        foreach (var octet in bytes)
        {
            if ((octet >> 4) > 9 || (octet & 0xF) > 9)
            {
                throw new ProtocolException("an EID holds decimal digits only");
            }
        }

        return new Eid(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Reads 32 digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out Eid eid)
    {
        eid = default;
        if (digits is not { Length: 2 * ByteLength } || !digits.All(char.IsAsciiDigit))
        {
            return false;
        }

        eid = FromBytes(Convert.FromHexString(digits));
        return true;
    }

    /// <summary>Reads 32 digits.</summary>
    /// <exception cref="ProtocolException">The text is not an EID.</exception>
    public static Eid Parse(string digits) =>
        TryParse(digits, out var eid) ? eid : throw new ProtocolException("an EID has 32 decimal digits");

    /// <summary>The 16 packed bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[ByteLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _packed);
        return bytes;
    }

    /// <summary>The 16 packed bytes as one number, the first byte the highest.</summary>
    public UInt128 ToNumber() => _packed;

    /// <summary>The 32 digits.</summary>
    public override string ToString() => _packed.ToString("X32", null);

    /// <inheritdoc/>
    public int CompareTo(Eid other) => _packed.CompareTo(other._packed);

    /// <summary>Orders by number.</summary>
    public static bool operator <(Eid left, Eid right) => left.CompareTo(right) < 0;

    /// <summary>Orders by number.</summary>
    public static bool operator >(Eid left, Eid right) => left.CompareTo(right) > 0;

    /// <summary>Orders by number.</summary>
    public static bool operator <=(Eid left, Eid right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by number.</summary>
    public static bool operator >=(Eid left, Eid right) => left.CompareTo(right) >= 0;
}
