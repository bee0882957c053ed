namespace OpenEim.Protocol.Sgp22;

/// <summary>The status codes that OpenEim answers and understands (SGP.22 5.3 and 5.6, at the functions).</summary>
public static class StatusCodes
{
    /// <summary>initiateAuthentication: the SM-DP+ has another address.</summary>
    public static readonly StatusCode InvalidSmdpAddress = new("8.8.1", "3.8");

    /// <summary>initiateAuthentication: there is no common CI key.</summary>
    public static readonly StatusCode NoCommonCiKey = new("8.8.2", "3.1");

    /// <summary>initiateAuthentication: the SM-DP+ does not support the eUICC's version.</summary>
    public static readonly StatusCode VersionNotSupported = new("8.8.3", "3.1");

    /// <summary>initiateAuthentication: the SM-DP+ has no certificate of such a CI.</summary>
    public static readonly StatusCode NoCertificateChain = new("8.8.4", "3.7");

    /// <summary>Any function within a session: no such transaction.</summary>
    public static readonly StatusCode UnknownTransaction = new("8.10.1", "3.9");

    /// <summary>authenticateClient: the EUM certificate is invalid.</summary>
    public static readonly StatusCode EumCertificateInvalid = new("8.1.2", "6.1");

    /// <summary>authenticateClient: the EUM certificate has expired.</summary>
    public static readonly StatusCode EumCertificateExpired = new("8.1.2", "6.3");

    /// <summary>authenticateClient: the eUICC certificate is invalid.</summary>
    public static readonly StatusCode EuiccCertificateInvalid = new("8.1.3", "6.1");

    /// <summary>authenticateClient: the eUICC certificate has expired.</summary>
    public static readonly StatusCode EuiccCertificateExpired = new("8.1.3", "6.3");

    /// <summary>authenticateClient: the CI is unknown.</summary>
    public static readonly StatusCode UnknownCi = new("8.11.1", "3.9");

    /// <summary>The eUICC's signature does not verify, or its challenge is wrong.</summary>
    public static readonly StatusCode EuiccSignatureInvalid = new("8.1", "6.1");

    /// <summary>authenticateClient: the matching id is unknown or used.</summary>
    public static readonly StatusCode MatchingIdRefused = new("8.2.6", "3.8");

    /// <summary>authenticateClient: the profile is for another EID.</summary>
    public static readonly StatusCode OtherEid = new("8.1.1", "3.8");

    /// <summary>authenticateClient: the eUICC cannot take the profile.</summary>
    public static readonly StatusCode NoEligibleProfile = new("8.2.5", "4.3");

    /// <summary>authenticateClient: the eUICC's memory is too small.</summary>
    public static readonly StatusCode InsufficientMemory = new("8.1", "4.8");

    /// <summary>authenticateClient: the profile is not released.</summary>
    public static readonly StatusCode ProfileNotReleased = new("8.2", "1.2");

    /// <summary>The download order has expired.</summary>
    public static readonly StatusCode OrderExpired = new("8.8.5", "4.10");

    /// <summary>The order was tried too often.</summary>
    public static readonly StatusCode TooManyTries = new("8.8.5", "6.4");

    /// <summary>getBoundProfilePackage: a confirmation code is needed.</summary>
    public static readonly StatusCode ConfirmationCodeMissing = new("8.2.7", "2.2");

    /// <summary>getBoundProfilePackage: the confirmation code is wrong.</summary>
    public static readonly StatusCode ConfirmationCodeRefused = new("8.2.7", "3.8");

    /// <summary>getBoundProfilePackage: too many wrong confirmation codes.</summary>
    public static readonly StatusCode ConfirmationCodeRetriesExceeded = new("8.2.7", "6.4");

    /// <summary>getBoundProfilePackage: the package is bound to another one-time key.</summary>
    public static readonly StatusCode RebindingRefused = new("8.2", "3.7");

    /// <summary>cancelSession: the OID is not this SM-DP+'s.</summary>
    public static readonly StatusCode InvalidOid = new("8.8", "3.10");

    /// <summary>ES2+: the ICCID is in use already.</summary>
    public static readonly StatusCode IccidInUse = new("8.2.1", "3.3");

    /// <summary>ES2+: no such ICCID.</summary>
    public static readonly StatusCode UnknownIccid = new("8.2.1", "3.9");

    /// <summary>ES2+: the matching id is in use already.</summary>
    public static readonly StatusCode MatchingIdInUse = new("8.2.6", "3.3");

    /// <summary>ES2+: the matching id is not this order's.</summary>
    public static readonly StatusCode WrongMatchingId = new("8.2.6", "3.10");

    /// <summary>ES2+: the order needs an EID.</summary>
    public static readonly StatusCode EidMissing = new("8.1.1", "2.2");

    /// <summary>ES2+: the EID is not this order's.</summary>
    public static readonly StatusCode DifferentEid = new("8.1.1", "3.10");
}
