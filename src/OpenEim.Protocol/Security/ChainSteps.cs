namespace OpenEim.Protocol.Security;

/// <summary>The steps that every chain check is made of; each returns null when it is passed.</summary>
internal static class ChainSteps
{
    /// <summary>The issuer issued the certificate: key identifiers, names, curve, signature.</summary>
    public static ChainResult? Issued(RspCertificate certificate, string name, RspCertificate issuer, string issuerName, EcPublicKey issuerKey)
    {
        if (certificate.AuthorityKeyIdentifier is not { } authority
            || issuer.SubjectKeyIdentifier is not { } identifier
            || !authority.Span.SequenceEqual(identifier.Span))
        {
            return new ChainResult(ChainError.WrongIssuer, $"the {name} certificate names another issuer's key than the {issuerName}'s");
        }

        if (!certificate.Issuer.Span.SequenceEqual(issuer.Subject.Span))
        {
            return new ChainResult(ChainError.WrongIssuer, $"the {name} certificate names another issuer than the {issuerName}");
        }

        if (!certificate.HasRspKey)
        {
            return WrongCurve(certificate, name);
        }

        if (certificate.PublicKey.Curve != issuerKey.Curve)
        {
            return new ChainResult(
                ChainError.UnsupportedCurve,
                $"the {name}'s key is on {certificate.PublicKey.Curve} but the {issuerName}'s on {issuerKey.Curve}");
        }

        return certificate.IsSignedBy(issuerKey)
            ? null
            : new ChainResult(ChainError.BadSignature, $"the {issuerName} did not sign the {name} certificate");
    }

    /// <summary>The certificate is valid now, its first and last moment included.</summary>
    public static ChainResult? Valid(RspCertificate certificate, string name, DateTimeOffset now)
    {
        if (now < certificate.NotBefore)
        {
            return new ChainResult(ChainError.NotYetValid, $"the {name} certificate is valid from {certificate.NotBefore:yyyy-MM-dd HH:mm:ss}Z only");
        }

        return now <= certificate.NotAfter
            ? null
            : new ChainResult(ChainError.Expired, $"the {name} certificate expired on {certificate.NotAfter:yyyy-MM-dd HH:mm:ss}Z");
    }

    /// <summary>The certificate has the policy and the key usage of its role.</summary>
    public static ChainResult? Role(RspCertificate certificate, RspRole role, KeyUsages usage)
    {
        var name = RspRoles.NameOf(role);
        if (!certificate.HasPolicyOf(role))
        {
            return new ChainResult(ChainError.WrongPolicy, $"the {name} certificate does not have the policy of its role, {RspRoles.Policy(role)}");
        }

        return MayBeUsed(certificate, name, usage);
    }

    /// <summary>The certificate's holder may issue certificates, with so many more issuers between it and the last certificate.</summary>
    public static ChainResult? Issuer(RspCertificate certificate, string name, int issuersBelow)
    {
        if (!certificate.IsCa)
        {
            return new ChainResult(ChainError.NotACa, $"the {name} certificate is not one of a certification authority");
        }

        if (certificate.PathLength is { } length && length < issuersBelow)
        {
            return new ChainResult(ChainError.PathTooLong, $"the {name} certificate allows {length} issuers below it, not {issuersBelow}");
        }

        return MayBeUsed(certificate, name, KeyUsages.KeyCertSign);
    }

    public static ChainResult WrongCurve(RspCertificate certificate, string name) =>
        new(ChainError.UnsupportedCurve, $"the {name}'s key is neither on P-256 nor on brainpoolP256r1 but of {certificate.PublicKeyKind}");

    private static ChainResult? MayBeUsed(RspCertificate certificate, string name, KeyUsages usage) =>
        certificate.KeyUsage is { } allowed && allowed.HasFlag(usage)
            ? null
            : new ChainResult(ChainError.WrongKeyUsage, $"the {name} certificate's key may not be used for {usage}");
}
