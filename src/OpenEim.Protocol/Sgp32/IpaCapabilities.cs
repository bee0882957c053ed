using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>IpaFeatures.</summary>
[Flags]
public enum IpaFeatures
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Downloads straight from the SM-DP+.</summary>
    DirectRspServerCommunication = 1,

    /// <summary>Downloads through the eIM.</summary>
    IndirectRspServerCommunication = 2,

    /// <summary>The eIM may handle the download's data.</summary>
    EimDownloadDataHandling = 4,

    /// <summary>The eIM may make ctxParams1.</summary>
    EimCtxParams1Generation = 8,

    /// <summary>The eIM may verify the profile metadata.</summary>
    EimProfileMetadataVerification = 16,

    /// <summary>Compact structures on ESipa.</summary>
    MinimizeEsipaBytes = 32,
}

/// <summary>IpaCapabilities, tag A8.</summary>
/// <param name="Features">80.</param>
/// <param name="Protocols">81: the same bits as <see cref="EimSupportedProtocols"/>.</param>
/// <param name="ProprietaryProtocolInformation">A2, since v1.3: eSipaProprietaryProtocolInformation, a VendorSpecificExtension; the value bytes.</param>
public sealed record IpaCapabilities(
    IpaFeatures Features, EimSupportedProtocols? Protocols = null, ReadOnlyMemory<byte>? ProprietaryProtocolInformation = null)
{
    /// <summary>Reads the current field; null, and reported, when it does not tell the features.</summary>
    internal static IpaCapabilities? Read(ContentReader field)
    {
        var fields = field.Inside();
        var (features, protocols, proprietary) = ((IpaFeatures?)null, (EimSupportedProtocols?)null, (ReadOnlyMemory<byte>?)null);
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: features = (IpaFeatures?)fields.NamedBits(); break;
                case 0x81: protocols = (EimSupportedProtocols?)fields.NamedBits(); break;
                case 0xA2: proprietary = fields.TlvBytes(); break;
            }
        }

        if (features is { } known)
        {
            return new IpaCapabilities(known, protocols, proprietary);
        }

        field.Report("the IPA's features cannot be read");
        return null;
    }

    /// <summary>The TLV under A8.</summary>
    public byte[] Encoded() => BerWriting.Encode(writer => Write(writer, 0xA8));

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            writer.NamedBits(0x80, (uint)Features);
            writer.OptionalNamedBits(0x81, (uint?)Protocols);
            writer.OptionalConstructed(0xA2, ProprietaryProtocolInformation);
        }
    }
}
