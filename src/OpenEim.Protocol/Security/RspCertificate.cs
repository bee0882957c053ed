using System.Net;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>An X.509 v3 certificate (RFC 5280) as RSP uses it, parsed without the platform's classes, which cost 0.27 ms each.</summary>
/// <remarks>
/// Parsing proves the shape, not the trust: that is <see cref="RspTrust"/>'s. The certificate points into the bytes that it was
/// parsed from and keeps them alive; they must not change.
/// </remarks>
public sealed class RspCertificate
{
    /// <summary>The longest certificate that is parsed, in bytes.</summary>
    public const int MaxLength = 8 * 1024;

    private readonly CertificateExtensions _extensions;
    private readonly EcPublicKey? _publicKey;

    private RspCertificate(ReadOnlyMemory<byte> encoded)
    {
        Encoded = encoded;
        var reader = new BerReader(encoded);
        var certificate = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();

        TbsCertificate = certificate.ReadEncoded(0x30);
        var outerAlgorithm = certificate.ReadEncoded(0x30);
        Signature = certificate.ReadBits();
        certificate.ThrowIfNotEmpty();

        var tbsReader = new BerReader(TbsCertificate);
        var tbs = tbsReader.ReadConstructed(0x30);
        if (!tbs.TryReadConstructed(0xA0, out var version) || version.ReadInteger() != 2)
        {
            throw new ProtocolException("a certificate is not X.509 version 3");
        }

        version.ThrowIfNotEmpty();
        SerialNumber = tbs.ReadValue(0x02, 1, 64);
        var algorithm = tbs.ReadEncoded(0x30);
        if (!algorithm.Span.SequenceEqual(outerAlgorithm.Span))
        {
            throw new ProtocolException("a certificate names two different signature algorithms");
        }

        SignatureAlgorithm = ReadAlgorithm(algorithm);
        Issuer = tbs.ReadEncoded(0x30);
        (NotBefore, NotAfter) = ReadValidity(tbs.ReadConstructed(0x30));
        Subject = tbs.ReadEncoded(0x30);
        SubjectPublicKeyInfo = tbs.ReadEncoded(0x30);
        tbs.TryReadValue(0x81, out _);
        tbs.TryReadValue(0x82, out _);
        _extensions = ReadExtensions(ref tbs);
        tbs.ThrowIfNotEmpty();

        _ = DistinguishedName.Read(Issuer);
        var subject = DistinguishedName.Read(Subject);
        (SubjectCommonName, SubjectOrganization, SubjectSerialNumber) =
            (subject.CommonName, subject.Organization, subject.SerialNumber);

        var spki = Security.SubjectPublicKeyInfo.Read(SubjectPublicKeyInfo);
        PublicKeyKind = spki.Kind;
        _publicKey = spki.Domain is { } domain ? EcPublicKey.FromPoint(domain.Curve, spki.Point.Span) : null;
    }

    /// <summary>The certificate, as received.</summary>
    public ReadOnlyMemory<byte> Encoded { get; }

    /// <summary>The signed part, with its tag and length.</summary>
    public ReadOnlyMemory<byte> TbsCertificate { get; }

    /// <summary>The signature: for ECDSA, DER.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The object identifier of the signature's algorithm.</summary>
    public string SignatureAlgorithm { get; }

    /// <summary>The certificate's serial number, big-endian.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; }

    /// <summary>The issuer's Name, encoded.</summary>
    public ReadOnlyMemory<byte> Issuer { get; }

    /// <summary>The subject's Name, encoded.</summary>
    public ReadOnlyMemory<byte> Subject { get; }

    /// <summary>The subject's common name; in an eIM signing certificate the eimId.</summary>
    public string? SubjectCommonName { get; }

    /// <summary>The subject's organisation.</summary>
    public string? SubjectOrganization { get; }

    /// <summary>The subject's serial number; in an eUICC's certificate the EID's 32 digits.</summary>
    public string? SubjectSerialNumber { get; }

    /// <summary>The first moment of validity.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>The last moment of validity.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The SubjectPublicKeyInfo, encoded.</summary>
    public ReadOnlyMemory<byte> SubjectPublicKeyInfo { get; }

    /// <summary>Whether the key is on one of the two curves of RSP, so that <see cref="PublicKey"/> can be had.</summary>
    public bool HasRspKey => _publicKey is not null;

    /// <summary>The object identifier of the key's curve, or of its algorithm when that is not elliptic.</summary>
    public string PublicKeyKind { get; }

    /// <summary>The subject's key.</summary>
    /// <exception cref="ProtocolException">The key is on neither of the two curves of RSP.</exception>
    public EcPublicKey PublicKey => _publicKey
        ?? throw new ProtocolException($"a certificate's key is neither on P-256 nor on brainpoolP256r1 but of {PublicKeyKind}");

