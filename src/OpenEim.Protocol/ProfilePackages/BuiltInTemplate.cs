using System.Formats.Asn1;
using System.Text;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>
/// A profile package of our own to personalise: one USIM with Milenage, no PIN asked, keys for SCP80 (SAIP version 2.3).
/// </summary>
/// <remarks>
/// Every value of the subscriber is a placeholder of digits or zeros: PIN 0000, PUK 00000000, ADM 00000000. Parameters that
/// equal the default of the ASN.1 module are left out, as DER has it.
/// </remarks>
public static class BuiltInTemplate
{
    /// <summary>The key version number of its SCP80 keys, whose identifiers are 1 (KIC), 2 (KID) and 3 (KIK), AES-128 each.</summary>
    public const byte Scp80KeyVersion = 0x01;

    private const int Arr = 10;

    private static readonly byte[] UsimAid = Convert.FromHexString("A0000000871002FFFFFFFF8907090000");

    /// <summary>Makes the template.</summary>
    /// <param name="profileType">The profile type of the header, 1 to 100 bytes of UTF-8.</param>
    /// <param name="serviceProvider">The name in EF.SPN, 1 to 16 ASCII characters.</param>
    /// <param name="mncLength">How many digits of the IMSI are the mobile network code: 2 or 3.</param>
    public static ProfileTemplate Create(string profileType = "OpenEim IoT", string serviceProvider = "OpenEim", int mncLength = 2) =>
        ProfileTemplate.Parse(Encode(profileType, serviceProvider, mncLength));

