using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>A Certificate or SubjectPublicKeyInfo under an implicit tag: the tag takes the place of the outer 30 (A5 and A6 of BF52 and BF56).</summary>
internal static class CertificateField
{
    /// <summary>Reads the field as an ordinary DER SEQUENCE. One nested 30 is accepted too.</summary>
    public static ReadOnlyMemory<byte> Read(ref BerReader reader, uint tag)
    {
        var content = reader.ReadValue(tag);
        var inner = new BerReader(content);
        if (inner.NextIs(0x30))
        {
            var first = inner.ReadEncoded(0x30);
            if (!inner.HasData)
            {
                return first;
            }
        }

        return AsSequence(content);
    }

    /// <summary>Writes an ordinary DER SEQUENCE under the implicit tag.</summary>
    public static void Write(AsnWriter writer, uint tag, ReadOnlyMemory<byte> sequence)
    {
        var reader = new BerReader(sequence);
        var content = reader.ReadValue(0x30);
        using (writer.Constructed(tag))
        {
            writer.Raw(content.Span);
        }
    }

    private static byte[] AsSequence(ReadOnlyMemory<byte> content) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            writer.Raw(content.Span);
        }
    });
}
