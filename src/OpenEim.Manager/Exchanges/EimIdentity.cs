using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Exchanges;

/// <summary>Who this eIM is to eUICCs and IPAs.</summary>
/// <param name="EimId">The id that eUICCs know it by, 1 to 128 bytes.</param>
/// <param name="Fqdn">Where IPAs poll: host, with the port where it is not 443.</param>
/// <param name="Signer">Signs eUICC packages.</param>
/// <param name="SigningCertificate">CERT.EIM.ECDSA, DER.</param>
/// <param name="TrustedTls">What an IPA pins for ESipa: the TLS server's public key, or its certificate.</param>
public sealed record EimIdentity(
    string EimId, string Fqdn, ISigner Signer, ReadOnlyMemory<byte>? SigningCertificate, EimKeyData? TrustedTls)
{
    /// <summary>Whether this eIM relays downloads (indirect profile download); IPAs that can do both learn from it which way to take.</summary>
    public bool IndirectProfileDownload { get; init; }

    /// <summary>What an eUICC must hold to obey this eIM, its counter starting at 0.</summary>
    public EimConfigurationData InitialConfiguration() => new()
    {
        EimId = EimId,
        EimFqdn = Fqdn,
        EimIdType = EimIdType.Proprietary,
        CounterValue = 0,
        EimPublicKeyData = SigningCertificate is { } certificate
            ? new EimKeyData(Certificate: certificate)
            : new EimKeyData(PublicKey: Signer.PublicKey.ToSubjectPublicKeyInfo()),
        TrustedPublicKeyDataTls = TrustedTls,
        SupportedProtocols = EimSupportedProtocols.RetrieveHttps,
        IndirectProfileDownload = IndirectProfileDownload,
    };

    /// <summary>The AddInitialEim request (BF57) that a factory sends to the card.</summary>
    public byte[] AddInitialEim() => new AddInitialEimRequest([InitialConfiguration()]).Encode();
}