    /// <summary>The subject's key identifier, or null.</summary>
    public ReadOnlyMemory<byte>? SubjectKeyIdentifier => _extensions.SubjectKeyIdentifier;

    /// <summary>The issuer's key identifier, or null.</summary>
    public ReadOnlyMemory<byte>? AuthorityKeyIdentifier => _extensions.AuthorityKeyIdentifier;

    /// <summary>What the key may be used for, or null when the extension is missing.</summary>
    public KeyUsages? KeyUsage => _extensions.KeyUsage;

    /// <summary>Whether basicConstraints says that the subject may issue certificates.</summary>
    public bool IsCa => _extensions.IsCa;

    /// <summary>How many issuers may follow below this one, or null when it is not limited.</summary>
    public int? PathLength => _extensions.PathLength;

    /// <summary>The policies' object identifiers: in RSP, the subject's role.</summary>
    public IReadOnlyList<string> Policies => _extensions.Policies;

    /// <summary>The object identifiers of the extended key usages.</summary>
    public IReadOnlyList<string> ExtendedKeyUsages => _extensions.ExtendedKeyUsages;

    /// <summary>The dNSNames of subjectAltName.</summary>
    public IReadOnlyList<string> DnsNames => _extensions.DnsNames;

    /// <summary>The iPAddresses of subjectAltName.</summary>
    public IReadOnlyList<IPAddress> IpAddresses => _extensions.IpAddresses;

    /// <summary>The registeredIDs of subjectAltName: in RSP, the server's OID.</summary>
    public IReadOnlyList<string> RegisteredIds => _extensions.RegisteredIds;

    /// <summary>The permitted directoryNames of nameConstraints, or null when the extension is missing.</summary>
    public IReadOnlyList<PermittedName>? PermittedNames => _extensions.PermittedNames;

    /// <summary>Whether nameConstraints holds what RSP does not know, such as excluded names; its holder is not believed as an issuer.</summary>
    public bool HasUnsupportedConstraints => _extensions.HasUnsupportedConstraints;

    /// <summary>The EID prefixes of extension 2.23.146.1.2.2.0, or null when it is missing.</summary>
    public IReadOnlyList<string>? EidPrefixes => _extensions.EidPrefixes;

    /// <summary>Whether subject and issuer are the same name.</summary>
    public bool IsSelfIssued => Subject.Span.SequenceEqual(Issuer.Span);

    /// <summary>Reads one certificate, and nothing behind it.</summary>
    /// <exception cref="ProtocolException">It is malformed, longer than <see cref="MaxLength"/>, holds an unknown critical extension, or its point is not on its curve.</exception>
    public static RspCertificate Parse(ReadOnlyMemory<byte> der) => der.Length <= MaxLength
        ? new RspCertificate(der)
        : throw new ProtocolException($"a certificate has {der.Length} bytes, more than {MaxLength}");

    /// <summary>Reads every certificate of a PEM text, at least one.</summary>
    /// <exception cref="ProtocolException">There is none, or one is malformed.</exception>
    public static IReadOnlyList<RspCertificate> FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var certificates = Pem.Read(pem).Where(block => block.Label == "CERTIFICATE").Select(block => Parse(block.Data)).ToList();
        return certificates.Count > 0 ? certificates : throw new ProtocolException("the PEM text holds no certificate");
    }

    /// <summary>The certificate as PEM.</summary>
    public string ToPem() => Pem.Write("CERTIFICATE", Encoded.Span);

    /// <summary>Whether <paramref name="issuerKey"/> signed this certificate with ECDSA and SHA-256.</summary>
    public bool IsSignedBy(EcPublicKey issuerKey)
    {
        ArgumentNullException.ThrowIfNull(issuerKey);
        return SignatureAlgorithm == Oids.EcdsaWithSha256 && issuerKey.VerifyDer(TbsCertificate.Span, Signature.Span);
    }

    private static string ReadAlgorithm(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var algorithm = reader.ReadConstructed(0x30);
        return algorithm.ReadOid();
    }

    private static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) ReadValidity(BerReader validity)
    {
        var notBefore = validity.ReadTime();
        var notAfter = validity.ReadTime();
        validity.ThrowIfNotEmpty();
        return (notBefore, notAfter);
    }

    private static CertificateExtensions ReadExtensions(ref BerReader tbs)
    {
        if (!tbs.TryReadConstructed(0xA3, out var outer))
        {
            return CertificateExtensions.Read(default);
        }

        var extensions = outer.ReadConstructed(0x30);
        outer.ThrowIfNotEmpty();
        return CertificateExtensions.Read(extensions);
    }
}
