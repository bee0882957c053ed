namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>The status codes of the JSON binding as errors of the ASN.1 binding; those of ESipa carry the same numbers.</summary>
public static class Es9PlusErrors
{
    internal static readonly (InitiateAuthenticationError Error, StatusCode Code)[] InitiateAuthentication =
    [
        (Es9Plus.InitiateAuthenticationError.InvalidDpAddress, StatusCodes.InvalidSmdpAddress),
        (Es9Plus.InitiateAuthenticationError.EuiccVersionNotSupportedByDp, StatusCodes.VersionNotSupported),
        (Es9Plus.InitiateAuthenticationError.CiPkNotSupported, StatusCodes.NoCommonCiKey),
        (Es9Plus.InitiateAuthenticationError.CiPkNotSupported, StatusCodes.NoCertificateChain),
    ];

    internal static readonly (AuthenticateClientError Error, StatusCode Code)[] AuthenticateClient =
    [
        (Es9Plus.AuthenticateClientError.EumCertificateInvalid, StatusCodes.EumCertificateInvalid),
        (Es9Plus.AuthenticateClientError.EumCertificateExpired, StatusCodes.EumCertificateExpired),
        (Es9Plus.AuthenticateClientError.EuiccCertificateInvalid, StatusCodes.EuiccCertificateInvalid),
        (Es9Plus.AuthenticateClientError.EuiccCertificateExpired, StatusCodes.EuiccCertificateExpired),
        (Es9Plus.AuthenticateClientError.EuiccSignatureInvalid, StatusCodes.EuiccSignatureInvalid),
        (Es9Plus.AuthenticateClientError.MatchingIdRefused, StatusCodes.MatchingIdRefused),
        (Es9Plus.AuthenticateClientError.EidMismatch, StatusCodes.OtherEid),
        (Es9Plus.AuthenticateClientError.NoEligibleProfile, StatusCodes.NoEligibleProfile),
        (Es9Plus.AuthenticateClientError.CiPkUnknown, StatusCodes.UnknownCi),
        (Es9Plus.AuthenticateClientError.InvalidTransactionId, StatusCodes.UnknownTransaction),
        (Es9Plus.AuthenticateClientError.InsufficientMemory, StatusCodes.InsufficientMemory),
    ];

    internal static readonly (GetBoundProfilePackageError Error, StatusCode Code)[] GetBoundProfilePackage =
    [
        (Es9Plus.GetBoundProfilePackageError.EuiccSignatureInvalid, StatusCodes.EuiccSignatureInvalid),
        (Es9Plus.GetBoundProfilePackageError.ConfirmationCodeMissing, StatusCodes.ConfirmationCodeMissing),
        (Es9Plus.GetBoundProfilePackageError.ConfirmationCodeRefused, StatusCodes.ConfirmationCodeRefused),
        (Es9Plus.GetBoundProfilePackageError.ConfirmationCodeRetriesExceeded, StatusCodes.ConfirmationCodeRetriesExceeded),
        (Es9Plus.GetBoundProfilePackageError.BppRebindingRefused, StatusCodes.RebindingRefused),
        (Es9Plus.GetBoundProfilePackageError.DownloadOrderExpired, StatusCodes.OrderExpired),
        (Es9Plus.GetBoundProfilePackageError.InvalidTransactionId, StatusCodes.UnknownTransaction),
    ];

    internal static readonly (CancelSessionError Error, StatusCode Code)[] CancelSession =
    [
        (Es9Plus.CancelSessionError.InvalidTransactionId, StatusCodes.UnknownTransaction),
        (Es9Plus.CancelSessionError.EuiccSignatureInvalid, StatusCodes.EuiccSignatureInvalid),
    ];

    /// <summary>The error of InitiateAuthentication, or null for a code that its enum has no number for.</summary>
    public static InitiateAuthenticationError? InitiateAuthenticationError(StatusCode code) => Find(InitiateAuthentication, code);

    /// <summary>The error of AuthenticateClient; undefinedError for a code that its enum has no number for.</summary>
    public static AuthenticateClientError AuthenticateClientError(StatusCode code) =>
        Find(AuthenticateClient, code) ?? Es9Plus.AuthenticateClientError.UndefinedError;

    /// <summary>The error of GetBoundProfilePackage; undefinedError for a code that its enum has no number for.</summary>
    public static GetBoundProfilePackageError GetBoundProfilePackageError(StatusCode code) =>
        Find(GetBoundProfilePackage, code) ?? Es9Plus.GetBoundProfilePackageError.UndefinedError;

    /// <summary>The error of CancelSession; undefinedError for a code that its enum has no number for.</summary>
    public static CancelSessionError CancelSessionError(StatusCode code) =>
        Find(CancelSession, code) ?? Es9Plus.CancelSessionError.UndefinedError;

    private static T? Find<T>((T Error, StatusCode Code)[] table, StatusCode code) where T : struct
    {
        foreach (var (error, known) in table)
        {
            if (known == code)
            {
                return error;
            }
        }

        return null;
    }
}
