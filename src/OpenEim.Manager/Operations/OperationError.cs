using System.Globalization;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Operations;

/// <summary>Why an operation failed: a stable number, documented in docs/error-reasons.md, and a sentence.</summary>
/// <param name="Reason">The number.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Refusal">The SM-DP+'s own status code, where it refused.</param>
public sealed record OperationError(int Reason, string Message, StatusCode? Refusal = null)
{
    /// <summary>An operation that succeeded before this one contradicts it.</summary>
    public static OperationError Contradicted(Guid winner, string why) =>
        new(9001, $"contradicted by operation {winner}, which has succeeded: {why}");

    /// <summary>The profile had no network and the device went back.</summary>
    public static OperationError RolledBack { get; } =
        new(9002, "rolled back: the device could not reach the network with the new profile and returned to the previous one");

    /// <summary>Delivered, and nothing came back in time.</summary>
    public static OperationError NoResult(string? note) =>
        new(9003, note is null ? "no result from the device" : $"no result from the device; {note}");

    /// <summary>Something came back that proves nothing, and nothing better in time.</summary>
    /// <param name="note">The exchange's last note; null when the device brought nothing.</param>
    /// <param name="silence">What it is when there is no kind of error for the note.</param>
    internal static OperationError OfNote(string? note, Func<string?, OperationError> silence) => note switch
    {
        not null when note.StartsWith(ExchangeNotes.Unverifiable, StringComparison.Ordinal) => new(9004, ExchangeNotes.Describe(note)!),
        not null when note.StartsWith(ExchangeNotes.Unsigned, StringComparison.Ordinal) => new(9007, ExchangeNotes.Describe(note)!),
        not null when note.StartsWith(ExchangeNotes.Unusable, StringComparison.Ordinal) => new(9008, ExchangeNotes.Describe(note)!),
        _ => silence(note),
    };

    /// <summary>Delivered again and again, and the device brought no answer.</summary>
    public static OperationError NoAnswer { get; } = new(9005, "the device does not answer this command");

    /// <summary>No package can be made of it.</summary>
    public static OperationError Undeliverable(string why) => new(9006, $"cannot be delivered: {why}");

    /// <summary>The result is lost, and the signed profile list shows that the command had no effect.</summary>
    public static OperationError ListContradicts(string what) =>
        new(9009, $"the result is lost, and the profile list that the eUICC has signed since then does not show its effect: {what}");

    /// <summary>The package has run, but its result is no longer on the eUICC, and the profile list could not be read.</summary>
    public static OperationError ResultLost { get; } = new(
        (int)EuiccPackageErrorCode.ReplayError + PackageErrors,
        "the eUICC refused the package as a replay, no longer holds a result for it, and its profile list could not be read");

    /// <summary>An error code that the eUICC signed for the whole package.</summary>
    public static OperationError FromPackageError(EuiccPackageErrorCode code) => new(PackageErrors + (int)code, code switch
    {
        EuiccPackageErrorCode.InvalidEid => "the eUICC refused the package: it is for another EID",
        EuiccPackageErrorCode.ReplayError => "the eUICC refused the package: its counter was used before",
        EuiccPackageErrorCode.CounterValueOutOfRange => "the eUICC refused the package: its counter is out of range",
        EuiccPackageErrorCode.SizeOverflow => "the eUICC refused the package: it is too large",
        EuiccPackageErrorCode.EcallActive => "the eUICC refused the package: an emergency call is active",
        _ => string.Create(CultureInfo.InvariantCulture, $"the eUICC refused the package with error {(int)code}"),
    });

    /// <summary>A command's code other than ok.</summary>
    public static OperationError FromCommand(EuiccCommand command, int code) => command switch
    {
        EuiccCommand.Enable => new(1000 + code, "enable: " + CommandText(code, "the profile is not in the disabled state")),
        EuiccCommand.Disable => new(1100 + code, "disable: " + CommandText(code, "the profile is not in the enabled state")),
        EuiccCommand.Delete => new(1200 + code, "delete: " + CommandText(code, "the profile is enabled, and an enabled profile is never deleted")),
        EuiccCommand.SetFallbackAttribute => new(1400 + code, "set fallback: " + FallbackText(code)),
        EuiccCommand.UnsetFallbackAttribute => new(1500 + code, "unset fallback: " + FallbackText(code)),
        EuiccCommand.ProcessingTerminated => new(1600 + code, "the eUICC stopped: " + TerminatedText(code)),
        EuiccCommand.Rollback => new(1700 + code, "the rollback to the previous profile failed"),
        _ => new(1800 + code, string.Create(CultureInfo.InvariantCulture, $"the eUICC answered {command} with {code}")),
    };

    /// <summary>An error of listProfileInfo.</summary>
    public static OperationError FromProfileList(ProfileInfoListError error) =>
        new(1300 + (int)error, $"the eUICC could not list its profiles: {error}");

    /// <summary>The result does not hold what the package asked for.</summary>
    public static OperationError Incomplete { get; } = new(1900, "the eUICC's signed result does not hold an outcome for the command");

    /// <summary>The eUICC has signed an outcome that nobody can read.</summary>
    public static OperationError Unreadable(string why) =>
        new(1901, $"the outcome that the eUICC has signed cannot be read: {why}; the profile list is being read again");

    private const int PackageErrors = 2000;

    private static string CommandText(int code, string wrongState) => code switch
    {
        1 => "no profile with this ICCID is on the eUICC",
        2 => wrongState,
        3 => "a profile policy rule forbids it",
        5 => "the card is busy with a toolkit session",
        20 => "rollback is not available: no profile is enabled to return to",
        21 => "the device must return to this profile from the fallback profile",
        _ => string.Create(CultureInfo.InvariantCulture, $"undefined error {code}"),
    };

    private static string FallbackText(int code) => code switch
    {
        1 => "no profile with this ICCID is on the eUICC",
        2 => "the profile's owner does not allow it to be the fallback, or there is no fallback",
        3 => "the profile is enabled; only a disabled profile can be the fallback",
        7 => "command error",
        _ => string.Create(CultureInfo.InvariantCulture, $"undefined error {code}"),
    };

    private static string TerminatedText(int code) => code switch
    {
        1 => "the result grew too large",
        2 => "a command is unknown or damaged",
        3 => "it was interrupted",
        _ => string.Create(CultureInfo.InvariantCulture, $"undefined error {code}"),
    };
}
