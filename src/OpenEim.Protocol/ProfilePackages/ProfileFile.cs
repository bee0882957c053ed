using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>Writes the files of a profile element (SAIP File): what differs from the file template, and the content.</summary>
internal static class ProfileFile
{
    /// <summary>The access rules that stand in EF.ARR of the master file.</summary>
    public static byte[] MasterRule(byte record) => [0x2F, 0x06, record];

    /// <summary>The access rules that stand in EF.ARR of the USIM.</summary>
    public static byte[] UsimRule(byte record) => [0x6F, 0x06, record];

    /// <summary>Writes a directory. Its PIN status template names the keys that protect what lies in it.</summary>
    public static void Directory(AsnWriter writer, uint tag, ReadOnlySpan<byte> fileId, ReadOnlySpan<byte> aid, ReadOnlySpan<byte> pinStatus)
    {
        using (writer.Constructed(tag))
        using (writer.Constructed(0xA1))
        {
            if (!fileId.IsEmpty)
            {
                writer.Octets(0x83, fileId);
            }

            if (!aid.IsEmpty)
            {
                writer.Octets(0x84, aid);
            }

            writer.Octets(0x8B, MasterRule(14));
            writer.Octets(0xC6, pinStatus);
        }
    }

    /// <summary>Writes a file whose structure and size are its template's.</summary>
    public static void Transparent(AsnWriter writer, uint tag, ReadOnlySpan<byte> rule, ReadOnlySpan<byte> content)
    {
        using (writer.Constructed(tag))
        {
            using (writer.Constructed(0xA1))
            {
                writer.Octets(0x8B, rule);
            }

            writer.Octets(0x83, content);
        }
    }

    /// <summary>Writes a linear fixed file, whose content is a whole number of records.</summary>
    public static void LinearFixed(AsnWriter writer, uint tag, ReadOnlySpan<byte> rule, byte recordLength, ReadOnlySpan<byte> content)
    {
        using (writer.Constructed(tag))
        {
            using (writer.Constructed(0xA1))
            {
                writer.Octets(0x82, [0x42, 0x21, 0x00, recordLength]);
                writer.Octets(0x8B, rule);
                writer.Octets(0x80, content.Length > 0xFF ? [(byte)(content.Length >> 8), (byte)content.Length] : [(byte)content.Length]);
            }

            writer.Octets(0x83, content);
        }
    }
}
