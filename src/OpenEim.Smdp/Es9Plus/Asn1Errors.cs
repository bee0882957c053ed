using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>The numbers that stand for the status codes in the ASN.1 binding, which has fewer (SGP.22 annex H).</summary>
internal static class Asn1Errors
{
    private static readonly Dictionary<StatusCode, InitiateAuthenticationError> Initiate = new()
    {
        [StatusCodes.InvalidSmdpAddress] = InitiateAuthenticationError.InvalidDpAddress,
        [StatusCodes.VersionNotSupported] = InitiateAuthenticationError.EuiccVersionNotSupportedByDp,
        [StatusCodes.NoCommonCiKey] = InitiateAuthenticationError.CiPkNotSupported,
        [StatusCodes.NoCertificateChain] = InitiateAuthenticationError.CiPkNotSupported,
    };

    private static readonly Dictionary<StatusCode, AuthenticateClientError> Client = new()
    {
        [StatusCodes.EumCertificateInvalid] = AuthenticateClientError.EumCertificateInvalid,
        [StatusCodes.EumCertificateExpired] = AuthenticateClientError.EumCertificateExpired,
        [StatusCodes.EuiccCertificateInvalid] = AuthenticateClientError.EuiccCertificateInvalid,
        [StatusCodes.EuiccCertificateExpired] = AuthenticateClientError.EuiccCertificateExpired,
        [StatusCodes.EuiccSignatureInvalid] = AuthenticateClientError.EuiccSignatureInvalid,
        [StatusCodes.MatchingIdRefused] = AuthenticateClientError.MatchingIdRefused,
        [StatusCodes.OtherEid] = AuthenticateClientError.EidMismatch,
        [StatusCodes.NoEligibleProfile] = AuthenticateClientError.NoEligibleProfile,
        [StatusCodes.UnknownCi] = AuthenticateClientError.CiPkUnknown,
        [StatusCodes.UnknownTransaction] = AuthenticateClientError.InvalidTransactionId,
        [StatusCodes.InsufficientMemory] = AuthenticateClientError.InsufficientMemory,
    };

    private static readonly Dictionary<StatusCode, GetBoundProfilePackageError> Package = new()
    {
        [StatusCodes.EuiccSignatureInvalid] = GetBoundProfilePackageError.EuiccSignatureInvalid,
        [StatusCodes.ConfirmationCodeMissing] = GetBoundProfilePackageError.ConfirmationCodeMissing,
        [StatusCodes.ConfirmationCodeRefused] = GetBoundProfilePackageError.ConfirmationCodeRefused,
        [StatusCodes.ConfirmationCodeRetriesExceeded] = GetBoundProfilePackageError.ConfirmationCodeRetriesExceeded,
        [StatusCodes.RebindingRefused] = GetBoundProfilePackageError.BppRebindingRefused,
        [StatusCodes.OrderExpired] = GetBoundProfilePackageError.DownloadOrderExpired,
        [StatusCodes.UnknownTransaction] = GetBoundProfilePackageError.InvalidTransactionId,
    };

    private static readonly Dictionary<StatusCode, CancelSessionError> Cancel = new()
    {
        [StatusCodes.UnknownTransaction] = CancelSessionError.InvalidTransactionId,
        [StatusCodes.EuiccSignatureInvalid] = CancelSessionError.EuiccSignatureInvalid,
    };

    /// <summary>The answer of a function that failed.</summary>
    public static IBerMessage Answer(IBerMessage request, StatusCode code) => request switch
    {
        InitiateAuthenticationRequest => new InitiateAuthenticationResponse(null, Initiate[code]),
        AuthenticateClientRequest => new AuthenticateClientResponseEs9(
            null, Client.GetValueOrDefault(code, AuthenticateClientError.UndefinedError)),
        GetBoundProfilePackageRequest => new GetBoundProfilePackageResponse(
            null, Package.GetValueOrDefault(code, GetBoundProfilePackageError.UndefinedError)),
        CancelSessionRequestEs9 => new CancelSessionResponseEs9(Cancel.GetValueOrDefault(code, CancelSessionError.UndefinedError)),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };
}