    private static byte[] Encode(string profileType, string serviceProvider, int mncLength)
    {
        ArgumentException.ThrowIfNullOrEmpty(profileType);
        ArgumentException.ThrowIfNullOrEmpty(serviceProvider);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(profileType), 100, nameof(profileType));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serviceProvider.Length, 16, nameof(serviceProvider));
        ArgumentOutOfRangeException.ThrowIfLessThan(mncLength, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mncLength, 3);
        return BerWriting.Encode(writer =>
        {
            WriteHeader(writer, profileType);
            WriteMasterFile(writer, 1);
            BuiltInSecurity.WritePuks(writer, 2);
            BuiltInSecurity.WriteGlobalPins(writer, 3);
            WriteTelecom(writer, 4);
            WriteUsim(writer, 5, serviceProvider, mncLength);
            BuiltInSecurity.WriteLocalPin(writer, 6);
            BuiltInSecurity.WriteAka(writer, 7);
            BuiltInSecurity.WriteSecurityDomain(writer, 8);
            using (writer.Constructed(ProfileElement.End))
            {
                ProfileElement.WriteHeader(writer, 9);
            }
        });
    }

    private static void WriteHeader(AsnWriter writer, string profileType)
    {
        using (writer.Constructed(ProfileElement.Header))
        {
            writer.Integer(0x80, 2);
            writer.Integer(0x81, 3);
            writer.Utf8(0x82, profileType);
            writer.Octets(0x83, new byte[10]);
            using (writer.Constructed(0xA5))
            {
                // The services that an eUICC must have for this profile: usim and milenage.
                writer.Octets(0x81, []);
                writer.Octets(0x84, []);
            }

            using (writer.Constructed(0xA6))
            {
                writer.WriteObjectIdentifier(TemplateOid(1));
                writer.WriteObjectIdentifier(TemplateOid(3));
                writer.WriteObjectIdentifier(TemplateOid(4));
            }
        }
    }

    private static void WriteMasterFile(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.Mf))
        {
            ProfileElement.WriteHeader(writer, id);
            WriteTemplateId(writer, 1);
            ProfileFile.Directory(writer, 0xA2, [], [], pinStatus: [0x01, 0x0A]);
            ProfileFile.Transparent(writer, 0xA3, ProfileFile.MasterRule(1), [(byte)'e', (byte)'n']);
            ProfileFile.Transparent(writer, 0xA4, ProfileFile.MasterRule(11), new byte[10]);
            ProfileFile.LinearFixed(writer, 0xA5, ProfileFile.MasterRule(10), 0x26, Padded(DirectoryEntry(), 0x26));
            ProfileFile.LinearFixed(writer, 0xA6, ProfileFile.MasterRule(Arr), AccessRules.RecordLength, AccessRules.Content);
        }
    }

    private static void WriteTelecom(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.Telecom))
        {
            ProfileElement.WriteHeader(writer, id);
            WriteTemplateId(writer, 3);
            ProfileFile.Directory(writer, 0xA2, [0x7F, 0x10], [], pinStatus: [0x01, 0x0A]);
            ProfileFile.LinearFixed(writer, 0xA3, ProfileFile.MasterRule(Arr), AccessRules.RecordLength, AccessRules.Content);
        }
    }

    private static void WriteUsim(AsnWriter writer, int id, string serviceProvider, int mncLength)
    {
        using (writer.Constructed(ProfileElement.Usim))
        {
            ProfileElement.WriteHeader(writer, id);
            WriteTemplateId(writer, 4);
            ProfileFile.Directory(writer, 0xA2, [0x7F, 0xF1], UsimAid, pinStatus: [0x01, 0x81, 0x0A]);
            ProfileFile.Transparent(writer, 0xA3, ProfileFile.UsimRule(2), Imsi.Parse("001010000000000").ToBytes());
            ProfileFile.LinearFixed(writer, 0xA4, ProfileFile.UsimRule(Arr), AccessRules.RecordLength, AccessRules.Content);
            ProfileFile.Transparent(writer, 0xA7, ProfileFile.UsimRule(2), [0x0A]);
            ProfileFile.Transparent(writer, 0xA8, ProfileFile.UsimRule(2), ServiceTable(10, 12, 19, 28, 33, 85));
            ProfileFile.Transparent(writer, 0xAD, ProfileFile.UsimRule(10), Padded([0x00, .. Encoding.ASCII.GetBytes(serviceProvider)], 17));
            ProfileFile.Transparent(writer, 0xAE, ProfileFile.UsimRule(8), [0x00]);
            ProfileFile.Transparent(writer, 0xB1, ProfileFile.UsimRule(5), Convert.FromHexString("FFFFFFFFFFFFFFFFFFFF0000FF01"));
            ProfileFile.Transparent(writer, 0xB2, ProfileFile.UsimRule(2), [0x00, 0x01]);
            ProfileFile.Transparent(writer, 0xB3, ProfileFile.UsimRule(5), Padded([], 12));
            ProfileFile.Transparent(writer, 0xB4, ProfileFile.UsimRule(5), Convert.FromHexString("FFFFFFFFFFFFFF0000FF01"));
            ProfileFile.Transparent(writer, 0xB5, ProfileFile.UsimRule(10), [0x00, 0x00, 0x00, (byte)mncLength]);
            ProfileFile.LinearFixed(writer, 0xB6, ProfileFile.UsimRule(10), 4, [0x11, 0xF2, 0xFF, 0x00]);
            ProfileFile.Transparent(writer, 0xB8, ProfileFile.UsimRule(5), Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF000001"));
        }
    }

    private static void WriteTemplateId(AsnWriter writer, int number) =>
        writer.WriteObjectIdentifier(TemplateOid(number), new Asn1Tag(TagClass.ContextSpecific, 1));

    private static string TemplateOid(int number) => $"2.23.143.1.2.{number}";

    /// <summary>The application template of EF.DIR (ETSI TS 102 221 clause 13.1): AID and label.</summary>
    private static byte[] DirectoryEntry() => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x61))
        {
            writer.Octets(0x4F, UsimAid);
            writer.Octets(0x50, "USIM"u8);
        }
    });

    /// <summary>EF.UST in the 14 bytes of its template: service n is bit n - 1 (3GPP TS 31.102 clause 4.2.8).</summary>
    private static byte[] ServiceTable(params ReadOnlySpan<int> services)
    {
        var table = new byte[14];
        foreach (var service in services)
        {
            table[(service - 1) / 8] |= (byte)(1 << ((service - 1) % 8));
        }

        return table;
    }

    private static byte[] Padded(ReadOnlySpan<byte> content, int length)
    {
        var padded = new byte[length];
        padded.AsSpan().Fill(0xFF);
        content.CopyTo(padded);
        return padded;
    }
}
