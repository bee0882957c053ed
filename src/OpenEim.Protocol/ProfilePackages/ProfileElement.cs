using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>The tags of the profile elements that are read or written here (SAIP ProfileElement), and what they begin with.</summary>
internal static class ProfileElement
{
    public const uint Header = 0xA0;
    public const uint PinCodes = 0xA2;
    public const uint PukCodes = 0xA3;
    public const uint AkaParameter = 0xA4;
    public const uint SecurityDomain = 0xA6;
    public const uint End = 0xAA;
    public const uint Mf = 0xB0;
    public const uint Telecom = 0xB2;
    public const uint Usim = 0xB3;
    public const uint Iot = 0xBF20;

    /// <summary>Writes PEHeader: the eUICC must carry the element out, and it has this number in the package.</summary>
    public static void WriteHeader(AsnWriter writer, int id)
    {
        using (writer.Constructed(0xA0))
        {
            writer.Octets(0x80, []);
            writer.Integer(0x81, id);
        }
    }
}
