using System.Net;

namespace OpenEim.Protocol.Security;

/// <summary>What a certificate to be issued shall say; <see cref="RspProfiles"/> has one per role.</summary>
public sealed record CertificateTemplate
{
    /// <summary>The subject's common name.</summary>
    public required string CommonName { get; init; }

    /// <summary>The subject's country: two letters.</summary>
    public string? Country { get; init; }

    /// <summary>The subject's organisation.</summary>
    public string? Organization { get; init; }

    /// <summary>The subject's serial number: an eUICC's EID.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The first moment of validity, in whole seconds.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The last moment of validity, in whole seconds; up to the year 9999.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>What the key may be used for.</summary>
    public required KeyUsages KeyUsage { get; init; }

    /// <summary>Whether the subject may issue certificates.</summary>
    public bool IsCa { get; init; }

    /// <summary>How many issuers may follow below, or null for any number.</summary>
    public int? PathLength { get; init; }

    /// <summary>The policies' object identifiers.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The extended key usages' object identifiers.</summary>
    public IReadOnlyList<string> ExtendedKeyUsages { get; init; } = [];

    /// <summary>The host names of subjectAltName.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>The addresses of subjectAltName.</summary>
    public IReadOnlyList<IPAddress> IpAddresses { get; init; } = [];

    /// <summary>The registered OID of subjectAltName.</summary>
    public string? RegisteredId { get; init; }

    /// <summary>The permitted directoryNames of nameConstraints; none for no such extension.</summary>
    public IReadOnlyList<PermittedName> PermittedNames { get; init; } = [];

    /// <summary>The EID prefixes of extension 2.23.146.1.2.2.0; none for no such extension.</summary>
    public IReadOnlyList<string> EidPrefixes { get; init; } = [];

    /// <summary>The issuer's key identifier when it shall not be the true one.</summary>
    public ReadOnlyMemory<byte>? AuthorityKeyIdentifier { get; init; }

    /// <summary>The object identifier of one more critical extension, with NULL inside, as no reader knows it.</summary>
    public string? UnknownCriticalExtension { get; init; }
}
