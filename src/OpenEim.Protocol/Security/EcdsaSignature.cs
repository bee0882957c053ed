using System.Formats.Asn1;

namespace OpenEim.Protocol.Security;

/// <summary>The two forms of an ECDSA signature: raw r‖s of RSP messages, DER of certificates.</summary>
internal static class EcdsaSignature
{
    /// <summary>The length of r‖s.</summary>
    public const int RawLength = 2 * EcDomain.FieldLength;

    /// <summary>Writes SEQUENCE { r, s }.</summary>
    public static byte[] ToDer(ReadOnlySpan<byte> raw)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(Trimmed(raw[..EcDomain.FieldLength]));
            writer.WriteIntegerUnsigned(Trimmed(raw[EcDomain.FieldLength..]));
        }

        return writer.Encode();
    }

    /// <summary>Reads SEQUENCE { r, s } into r‖s; false when it is anything else.</summary>
    public static bool TryFromDer(ReadOnlySpan<byte> der, Span<byte> raw)
    {
        // Each TLV of a signature on a 256-bit curve has a one-byte length.
        if (der.Length is < 8 or > 72 || der[0] != 0x30 || der[1] != der.Length - 2)
        {
            return false;
        }

        var rest = der[2..];
        return TryReadInteger(ref rest, raw[..EcDomain.FieldLength])
            && TryReadInteger(ref rest, raw[EcDomain.FieldLength..])
            && rest.IsEmpty;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> rest, Span<byte> field)
    {
        if (rest.Length < 3 || rest[0] != 0x02 || rest[1] == 0 || rest[1] > rest.Length - 2)
        {
            return false;
        }

        var value = rest.Slice(2, rest[1]);
        rest = rest[(2 + value.Length)..];
        if ((value[0] & 0x80) != 0)
        {
            return false;
        }

        value = value.TrimStart((byte)0);
        if (value.Length > field.Length)
        {
            return false;
        }

        field.Clear();
        value.CopyTo(field[(field.Length - value.Length)..]);
        return true;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> number)
    {
        var trimmed = number.TrimStart((byte)0);
        return trimmed.IsEmpty ? number[^1..] : trimmed;
    }
}
