using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>Writes the elements of the built-in template that hold secrets: PINs, PUKs, authentication parameters, keys.</summary>
internal static class BuiltInSecurity
{
    public static void WritePuks(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.PukCodes))
        {
            ProfileElement.WriteHeader(writer, id);
            using (writer.Constructed(0xA1))
            {
                WriteCode(writer, 1, PinCode.Parse("00000000"));
                WriteCode(writer, 129, PinCode.Parse("00000000"));
            }
        }
    }

    public static void WriteGlobalPins(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.PinCodes))
        {
            ProfileElement.WriteHeader(writer, id);
            using (writer.Constructed(0xA1))
            using (writer.Constructed(0xA0))
            {
                // Attributes 6: disabled, may be changed and enabled. A device in the field has nobody to type a PIN.
                WriteCode(writer, 1, PinCode.Parse("0000"), unblocking: 1, attributes: 6);
                WriteCode(writer, 10, PinCode.Parse("00000000"), attributes: 3, tries: 0xAA);
            }
        }
    }

    public static void WriteLocalPin(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.PinCodes))
        {
            ProfileElement.WriteHeader(writer, id);
            using (writer.Constructed(0xA1))
            using (writer.Constructed(0xA0))
            {
                WriteCode(writer, 129, PinCode.Parse("0000"), unblocking: 129, attributes: 3);
            }
        }
    }

    public static void WriteAka(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.AkaParameter))
        {
            ProfileElement.WriteHeader(writer, id);
            using (writer.Constructed(0xA1))
            using (writer.Constructed(0xA1))
            {
                writer.Integer(0x80, (int)AkaAlgorithm.Milenage);
                writer.Octets(0x81, [0x01]);
                writer.Octets(0x82, new byte[16]);
                writer.Octets(0x83, new byte[16]);
            }
        }
    }

    public static void WriteSecurityDomain(AsnWriter writer, int id)
    {
        using (writer.Constructed(ProfileElement.SecurityDomain))
        {
            ProfileElement.WriteHeader(writer, id);
            using (writer.Constructed(0xA1))
            {
                // The security domain that every eUICC has: load package, class and instance by GlobalPlatform's AIDs.
                writer.Octets(0x4F, Convert.FromHexString("A0000001515350"));
                writer.Octets(0x4F, Convert.FromHexString("A000000151535041"));
                writer.Octets(0x4F, Convert.FromHexString("A000000151000000"));
                writer.Octets(0x82, [0x82, 0xDC, 0x00]);
                writer.Octets(0x83, [0x0F]);
                writer.Octets(0xC9, Convert.FromHexString("810280008201F08301F08701F0"));
                using (writer.Constructed(0xEA))
                {
                    writer.Octets(0x80, Convert.FromHexString("010000000002010206B2010000000000"));
                }
            }

            using (writer.Constructed(0xA2))
            {
                WriteKey(writer, identifier: 1, usage: 0x18);
                WriteKey(writer, identifier: 2, usage: 0x14);
                WriteKey(writer, identifier: 3, usage: 0x48);
            }
        }
    }

    private static void WriteKey(AsnWriter writer, byte identifier, byte usage)
    {
        using (writer.Constructed(0x30))
        {
            writer.Octets(0x95, [usage]);
            writer.Octets(0x82, [identifier]);
            writer.Octets(0x83, [BuiltInTemplate.Scp80KeyVersion]);
            using (writer.Constructed(0x30))
            using (writer.Constructed(0x30))
            {
                // Key type 88 is AES (GlobalPlatform Card Specification, table 11-16).
                writer.Octets(0x80, [0x88]);
                writer.Octets(0x86, new byte[16]);
            }
        }
    }

    private static void WriteCode(AsnWriter writer, int reference, PinCode value, int? unblocking = null, int? attributes = null, int? tries = null)
    {
        using (writer.Constructed(0x30))
        {
            writer.Integer(0x80, reference);
            writer.Octets(0x81, value.ToBytes());
            writer.OptionalInteger(0x82, unblocking);
            writer.OptionalInteger(0x83, attributes);
            writer.OptionalInteger(0x84, tries);
        }
    }
}
