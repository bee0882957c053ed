using System.Net;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>What the certificate of each role says (SGP.22 clause 4.5.2.1, variant O; SGP.32 for the eIM's).</summary>
/// <remarks>Every subject has a country, an organisation and a common name, in this order: others refuse a bare common name.</remarks>
public static class RspProfiles
{
    /// <summary>The organisation of what OpenEim generates.</summary>
    public const string DefaultOrganization = "OpenEim";

    /// <summary>A code that ISO 3166 leaves to its users: what OpenEim generates belongs to no country.</summary>
    public const string Country = "XX";

    /// <summary>The CI: the root.</summary>
    public static CertificateTemplate Ci(string commonName, string organization, DateTimeOffset notBefore, DateTimeOffset notAfter) => new()
    {
        Country = Country,
        Organization = organization,
        CommonName = commonName,
        NotBefore = notBefore,
        NotAfter = notAfter,
        KeyUsage = KeyUsages.KeyCertSign | KeyUsages.CrlSign,
        IsCa = true,
        Policies = [RspRoles.Policy(RspRole.Ci)],
    };

    /// <summary>An EUM, that may certify EIDs which begin with <paramref name="eidPrefix"/>.</summary>
    public static CertificateTemplate Eum(string organization, string eidPrefix, DateTimeOffset notBefore, DateTimeOffset notAfter) => new()
    {
        Country = Country,
        Organization = organization,
        CommonName = organization + " EUM",
        NotBefore = notBefore,
        NotAfter = notAfter,
        KeyUsage = KeyUsages.KeyCertSign,
        IsCa = true,
        PathLength = 0,
        Policies = [RspRoles.Policy(RspRole.Eum)],
        PermittedNames = [new PermittedName(organization, eidPrefix)],
    };

    /// <summary>An eUICC of <paramref name="organization"/>, which must be the one that its EUM is permitted.</summary>
    public static CertificateTemplate Euicc(Eid eid, string organization, DateTimeOffset notBefore, DateTimeOffset notAfter) => new()
    {
        Country = Country,
        Organization = organization,
        SerialNumber = eid.ToString(),
        CommonName = "eUICC " + eid,
        NotBefore = notBefore,
        NotAfter = notAfter,
        KeyUsage = KeyUsages.DigitalSignature,
        Policies = [RspRoles.Policy(RspRole.Euicc)],
    };

    /// <summary>An eIM's signing certificate (CERT.EIM.ECDSA).</summary>
    public static CertificateTemplate Eim(string eimId, DateTimeOffset notBefore, DateTimeOffset notAfter) => new()
    {
        Country = Country,
        Organization = DefaultOrganization,
        CommonName = eimId,
        NotBefore = notBefore,
        NotAfter = notAfter,
        KeyUsage = KeyUsages.DigitalSignature,
    };

    /// <summary>An eIM's TLS certificate (CERT.EIM.TLS) for these host names and IP addresses, at least one; a client's too, for ES2+.</summary>
    public static CertificateTemplate EimTls(IReadOnlyList<string> hosts, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        Tls(hosts, notBefore, notAfter) with { ExtendedKeyUsages = [Oids.ServerAuth, Oids.ClientAuth] };

    /// <summary>An SM-DP+'s TLS certificate (CERT.DP.TLS).</summary>
    public static CertificateTemplate DpTls(IReadOnlyList<string> hosts, string oid, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        Tls(hosts, notBefore, notAfter) with
        {
            ExtendedKeyUsages = [Oids.ServerAuth, Oids.ClientAuth],
            Policies = [RspRoles.Policy(RspRole.DpTls)],
            RegisteredId = oid,
        };

    /// <summary>An SM-DP+'s certificate for authentication (CERT.DPauth) or binding (CERT.DPpb).</summary>
    public static CertificateTemplate Dp(RspRole role, string commonName, string oid, DateTimeOffset notBefore, DateTimeOffset notAfter) => new()
    {
        Country = Country,
        Organization = DefaultOrganization,
        CommonName = commonName,
        NotBefore = notBefore,
        NotAfter = notAfter,
        KeyUsage = KeyUsages.DigitalSignature,
        Policies = [RspRoles.Policy(role)],
        RegisteredId = oid,
    };

    private static CertificateTemplate Tls(IReadOnlyList<string> hosts, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentOutOfRangeException.ThrowIfZero(hosts.Count);
        return new CertificateTemplate
        {
            Country = Country,
            Organization = DefaultOrganization,
            CommonName = hosts[0],
            NotBefore = notBefore,
            NotAfter = notAfter,
            KeyUsage = KeyUsages.DigitalSignature,
            DnsNames = [.. hosts.Where(host => !IPAddress.TryParse(host, out _))],
            IpAddresses = [.. hosts.Where(host => IPAddress.TryParse(host, out _)).Select(IPAddress.Parse)],
        };
    }
}
