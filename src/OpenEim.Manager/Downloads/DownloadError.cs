using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Downloads;

/// <summary>Why a download failed: the numbers from 4000 to 8999 of docs/error-reasons.md.</summary>
internal static class DownloadError
{
    private const int ReportedErrors = 4000;
    private const string ReportedPrefix = "the device reports: ";
    private const int InstallationErrors = 5000;
    private const int OtherInstallationError = 6999;
    private const int OtherRefusal = 7099;

    private static readonly (StatusCode Code, int Reason, string Text)[] Refusals =
    [
        (StatusCodes.InvalidSmdpAddress, 7001, "it has another address than the activation code says"),
        (StatusCodes.NoCommonCiKey, 7002, "it and the eUICC trust no common CI"),
        (StatusCodes.VersionNotSupported, 7003, "it does not support the eUICC's version of SGP.22"),
        (StatusCodes.NoCertificateChain, 7004, "it has no certificate of a CI that the eUICC trusts"),
        (StatusCodes.UnknownTransaction, 7005, "the session is unknown to it or has ended"),
        (StatusCodes.EumCertificateInvalid, 7006, "the certificate of the eUICC's manufacturer is invalid"),
        (StatusCodes.EumCertificateExpired, 7007, "the certificate of the eUICC's manufacturer has expired"),
        (StatusCodes.EuiccCertificateInvalid, 7008, "the eUICC's certificate is invalid"),
        (StatusCodes.EuiccCertificateExpired, 7009, "the eUICC's certificate has expired"),
        (StatusCodes.UnknownCi, 7010, "it does not know the CI of the eUICC's certificate"),
        (StatusCodes.EuiccSignatureInvalid, 7011, "the eUICC's signature or challenge is wrong"),
        (StatusCodes.MatchingIdRefused, 7012, "the matching id is unknown or was used"),
        (StatusCodes.OtherEid, 7013, "the profile is reserved for another EID"),
        (StatusCodes.NoEligibleProfile, 7014, "the profile does not fit this eUICC"),
        (StatusCodes.InsufficientMemory, 7015, "the eUICC's memory does not suffice"),
        (StatusCodes.ProfileNotReleased, 7016, "the profile is not released"),
        (StatusCodes.OrderExpired, 7017, "the order has expired"),
        (StatusCodes.TooManyTries, 7018, "the order was tried too often"),
        (StatusCodes.ConfirmationCodeMissing, 7019, "it demands a confirmation code"),
        (StatusCodes.ConfirmationCodeRefused, 7020, "the confirmation code is wrong"),
        (StatusCodes.ConfirmationCodeRetriesExceeded, 7021, "too many wrong confirmation codes"),
        (StatusCodes.RebindingRefused, 7022, "the profile was delivered to another eUICC, or for another one-time key, already"),
        (StatusCodes.InvalidOid, 7023, "the OID is not its own"),
    ];

    /// <summary>The device's own, unsigned word that there was no installation.</summary>
    /// <param name="reason">The number.</param>
    /// <param name="text">What its IPA adds, where that is readable.</param>
    public static OperationError Reported(int reason, string? text) => new(ReportedErrors + Bounded(reason), reason switch
    {
        104 => "the device did not download the profile: an emergency call is active",
        _ when text is not null => $"the device did not download the profile and says: \"{text}\"",
        _ => "the device did not download the profile and does not say why",
    });

    /// <summary>The eUICC did not accept the SM-DP+.</summary>
    public static OperationError ServerRefused(AuthenticateErrorCode code) =>
        new(4200 + Bounded((int)code), $"the eUICC does not accept the SM-DP+: {code}");

    /// <summary>The eUICC did not accept the profile offered.</summary>
    public static OperationError ProfileRefused(DownloadErrorCode code) =>
        new(4400 + Bounded((int)code), $"the eUICC does not accept the SM-DP+'s offer: {code}");

    /// <summary>The device ended the session.</summary>
    public static OperationError Cancelled(CancelSessionReason reason) =>
        new(4600 + Bounded((int)reason), $"the device cancelled the download: {reason}");

    /// <summary>What the eUICC signed of the installation.</summary>
    public static OperationError Installation(InstallationFinalResult.Failure failure)
    {
        // What the eUICC signed in a way that nobody can read is no less a failure.
        var reason = failure.Reason ?? InstallationErrorReason.UnknownError;
        var isKnown = failure.CommandId is { } command && Enum.IsDefined(command) && (int)reason is >= 0 and <= 127;
        return new OperationError(
            isKnown ? InstallationErrors + (200 * (int)failure.CommandId!) + (int)reason : OtherInstallationError,
            $"the eUICC could not install the profile: {Words(reason)}{reason} at {failure.CommandId?.ToString() ?? "an unknown command"}");
    }

    /// <summary>The eUICC signed a result that is neither a success nor a failure.</summary>
    public static OperationError UnreadableInstallation { get; } =
        new(OtherInstallationError, "the eUICC signed an installation result that cannot be read");

