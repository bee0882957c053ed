using System.Formats.Asn1;
using System.Security.Cryptography;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>Writes and signs X.509 v3 certificates for keys on either curve; the platform's writer knows only its own.</summary>
public static class CertificateWriter
{
    /// <summary>Makes a new key on <paramref name="curve"/> and issues a certificate for it; self-signed when there is no issuer.</summary>
    public static RspIdentity IssueWithNewKey(CertificateTemplate template, EcCurve curve, RspIdentity? issuer)
    {
        var key = EcPrivateKey.Generate(curve);
        return new RspIdentity(
            issuer is null ? SelfSign(template, key) : Issue(template, key.PublicKey, issuer.Certificate, issuer.Key),
            key);
    }

    /// <summary>Issues a certificate for <paramref name="subjectKey"/>.</summary>
    public static RspCertificate Issue(CertificateTemplate template, EcPublicKey subjectKey, RspCertificate issuer, ISigner issuerKey)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(subjectKey);
        ArgumentNullException.ThrowIfNull(issuer);
        ArgumentNullException.ThrowIfNull(issuerKey);
        var authority = issuer.SubjectKeyIdentifier ?? issuer.PublicKey.KeyIdentifier();
        return Sign(template, subjectKey, issuer.Subject.ToArray(), authority, issuerKey);
    }

    /// <summary>Makes a self-signed certificate.</summary>
    public static RspCertificate SelfSign(CertificateTemplate template, ISigner key)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(key);
        return Sign(template, key.PublicKey, BerWriting.Encode(writer => WriteSubject(writer, template)), key.PublicKey.KeyIdentifier(), key);
    }

    private static RspCertificate Sign(
        CertificateTemplate template, EcPublicKey subjectKey, byte[] issuerName, ReadOnlyMemory<byte> authority, ISigner signer)
    {
        var tbs = BerWriting.Encode(writer => WriteTbs(writer, template, subjectKey, issuerName, template.AuthorityKeyIdentifier ?? authority));
        var signature = EcdsaSignature.ToDer(signer.Sign(tbs));
        return RspCertificate.Parse(BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0x30))
            {
                writer.WriteEncodedValue(tbs);
                WriteAlgorithm(writer);
                writer.WriteBitString(signature);
            }
        }));
    }

    private static void WriteTbs(
        AsnWriter writer, CertificateTemplate template, EcPublicKey subjectKey, byte[] issuerName, ReadOnlyMemory<byte> authority)
    {
        using (writer.Constructed(0x30))
        {
            using (writer.Constructed(0xA0))
            {
                writer.WriteInteger(2);
            }

            writer.WriteInteger(NewSerialNumber());
            WriteAlgorithm(writer);
            writer.WriteEncodedValue(issuerName);
            using (writer.Constructed(0x30))
            {
                WriteTime(writer, template.NotBefore);
                WriteTime(writer, template.NotAfter);
            }

            WriteSubject(writer, template);
            writer.WriteEncodedValue(subjectKey.ToSubjectPublicKeyInfo());
            using (writer.Constructed(0xA3))
            using (writer.Constructed(0x30))
            {
                CertificateExtensionsWriter.Write(writer, template, subjectKey, authority);
            }
        }
    }

    private static byte[] NewSerialNumber()
    {
        // 16 random bytes that make a positive number in its shortest form.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    private static void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.WriteObjectIdentifier(Oids.EcdsaWithSha256);
        }
    }

    private static void WriteTime(AsnWriter writer, DateTimeOffset time)
    {
        // RFC 5280, 4.1.2.5: UTCTime up to 2049, GeneralizedTime without fractions from then on.
        if (time.UtcDateTime.Year < 2050)
        {
            writer.WriteUtcTime(time);
        }
        else
        {
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }
    }

    private static void WriteSubject(AsnWriter writer, CertificateTemplate template)
    {
        using (writer.Constructed(0x30))
        {
            if (template.Country is { } country)
            {
                WriteAttribute(writer, Oids.Country, UniversalTagNumber.PrintableString, country);
            }

            WriteName(writer, template.Organization, template.SerialNumber);
            WriteAttribute(writer, Oids.CommonName, UniversalTagNumber.UTF8String, template.CommonName);
        }
    }

    /// <summary>Writes the attributes that a subject and a name constraint share.</summary>
    internal static void WriteName(AsnWriter writer, string? organization, string? serialNumber)
    {
        if (organization is not null)
        {
            WriteAttribute(writer, Oids.Organization, UniversalTagNumber.UTF8String, organization);
        }

        if (serialNumber is not null)
        {
            WriteAttribute(writer, Oids.SerialNumber, UniversalTagNumber.PrintableString, serialNumber);
        }
    }

    private static void WriteAttribute(AsnWriter writer, string type, UniversalTagNumber form, string text)
    {
        using (writer.PushSetOf())
        using (writer.Constructed(0x30))
        {
            writer.WriteObjectIdentifier(type);
            writer.WriteCharacterString(form, text);
        }
    }
}
