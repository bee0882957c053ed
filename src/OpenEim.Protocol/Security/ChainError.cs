namespace OpenEim.Protocol.Security;

/// <summary>Why a certificate chain is not believed.</summary>
public enum ChainError
{
    /// <summary>It is believed.</summary>
    None,

    /// <summary>No trusted CI has the key that the chain names as its issuer's.</summary>
    UntrustedCi,

    /// <summary>A certificate cannot be parsed.</summary>
    Malformed,

    /// <summary>A certificate is past its validity.</summary>
    Expired,

    /// <summary>A certificate's validity has not begun.</summary>
    NotYetValid,

    /// <summary>A certificate names another issuer than the one that it was presented with.</summary>
    WrongIssuer,

    /// <summary>The issuer did not sign the certificate.</summary>
    BadSignature,

    /// <summary>A certificate does not have the policy of its role.</summary>
    WrongPolicy,

    /// <summary>A key may not be used for what it is used for.</summary>
    WrongKeyUsage,

    /// <summary>An issuer is not a certification authority.</summary>
    NotACa,

    /// <summary>An issuer stands higher in the chain than its path length allows.</summary>
    PathTooLong,

    /// <summary>The eUICC's certificate states no EID, or another one than expected.</summary>
    EidMismatch,

    /// <summary>The EUM may not issue a certificate for this EID or this organisation.</summary>
    EidNotPermitted,

    /// <summary>A key is on another curve than P-256 and brainpoolP256r1, or on another one than its issuer's.</summary>
    UnsupportedCurve,

    /// <summary>A server's certificate states no OID, or another one than expected.</summary>
    OidMismatch,

    /// <summary>A certificate is on a revocation list of its issuer.</summary>
    Revoked,

    /// <summary>A certificate is in the operator's quarantine.</summary>
    Quarantined,
}
