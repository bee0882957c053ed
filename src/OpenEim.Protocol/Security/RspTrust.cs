using System.Collections.Concurrent;
using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>Decides which certificates are believed: the chain checks of RSP (SGP.22 clause 4.5.2) up to the trusted CIs.</summary>
/// <remarks>
/// Not ordinary X.509 chain validation, which reads an EUM's serialNumber constraint as an exact name where RSP means a prefix.
/// EUMs that were verified are remembered: there are few of them, and each vouches for millions of eUICCs. Only a verified EUM enters
/// the cache, so strangers cannot fill it; its validity and its CI's are checked on every use. Safe to use from many threads.
/// </remarks>
public sealed class RspTrust
{
    private readonly IReadOnlyList<RspCertificate> _roots;
    private readonly int _cacheCapacity;
    private Revocations _revocations = Revocations.None;
    private readonly ConcurrentDictionary<string, VerifiedEum> _eums = new(StringComparer.Ordinal);

    /// <summary>Trusts <paramref name="roots"/>.</summary>
    /// <param name="roots">The CI certificates.</param>
    /// <param name="eumCacheCapacity">How many verified EUMs are remembered at most.</param>
    public RspTrust(IEnumerable<RspCertificate> roots, int eumCacheCapacity = 256)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentOutOfRangeException.ThrowIfNegative(eumCacheCapacity);
        _roots = [.. roots];
        _cacheCapacity = eumCacheCapacity;
    }

    /// <summary>The trusted CIs.</summary>
    public IReadOnlyList<RspCertificate> Roots => _roots;

    /// <summary>What is held against certificates whose chain is good; asked on every use, of remembered EUMs too. May be replaced at any time.</summary>
    public Revocations Revocations
    {
        get => Volatile.Read(ref _revocations);
        set => Volatile.Write(ref _revocations, value ?? throw new ArgumentNullException(nameof(value)));
    }

    /// <summary>How many verified EUMs are remembered now.</summary>
    public int CachedEumCount => _eums.Count;

    /// <summary>Checks eUICC ← EUM ← CI on certificates as received.</summary>
    public ChainResult VerifyEuicc(ReadOnlyMemory<byte> euicc, ReadOnlyMemory<byte> eum, Eid? expectedEid, DateTimeOffset now)
    {
        RspCertificate euiccCertificate;
        RspCertificate eumCertificate;
        try
        {
            euiccCertificate = RspCertificate.Parse(euicc);
            eumCertificate = RspCertificate.Parse(eum);
        }
        catch (ProtocolException e)
        {
            return new ChainResult(ChainError.Malformed, $"the eUICC's or the EUM's certificate is malformed: {e.Message}");
        }

        return VerifyEuicc(euiccCertificate, eumCertificate, expectedEid, now);
    }

    /// <summary>Checks eUICC ← EUM ← CI, and that the eUICC's certificate is for <paramref name="expectedEid"/> when that is known.</summary>
    public ChainResult VerifyEuicc(RspCertificate euicc, RspCertificate eum, Eid? expectedEid, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(euicc);
        ArgumentNullException.ThrowIfNull(eum);

        // 1. The EUM is believed up to a trusted CI.
        var eumResult = VerifyEum(eum, now);
        if (eumResult.PublicKey is not { } eumKey)
        {
            return eumResult;
        }

        // 2. The EUM issued the eUICC's certificate, which is valid now and for the role, and not revoked.
        var failure = ChainSteps.Issued(euicc, "eUICC", eum, "EUM", eumKey)
            ?? ChainSteps.Valid(euicc, "eUICC", now)
            ?? ChainSteps.Role(euicc, RspRole.Euicc, KeyUsages.DigitalSignature)
            ?? Revocations.Check(euicc, "eUICC", eum, eumKey);
        if (failure is not null)
        {
            return failure;
        }

        // 3. The subject's serial number is the EID, and the expected one.
        if (!Eid.TryParse(euicc.SubjectSerialNumber, out var eid))
        {
            return new ChainResult(ChainError.EidMismatch, "the eUICC's certificate states no EID of 32 digits");
        }

        if (expectedEid is { } expected && eid != expected)
        {
            return new ChainResult(ChainError.EidMismatch, $"the eUICC's certificate is for EID {eid}, not for {expected}");
        }

        // 4. The EUM may issue for this EID and this organisation.
        return EidPermission.Check(euicc, eid, eum) ?? ChainResult.Trusted(euicc.PublicKey, eid);
    }

    /// <summary>What is held now against the certificates of an eUICC whose chain was good once: revocation, or the quarantine.</summary>
    /// <param name="euicc">The eUICC's certificate.</param>
    /// <param name="eum">The certificate of its EUM.</param>
    /// <param name="subjectPublicKeyInfo">The eUICC's key that was believed. Certificates of another key say nothing about it.</param>
    /// <returns>Null when nothing is, or when these are not certificates of this key. That they have expired since is not held against them.</returns>
    public ChainResult? HeldAgainst(ReadOnlyMemory<byte> euicc, ReadOnlyMemory<byte> eum, ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        RspCertificate euiccCertificate;
        RspCertificate eumCertificate;
        try
        {
            (euiccCertificate, eumCertificate) = (RspCertificate.Parse(euicc), RspCertificate.Parse(eum));
        }
        catch (ProtocolException)
        {
            return null;
        }

        if (!eumCertificate.HasRspKey || !euiccCertificate.SubjectPublicKeyInfo.Span.SequenceEqual(subjectPublicKeyInfo))
        {
            return null;
        }

        // 1. The CI's lists and the quarantine speak of the EUM, 2. the EUM's lists and the quarantine of the eUICC.
        var ci = FindCi(eumCertificate);
        var held = (ci is { HasRspKey: true } ? Revocations.Check(eumCertificate, "EUM", ci, ci.PublicKey) : Revocations.Quarantined(eumCertificate, "EUM"))
            ?? Revocations.Check(euiccCertificate, "eUICC", eumCertificate, eumCertificate.PublicKey);

        // 3. The EUM did issue the eUICC's certificate: looked at last, as it costs a signature.
        return held is not null && ChainSteps.Issued(euiccCertificate, "eUICC", eumCertificate, "EUM", eumCertificate.PublicKey) is null ? held : null;
    }

    /// <summary>Checks EUM ← CI.</summary>
    public ChainResult VerifyEum(RspCertificate eum, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(eum);
        var hash = Convert.ToHexString(SHA256.HashData(eum.Encoded.Span));
        if (_eums.TryGetValue(hash, out var known))
        {
            return ChainSteps.Valid(eum, "EUM", now)
                ?? ChainSteps.Valid(known.Ci, "CI", now)
                ?? Revocations.Check(eum, "EUM", known.Ci, known.Ci.PublicKey)
                ?? ChainResult.Trusted(known.Key);
        }

        var result = VerifyBelowCi(eum, RspRole.Eum, now, out var ci);
        result = result.IsTrusted ? ChainSteps.Issuer(eum, "EUM", issuersBelow: 0) ?? result : result;
        if (result.IsTrusted && _cacheCapacity > 0)
        {
            if (_eums.Count >= _cacheCapacity)
            {
                // More EUMs than expected: start anew rather than track use on the hot path.
                _eums.Clear();
            }

            _eums[hash] = new VerifiedEum(result.PublicKey!, ci!);
        }

        return result;
    }

    /// <summary>Checks DPauth, DPpb or DPtls ← CI, and that it states <paramref name="expectedOid"/> when that is known.</summary>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="role">DPauth, DPpb or DPtls.</param>
    /// <param name="expectedOid">The SM-DP+'s OID, dotted: DPpb must state the one of DPauth. Null accepts any.</param>
    /// <param name="now">The time.</param>
    public ChainResult VerifyServer(RspCertificate certificate, RspRole role, string? expectedOid, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (role is not (RspRole.DpAuth or RspRole.DpPb or RspRole.DpTls))
        {
            throw new ArgumentOutOfRangeException(nameof(role));
        }

        var result = VerifyBelowCi(certificate, role, now, out _);
        if (!result.IsTrusted)
        {
            return result;
        }

        var name = RspRoles.NameOf(role);
        if (role == RspRole.DpTls && !certificate.ExtendedKeyUsages.Contains(Oids.ServerAuth))
        {
            return new ChainResult(ChainError.WrongKeyUsage, $"the {name} certificate is not for TLS servers");
        }

        if (certificate.RegisteredIds.Count == 0)
        {
            return new ChainResult(ChainError.OidMismatch, $"the {name} certificate states no OID");
        }

        return expectedOid is null || certificate.RegisteredIds.Contains(expectedOid, StringComparer.Ordinal)
            ? result
            : new ChainResult(ChainError.OidMismatch, $"the {name} certificate is for OID {certificate.RegisteredIds[0]}, not for {expectedOid}");
    }

    private ChainResult VerifyBelowCi(RspCertificate certificate, RspRole role, DateTimeOffset now, out RspCertificate? ci)
    {
        // 1. The CI is the trusted one whose key the certificate names.
        var name = RspRoles.NameOf(role);
        ci = FindCi(certificate);
        if (ci is null)
        {
            return new ChainResult(ChainError.UntrustedCi, $"no trusted CI has the key that the {name} certificate names as its issuer's");
        }

        // 2. The CI may issue certificates, is valid now, and issued this one.
        // 3. The certificate is valid now and for its role, and not revoked.
        var usage = role == RspRole.Eum ? KeyUsages.KeyCertSign : KeyUsages.DigitalSignature;
        return (ci.HasRspKey ? null : ChainSteps.WrongCurve(ci, "CI"))
            ?? ChainSteps.Issuer(ci, "CI", issuersBelow: role == RspRole.Eum ? 1 : 0)
            ?? ChainSteps.Valid(ci, "CI", now)
            ?? ChainSteps.Issued(certificate, name, ci, "CI", ci.PublicKey)
            ?? ChainSteps.Valid(certificate, name, now)
            ?? ChainSteps.Role(certificate, role, usage)
            ?? Revocations.Check(certificate, name, ci, ci.PublicKey)
            ?? ChainResult.Trusted(certificate.PublicKey);
    }

    private RspCertificate? FindCi(RspCertificate certificate)
    {
        if (certificate.AuthorityKeyIdentifier is not { } authority)
        {
            return null;
        }

        // A CI may have two certificates for one key; the one with the right name is meant.
        RspCertificate? found = null;
        foreach (var root in _roots)
        {
            if (root.SubjectKeyIdentifier is { } identifier && identifier.Span.SequenceEqual(authority.Span)
                && (found is null || root.Subject.Span.SequenceEqual(certificate.Issuer.Span)))
            {
                found = root;
            }
        }

        return found;
    }

    private sealed record VerifiedEum(EcPublicKey Key, RspCertificate Ci);
}
