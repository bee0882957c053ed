using System.Collections.Concurrent;
using System.Text;

namespace OpenEim.Protocol.Security;

/// <summary>What is held against certificates whose chain is good: revocation lists of their issuers, and the operator's quarantine. Does not change.</summary>
/// <remarks>
/// A list is applied once its signature verifies with the key of the issuer that a believed chain names: a CI's at once, an EUM's when the
/// first of its eUICCs comes. An issuer's key usage is not asked for cRLSign, which EUM certificates lack: a list can only take trust away.
/// For the same reason a list that has expired is still applied; the host warns of it.
/// </remarks>
public sealed class Revocations
{
    private readonly Dictionary<string, List<Entry>> _byIssuer = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal);

    /// <summary>Puts them together.</summary>
    public Revocations(IEnumerable<(string Name, RevocationList List)> lists, Quarantine quarantine)
    {
        ArgumentNullException.ThrowIfNull(lists);
        Quarantine = quarantine;
        foreach (var (name, list) in lists)
        {
            var issuer = Convert.ToHexString(list.Issuer.Span);
            if (!_byIssuer.TryGetValue(issuer, out var entries))
            {
                _byIssuer[issuer] = entries = [];
            }

            entries.Add(new Entry(name, list));
        }
    }

    /// <summary>Nothing.</summary>
    public static Revocations None { get; } = new([], Quarantine.None);

    /// <summary>Whether anything can be held against any certificate.</summary>
    public bool HoldAnything => _byIssuer.Count > 0 || Quarantine.Count > 0;

    /// <summary>The operator's own list.</summary>
    public Quarantine Quarantine { get; }

    /// <summary>Lists that are not applied, because the issuer that they name did not sign them; known once that issuer's key is.</summary>
    public IReadOnlyCollection<string> Refused => [.. _refused.Keys];

    /// <summary>The names of the lists that are past their next update.</summary>
    public IReadOnlyList<string> ExpiredAt(DateTimeOffset now) =>
        [.. _byIssuer.Values.SelectMany(entries => entries).Where(entry => entry.List.NextUpdate < now).Select(entry => entry.Name)];

    /// <summary>Reads the lists of one file: PEM with one or more X509 CRL, or DER.</summary>
    /// <exception cref="ProtocolException">It holds none, or one is malformed.</exception>
    public static IReadOnlyList<RevocationList> Read(ReadOnlyMemory<byte> content)
    {
        if (content.Span is [0x30, ..])
        {
            return [RevocationList.Parse(content)];
        }

        var lists = Pem.Read(Encoding.UTF8.GetString(content.Span)).Where(block => block.Label == "X509 CRL").Select(block => RevocationList.Parse(block.Data)).ToList();
        return lists.Count > 0 ? lists : throw new ProtocolException("it holds no revocation list");
    }

    /// <summary>Checks the lists of the CIs now, so that a wrong one is found at the start.</summary>
    /// <returns>The names of those that the CI did not sign.</returns>
    public IReadOnlyCollection<string> RefusedBy(IEnumerable<RspCertificate> roots)
    {
        ArgumentNullException.ThrowIfNull(roots);
        foreach (var root in roots)
        {
            if (root.HasRspKey)
            {
                _ = IsRevoked(root, root, root.PublicKey);
            }
        }

        return Refused;
    }

    /// <summary>Null when nothing is held against the certificate.</summary>
    internal ChainResult? Check(RspCertificate certificate, string name, RspCertificate issuer, EcPublicKey issuerKey) =>
        Quarantined(certificate, name)
        ?? (IsRevoked(certificate, issuer, issuerKey)
            ? new ChainResult(ChainError.Revoked, $"the {name} certificate {Serial(certificate)} is revoked by its issuer")
            : null);

    /// <summary>Null when the certificate is not in quarantine.</summary>
    internal ChainResult? Quarantined(RspCertificate certificate, string name) => Quarantine.Holds(certificate)
        ? new ChainResult(ChainError.Quarantined, $"the {name} certificate {Serial(certificate)} is in quarantine")
        : null;

    private static string Serial(RspCertificate certificate) => RevocationList.SerialText(certificate.SerialNumber.Span);

    private bool IsRevoked(RspCertificate certificate, RspCertificate issuer, EcPublicKey issuerKey)
    {
        if (_byIssuer.Count == 0 || !_byIssuer.TryGetValue(Convert.ToHexString(issuer.Subject.Span), out var entries))
        {
            return false;
        }

        var isRevoked = false;
        foreach (var entry in entries)
        {
            isRevoked |= Applies(entry, issuer, issuerKey) && entry.List.Holds(certificate.SerialNumber.Span);
        }

        return isRevoked;
    }

    private bool Applies(Entry entry, RspCertificate issuer, EcPublicKey issuerKey)
    {
        // Two issuers may share a name; the list is of the one whose key it names.
        if (entry.List.AuthorityKeyIdentifier is { } authority && issuer.SubjectKeyIdentifier is { } identifier && !authority.Span.SequenceEqual(identifier.Span))
        {
            return false;
        }

        var isSigned = entry.Signed.GetOrAdd(Convert.ToHexString(issuer.SubjectPublicKeyInfo.Span), _ => entry.List.IsSignedBy(issuerKey));
        if (!isSigned)
        {
            _refused.TryAdd(entry.Name, entry.Name);
        }

        return isSigned;
    }

    private sealed record Entry(string Name, RevocationList List)
    {
        /// <summary>By the issuer's key: only believed issuers ask, so there are few.</summary>
        public ConcurrentDictionary<string, bool> Signed { get; } = new(StringComparer.Ordinal);
    }
}