    /// <summary>The SM-DP+ said no.</summary>
    public static OperationError Refused(StatusCode? code)
    {
        if (code is not { } known)
        {
            return new OperationError(OtherRefusal, "the SM-DP+ refused the download and does not say why");
        }

        var (_, reason, text) = Array.Find(Refusals, refusal => refusal.Code == known);
        return text is null
            ? new OperationError(OtherRefusal, $"the SM-DP+ refused the download with {known}", known)
            : new OperationError(reason, $"the SM-DP+ refused the download: {text}", known);
    }

    /// <summary>The device's own, unsigned word that the SM-DP+ said no.</summary>
    public static OperationError ReportedRefusal(StatusCode code)
    {
        var refused = Refused(code);
        return refused with { Message = ReportedPrefix + refused.Message };
    }

    /// <summary>Whether it comes from a device's unsigned report, and not from what the eIM has seen or the eUICC has signed.</summary>
    public static bool IsReported(OperationError error) =>
        error.Reason is >= ReportedErrors and < ReportedErrors + 200 || error.Message.StartsWith(ReportedPrefix, StringComparison.Ordinal);

    /// <summary>Whether we have seen it ourselves: an SM-DP+ that was away, whose answer does not fit, or that we do not call.</summary>
    public static bool IsSeenByUs(OperationError error) =>
        error.Reason is (>= (int)SmdpTrouble.Unreachable and <= (int)SmdpTrouble.Malformed) or (int)SmdpTrouble.OutOfReach;

    /// <summary>The SM-DP+ could not be asked.</summary>
    public static OperationError Trouble(SmdpTrouble trouble, string address) => new((int)trouble, trouble switch
    {
        SmdpTrouble.TimedOut => $"the SM-DP+ {address} did not answer in time",
        SmdpTrouble.NotTrusted => $"the SM-DP+ {address} has no TLS certificate of a trusted CI",
        SmdpTrouble.OutOfReach => $"this eIM does not call the SM-DP+ {address}: the name is unknown or not allowed (SmdpHosts, SmdpPrivateNetworks)",
        SmdpTrouble.Malformed => $"the SM-DP+ {address} gave an answer that does not follow SGP.22",
        _ => $"the SM-DP+ {address} could not be reached",
    });

    /// <summary>The device asked for another SM-DP+.</summary>
    public static OperationError OtherAddressAsked { get; } =
        new(7105, "the device asked for another SM-DP+ than the activation code names");

    /// <summary>The SM-DP+ signed another address.</summary>
    public static OperationError OtherAddressSigned { get; } =
        new(7106, "the SM-DP+ signs with another address than the activation code's");

    /// <summary>The SM-DP+ has another OID.</summary>
    public static OperationError OtherOid { get; } = new(7107, "the SM-DP+ has another OID than the activation code's");

    /// <summary>The SM-DP+ wants a confirmation code, for which the trigger of a download has no place.</summary>
    public static OperationError ConfirmationCodeDemanded { get; } =
        new(7019, "the SM-DP+ demands a confirmation code, and the device has none");

    /// <summary>The IPA knows neither way.</summary>
    public static OperationError CannotDownload { get; } = new(8001, "the device's IPA can download neither directly nor through the eIM");

    /// <summary>The IPA needs the eIM, which may not.</summary>
    public static OperationError OnlyIndirect { get; } =
        new(8002, "the device's IPA can download only through the eIM, which is not set up for it (IndirectDownload)");

    /// <summary>There is a confirmation code, and the IPA knows only the way on which it cannot be passed.</summary>
    public static OperationError NoPlaceForConfirmationCode { get; } = new(
        8004, "the device's IPA downloads only directly from the SM-DP+, and the trigger of such a download has no place for the confirmation code");

    /// <summary>There is a confirmation code, and the eIM does not relay downloads.</summary>
    public static OperationError ConfirmationCodeOnlyIndirect { get; } = new(
        8005, "a confirmation code can be passed only in a download through the eIM, which is not set up for it (IndirectDownload)");

    /// <summary>The activation code is in the database, but not readable.</summary>
    public static OperationError Unreadable { get; } =
        new(8003, "the activation code cannot be decrypted: the master key is not the one it was stored with");

    /// <summary>What an operator makes of the reasons that he may meet; the others are an SM-DP+'s or eUICC's maker's to understand.</summary>
    private static string Words(InstallationErrorReason reason) => reason switch
    {
        InstallationErrorReason.Scp03tSecurityError => "the package was changed or damaged on its way, ",
        InstallationErrorReason.IccidAlreadyExists => "a profile with this ICCID is on it already, ",
        InstallationErrorReason.InsufficientMemory => "its memory does not suffice, ",
        InstallationErrorReason.Interruption => "the installation was interrupted, ",
        _ => "",
    };

    private static int Bounded(int code) => code is >= 0 and <= 127 ? code : 127;
}
