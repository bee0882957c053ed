using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EimIdType.</summary>
public enum EimIdType
{
    /// <summary>An object identifier.</summary>
    Oid = 1,

    /// <summary>A fully qualified domain name.</summary>
    Fqdn = 2,

    /// <summary>Anything else.</summary>
    Proprietary = 3,
}

/// <summary>EimSupportedProtocol.</summary>
[Flags]
public enum EimSupportedProtocols
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The IPA polls over HTTPS.</summary>
    RetrieveHttps = 1,

    /// <summary>The IPA polls over CoAPs.</summary>
    RetrieveCoaps = 2,

    /// <summary>The eIM pushes over HTTPS.</summary>
    InjectHttps = 4,

    /// <summary>The eIM pushes over CoAPs.</summary>
    InjectCoaps = 8,

    /// <summary>Something proprietary.</summary>
    Proprietary = 16,
}

/// <summary>A CHOICE of public key (A0) and certificate (A1), the inner tag in place of the 30 of the DER structure.</summary>
/// <param name="PublicKey">DER of SubjectPublicKeyInfo.</param>
/// <param name="Certificate">DER of an X.509 certificate.</param>
public sealed record EimKeyData(ReadOnlyMemory<byte>? PublicKey = null, ReadOnlyMemory<byte>? Certificate = null)
{
    /// <summary>Reads the CHOICE. Some eIMs leave out its tag, so that the 30 of the DER structure tells which it is.</summary>
    internal static EimKeyData Read(BerReader inner)
    {
        var data = inner.PeekTag() switch
        {
            0xA0 => new EimKeyData(PublicKey: CertificateField.Read(ref inner, 0xA0)),
            0xA1 => new EimKeyData(Certificate: CertificateField.Read(ref inner, 0xA1)),
            0x30 => ReadUntagged(inner.ReadEncoded(0x30)),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return data;
    }

    // A SubjectPublicKeyInfo is 30{30 algorithm, 03 key}, a Certificate 30{30 content, 30 algorithm, 03 signature}.
    private static EimKeyData ReadUntagged(ReadOnlyMemory<byte> encoded)
    {
        var parts = new BerReader(encoded).ReadConstructed(0x30);
        parts.ReadEncoded(0x30);
        return parts.NextIs(0x03) ? new EimKeyData(PublicKey: encoded) : new EimKeyData(Certificate: encoded);
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            if (PublicKey is { } key)
            {
                CertificateField.Write(writer, 0xA0, key);
            }
            else if (Certificate is { } certificate)
            {
                CertificateField.Write(writer, 0xA1, certificate);
            }
        }
    }
}

/// <summary>EimConfigurationData (SGP.32 2.11.1.1.1): what an eUICC keeps of an eIM. Written without a tag of its own: the caller gives it.</summary>
public sealed record EimConfigurationData
{
    /// <summary>80: 1 to 128 bytes.</summary>
    public required string EimId { get; init; }

    /// <summary>81.</summary>
    public string? EimFqdn { get; init; }

    /// <summary>82.</summary>
    public EimIdType? EimIdType { get; init; }

    /// <summary>83: initial counter.</summary>
    public long? CounterValue { get; init; }

    /// <summary>84: −1 asks the eUICC to allocate one.</summary>
    public long? AssociationToken { get; init; }

    /// <summary>A5: verifies eUICC packages.</summary>
    public EimKeyData? EimPublicKeyData { get; init; }

    /// <summary>A6: trusted for (D)TLS.</summary>
    public EimKeyData? TrustedPublicKeyDataTls { get; init; }

    /// <summary>87.</summary>
    public EimSupportedProtocols? SupportedProtocols { get; init; }

    /// <summary>88: the CI under which the eUICC signs for this eIM.</summary>
    public ReadOnlyMemory<byte>? EuiccCiPkId { get; init; }

    /// <summary>89.</summary>
    public bool IndirectProfileDownload { get; init; }

    /// <summary>AA, since v1.3: eSipaProprietaryProtocolInformation, a VendorSpecificExtension; the value bytes.</summary>
    public ReadOnlyMemory<byte>? ProprietaryProtocolInformation { get; init; }

    /// <summary>Reads the structure under <paramref name="tag"/> (A8 addEim, AA updateEim, 30 in a list).</summary>
    public static EimConfigurationData Decode(ref BerReader reader, uint tag)
    {
        var inner = reader.ReadConstructed(tag);
        var data = new EimConfigurationData { EimId = inner.ReadUtf8(0x80, 1, 128) };
        while (inner.HasData)
        {
            data = data.With(ref inner);
        }

        return data;
    }

    /// <summary>Writes the structure under <paramref name="tag"/>.</summary>
    public void Encode(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            writer.Utf8(0x80, EimId);
            writer.OptionalUtf8(0x81, EimFqdn);
            writer.OptionalInteger(0x82, (int?)EimIdType);
            writer.OptionalInteger(0x83, CounterValue);
            writer.OptionalInteger(0x84, AssociationToken);
            EimPublicKeyData?.Write(writer, 0xA5);
            TrustedPublicKeyDataTls?.Write(writer, 0xA6);
            writer.OptionalNamedBits(0x87, (uint?)SupportedProtocols);
            writer.OptionalOctets(0x88, EuiccCiPkId);
            writer.OptionalNull(0x89, IndirectProfileDownload);
            writer.OptionalConstructed(0xAA, ProprietaryProtocolInformation);
        }
    }

    private EimConfigurationData With(ref BerReader inner)
    {
        switch (inner.PeekTag())
        {
            case 0x81: return this with { EimFqdn = inner.ReadUtf8(0x81, 0, 255) };
            case 0x82: return this with { EimIdType = (EimIdType)inner.ReadInt32(0x82) };
            case 0x83: return this with { CounterValue = inner.ReadInteger(0x83) };
            case 0x84: return this with { AssociationToken = inner.ReadInteger(0x84) };
            case 0xA5: return this with { EimPublicKeyData = EimKeyData.Read(inner.ReadConstructed(0xA5)) };
            case 0xA6: return this with { TrustedPublicKeyDataTls = EimKeyData.Read(inner.ReadConstructed(0xA6)) };
            case 0x87: return this with { SupportedProtocols = (EimSupportedProtocols)inner.ReadNamedBits(0x87) };
            case 0x88: return this with { EuiccCiPkId = inner.ReadValue(0x88, 1, 64) };
            case 0xAA: return this with { ProprietaryProtocolInformation = inner.ReadValue(0xAA) };
            case 0x89: return this with { IndirectProfileDownload = inner.TryReadNull(0x89) };
            default:
                inner.ReadEncoded(out _);
                return this;
        }
    }
}
