using System.Net;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>The extensions of one certificate, read in one pass.</summary>
internal sealed class CertificateExtensions
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public ReadOnlyMemory<byte>? SubjectKeyIdentifier { get; private set; }

    public ReadOnlyMemory<byte>? AuthorityKeyIdentifier { get; private set; }

    public KeyUsages? KeyUsage { get; private set; }

    public bool IsCa { get; private set; }

    public int? PathLength { get; private set; }

    public List<string> Policies { get; } = [];

    public List<string> ExtendedKeyUsages { get; } = [];

    public List<string> DnsNames { get; } = [];

    public List<IPAddress> IpAddresses { get; } = [];

    public List<string> RegisteredIds { get; } = [];

    public List<PermittedName>? PermittedNames { get; private set; }

    public bool HasUnsupportedConstraints { get; private set; }

    public List<string>? EidPrefixes { get; private set; }

    /// <summary>Reads the Extensions sequence.</summary>
    /// <exception cref="ProtocolException">One is malformed, stands there twice, or is critical and unknown.</exception>
    public static CertificateExtensions Read(BerReader extensions)
    {
        var result = new CertificateExtensions();
        while (extensions.HasData)
        {
            var extension = extensions.ReadConstructed(0x30);
            var oid = extension.ReadOid();
            var critical = extension.NextIs(0x01) && extension.ReadBoolean();
            var value = extension.ReadValue(0x04);
            extension.ThrowIfNotEmpty();
            if (!result._seen.Add(oid))
            {
                throw new ProtocolException($"a certificate has extension {oid} twice");
            }

            if (!result.TryRead(oid, new BerReader(value)) && critical)
            {
                throw new ProtocolException($"a certificate has the critical extension {oid}, which is unknown here");
            }
        }

        return result;
    }

    private bool TryRead(string oid, BerReader reader)
    {
        switch (oid)
        {
            case Oids.SubjectKeyIdentifier:
                SubjectKeyIdentifier = reader.ReadValue(0x04, 1, 64);
                break;
            case Oids.AuthorityKeyIdentifier:
                var authority = reader.ReadConstructed(0x30);
                AuthorityKeyIdentifier = authority.NextIs(0x80) ? authority.ReadValue(0x80, 1, 64) : null;
                authority.SkipUnknown();
                break;
            case Oids.KeyUsage:
                KeyUsage = (KeyUsages)(reader.ReadNamedBits() & 0x1FF);
                break;
            case Oids.BasicConstraints:
                ReadBasicConstraints(ref reader);
                break;
            case Oids.CertificatePolicies:
                ReadPolicies(ref reader);
                break;
            case Oids.ExtendedKeyUsage:
                ReadOids(ref reader, ExtendedKeyUsages);
                break;
            case Oids.SubjectAlternativeName:
                ReadAlternativeNames(ref reader);
                break;
            case Oids.NameConstraints:
                ReadNameConstraints(ref reader);
                break;
            case Oids.EidPrefixes:
                ReadEidPrefixes(ref reader);
                break;
            default:
                return false;
        }

        reader.ThrowIfNotEmpty();
        return true;
    }

    private void ReadBasicConstraints(ref BerReader reader)
    {
        var constraints = reader.ReadConstructed(0x30);
        IsCa = constraints.NextIs(0x01) && constraints.ReadBoolean();
        if (constraints.NextIs(0x02))
        {
            PathLength = constraints.ReadInt32();
            if (PathLength < 0)
            {
                throw new ProtocolException("a certificate has a negative path length");
            }
        }

        constraints.ThrowIfNotEmpty();
    }

    private void ReadPolicies(ref BerReader reader)
    {
        var policies = reader.ReadConstructed(0x30);
        while (policies.HasData)
        {
            var policy = policies.ReadConstructed(0x30);
            Policies.Add(policy.ReadOid());
            policy.SkipUnknown();
        }
    }

    private static void ReadOids(ref BerReader reader, List<string> oids)
    {
        var sequence = reader.ReadConstructed(0x30);
        while (sequence.HasData)
        {
            oids.Add(sequence.ReadOid());
        }
    }

    private void ReadAlternativeNames(ref BerReader reader)
    {
        var names = reader.ReadConstructed(0x30);
        while (names.HasData)
        {
            switch (names.PeekTag())
            {
                case 0x82:
                    DnsNames.Add(names.ReadUtf8(0x82, 1, 253));
                    break;
                case 0x87:
                    var address = names.ReadValue(0x87);
                    IpAddresses.Add(address.Length is 4 or 16
                        ? new IPAddress(address.Span)
                        : throw new ProtocolException("an IP address in a certificate has neither 4 nor 16 bytes"));
                    break;
                case 0x88:
                    RegisteredIds.Add(names.ReadOid(0x88));
                    break;
                default:
                    names.ReadEncoded(out _);
                    break;
            }
        }
    }

    private void ReadNameConstraints(ref BerReader reader)
    {
        PermittedNames = [];
        var constraints = reader.ReadConstructed(0x30);
        if (constraints.TryReadConstructed(0xA0, out var permitted))
        {
            while (permitted.HasData)
            {
                ReadSubtree(permitted.ReadConstructed(0x30));
            }
        }

        // RSP has no excluded names. A certificate that has them asks for a check that is not made here, so its holder may not issue.
        HasUnsupportedConstraints |= constraints.HasData;
        constraints.SkipUnknown();
    }

    private void ReadSubtree(BerReader subtree)
    {
        if (!subtree.TryReadConstructed(0xA4, out var directory))
        {
            // Names of another form constrain only subjects that have names of that form; an eUICC has none.
            subtree.SkipUnknown();
            return;
        }

        var name = DistinguishedName.Read(directory.ReadEncoded(0x30));
        directory.ThrowIfNotEmpty();
        HasUnsupportedConstraints |= subtree.HasData || name.HasOthers || name.CommonName is not null;
        subtree.SkipUnknown();
        PermittedNames!.Add(new PermittedName(name.Organization, name.SerialNumber));
    }

    private void ReadEidPrefixes(ref BerReader reader)
    {
        EidPrefixes = [];
        var prefixes = reader.ReadConstructed(0x30);
        while (prefixes.HasData)
        {
            EidPrefixes.Add(prefixes.ReadText());
        }
    }
}
