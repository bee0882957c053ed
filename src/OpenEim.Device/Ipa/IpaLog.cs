using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>What an IPA tells of its work, for a newcomer to follow.</summary>
internal static partial class IpaLog
{
    [LoggerMessage(1, LogLevel.Debug, "Attempt {Attempt} of {Attempts} to reach the {Peer} failed: {Reason}")]
    public static partial void AttemptFailed(ILogger logger, int attempt, int attempts, string peer, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Eid}: the modem starts with profile {Iccid}")]
    public static partial void Attached(ILogger logger, Eid eid, string iccid);

    [LoggerMessage(3, LogLevel.Warning, "{Path} cannot be read, the network stays as it was: {Reason}")]
    public static partial void NetworkFileUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(4, LogLevel.Information, "{Eid}: the card executes package {Counter} of eIM {EimId}")]
    public static partial void Executing(ILogger logger, Eid eid, string eimId, long counter);

    [LoggerMessage(5, LogLevel.Information, "{Eid}: package {Counter} was executed before, its result is sent again")]
    public static partial void AlreadyExecuted(ILogger logger, Eid eid, long counter);

    [LoggerMessage(6, LogLevel.Warning, "{Eid}: the card refused package {Counter}: {Code}")]
    public static partial void CardRefused(ILogger logger, Eid eid, long counter, EuiccPackageErrorCode code);

    [LoggerMessage(7, LogLevel.Warning, "{Eid}: the card could not tell who sent the package (eIM {EimId})")]
    public static partial void CardDoesNotKnowSender(ILogger logger, Eid eid, string eimId);

    [LoggerMessage(8, LogLevel.Information, "{Eid}: delivered {Results} package results and {Notifications} notifications, {Removed} acknowledged and deleted on the card")]
    public static partial void Delivered(ILogger logger, Eid eid, int results, int notifications, int removed);

    [LoggerMessage(9, LogLevel.Warning, "{Eid}: the result could not be delivered over the new profile ({Reason}), rolling back")]
    public static partial void RollingBack(ILogger logger, Eid eid, string reason);

    [LoggerMessage(10, LogLevel.Information, "{Eid}: the card rolled back, the previous profile is enabled again")]
    public static partial void RolledBack(ILogger logger, Eid eid);

    [LoggerMessage(11, LogLevel.Warning, "{Eid}: the card does not roll back ({Result}), the result waits on the card")]
    public static partial void RollbackRefused(ILogger logger, Eid eid, ProfileRollbackResult result);

    [LoggerMessage(12, LogLevel.Warning, "{Eid}: no network for {Polls} polls, executing the fallback mechanism")]
    public static partial void FallingBack(ILogger logger, Eid eid, int polls);

    [LoggerMessage(13, LogLevel.Warning, "{Eid}: fallback mechanism: {Result}")]
    public static partial void FallbackDone(ILogger logger, Eid eid, ExecuteFallbackResult result);

    [LoggerMessage(14, LogLevel.Information, "{Eid}: return from fallback: {Result}")]
    public static partial void ReturnedFromFallback(ILogger logger, Eid eid, ReturnFromFallbackResult result);

    [LoggerMessage(15, LogLevel.Information, "{Eid}: answering a data request ({Tags}): {Outcome}")]
    public static partial void DataRequest(ILogger logger, Eid eid, string tags, string outcome);

    [LoggerMessage(16, LogLevel.Warning, "{Eid}: eIM {EimId} answered {Error}; polling less often")]
    public static partial void EimRefuses(ILogger logger, Eid eid, string eimId, GetEimPackageError error);

    [LoggerMessage(17, LogLevel.Warning, "{Eid}: eIM {EimId} did not take the result: {Error}; it waits on the card")]
    public static partial void ResultRefused(ILogger logger, Eid eid, string eimId, ProvideEimPackageResultError error);

    [LoggerMessage(18, LogLevel.Warning, "{Eid}: polling eIM {EimId} failed ({Failure}): {Reason}")]
    public static partial void PollFailed(ILogger logger, Eid eid, string eimId, EsipaFailure failure, string reason);

    [LoggerMessage(19, LogLevel.Warning, "{Eid}: the eIM sent a package that the IPA cannot use ({Error}): {Reason}")]
    public static partial void UnusablePackage(ILogger logger, Eid eid, EimPackageResultErrorCode error, string reason);

    [LoggerMessage(20, LogLevel.Information, "{Eid}: eIM {EimId} triggers a profile download, {Way}")]
    public static partial void DownloadTriggered(ILogger logger, Eid eid, string eimId, string way);

    [LoggerMessage(21, LogLevel.Debug, "{Eid}: nothing to do at eIM {EimId}")]
    public static partial void Idle(ILogger logger, Eid eid, string eimId);

    [LoggerMessage(22, LogLevel.Warning, "{Eid}: the card names no eIM that can be polled")]
    public static partial void NoEim(ILogger logger, Eid eid);

    [LoggerMessage(23, LogLevel.Warning, "{Eid}: the card refused a command: {Reason}")]
    public static partial void CardFailed(ILogger logger, Eid eid, string reason);

    [LoggerMessage(24, LogLevel.Information, "{Eid}: telling eIM {EimId} of a state change: {Cause}")]
    public static partial void TellingStateChange(ILogger logger, Eid eid, string eimId, StateChangeCause cause);

    [LoggerMessage(25, LogLevel.Information, "{Eid}: profile {Iccid} is installed")]
    public static partial void Installed(ILogger logger, Eid eid, string iccid);

    [LoggerMessage(26, LogLevel.Warning, "{Eid}: the card refused the profile: {Reason} in {Command}")]
    public static partial void InstallationFailed(ILogger logger, Eid eid, InstallationErrorReason reason, BppCommandId? command);

    [LoggerMessage(31, LogLevel.Warning, "{Eid}: eIM {EimId} did not take a result ({Reason}); it waits on the card")]
    public static partial void ResultNotTaken(ILogger logger, Eid eid, string eimId, string reason);

    [LoggerMessage(32, LogLevel.Warning, "{Eid}: the card gave no result for package {Counter}: {Reason}")]
    public static partial void NoResult(ILogger logger, Eid eid, long counter, string reason);

    [LoggerMessage(33, LogLevel.Warning, "{Eid}: package {Counter} has commands that SGP.32 v1.0 does not know; it is dropped")]
    public static partial void UnknownToV10(ILogger logger, Eid eid, long counter);

    [LoggerMessage(27, LogLevel.Warning, "{Eid}: the profile download failed: {Reason}")]
    public static partial void DownloadFailed(ILogger logger, Eid eid, string reason);

    [LoggerMessage(28, LogLevel.Information, "{Eid}: the trigger was answered before, its result is sent again")]
    public static partial void AlreadyDownloaded(ILogger logger, Eid eid);

    [LoggerMessage(29, LogLevel.Warning, "{Eid}: the SM-DP+ could not be told of {What}: {Reason}")]
    public static partial void SmdpNotTold(ILogger logger, Eid eid, string what, string reason);

    [LoggerMessage(30, LogLevel.Information, "{Eid}: immediate enabling: {Code}")]
    public static partial void ImmediateEnabling(ILogger logger, Eid eid, int code);
}
