using System.Formats.Asn1;
using System.Text;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>Writes the extensions of a certificate, critical where RSP and RFC 5280 have them so.</summary>
internal static class CertificateExtensionsWriter
{
    public static void Write(AsnWriter writer, CertificateTemplate template, EcPublicKey subjectKey, ReadOnlyMemory<byte> authority)
    {
        Extension(writer, Oids.AuthorityKeyIdentifier, critical: false, inner => Sequence(inner, w => w.Octets(0x80, authority.Span)));
        Extension(writer, Oids.SubjectKeyIdentifier, critical: false, inner => inner.WriteOctetString(subjectKey.KeyIdentifier()));
        Extension(writer, Oids.KeyUsage, critical: true, inner => inner.WriteNamedBitList(template.KeyUsage));
        if (template.Policies.Count > 0)
        {
            Extension(writer, Oids.CertificatePolicies, critical: true, inner => Sequence(inner, w => WritePolicies(w, template)));
        }

        if (template.IsCa)
        {
            Extension(writer, Oids.BasicConstraints, critical: true, inner => Sequence(inner, w => WriteCa(w, template)));
        }

        if (template.ExtendedKeyUsages.Count > 0)
        {
            Extension(writer, Oids.ExtendedKeyUsage, critical: true, inner => Sequence(inner, w => WriteUsages(w, template)));
        }

        if (template.RegisteredId is not null || template.DnsNames.Count > 0 || template.IpAddresses.Count > 0)
        {
            Extension(writer, Oids.SubjectAlternativeName, critical: false, inner => Sequence(inner, w => WriteAlternativeNames(w, template)));
        }

        if (template.PermittedNames.Count > 0)
        {
            Extension(writer, Oids.NameConstraints, critical: true, inner => Sequence(inner, w => WriteNameConstraints(w, template)));
        }

        if (template.EidPrefixes.Count > 0)
        {
            Extension(writer, Oids.EidPrefixes, critical: false, inner => Sequence(inner, w => WriteEidPrefixes(w, template)));
        }

        if (template.UnknownCriticalExtension is { } unknown)
        {
            Extension(writer, unknown, critical: true, inner => inner.WriteNull());
        }
    }

    private static void WritePolicies(AsnWriter writer, CertificateTemplate template)
    {
        foreach (var policy in template.Policies)
        {
            Sequence(writer, w => w.WriteObjectIdentifier(policy));
        }
    }

    private static void WriteCa(AsnWriter writer, CertificateTemplate template)
    {
        writer.WriteBoolean(true);
        if (template.PathLength is { } length)
        {
            writer.WriteInteger(length);
        }
    }

    private static void WriteUsages(AsnWriter writer, CertificateTemplate template)
    {
        foreach (var usage in template.ExtendedKeyUsages)
        {
            writer.WriteObjectIdentifier(usage);
        }
    }

    private static void WriteAlternativeNames(AsnWriter writer, CertificateTemplate template)
    {
        foreach (var name in template.DnsNames)
        {
            writer.Octets(0x82, Encoding.ASCII.GetBytes(name));
        }

        foreach (var address in template.IpAddresses)
        {
            writer.Octets(0x87, address.GetAddressBytes());
        }

        if (template.RegisteredId is { } oid)
        {
            writer.WriteObjectIdentifier(oid, new Asn1Tag(TagClass.ContextSpecific, 8));
        }
    }

    private static void WriteNameConstraints(AsnWriter writer, CertificateTemplate template)
    {
        using (writer.Constructed(0xA0))
        {
            foreach (var name in template.PermittedNames)
            {
                using (writer.Constructed(0x30))
                using (writer.Constructed(0xA4))
                using (writer.Constructed(0x30))
                {
                    CertificateWriter.WriteName(writer, name.Organization, name.EidPrefix);
                }
            }
        }
    }

    private static void WriteEidPrefixes(AsnWriter writer, CertificateTemplate template)
    {
        foreach (var prefix in template.EidPrefixes)
        {
            writer.WriteCharacterString(UniversalTagNumber.PrintableString, prefix);
        }
    }

    private static void Sequence(AsnWriter writer, Action<AsnWriter> write)
    {
        using (writer.Constructed(0x30))
        {
            write(writer);
        }
    }

    private static void Extension(AsnWriter writer, string oid, bool critical, Action<AsnWriter> write)
    {
        using (writer.Constructed(0x30))
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(BerWriting.Encode(write));
        }
    }
}
