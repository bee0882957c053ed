using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Downloads;

/// <summary>Turns what became of a download into profile states and the operation's next step or end, always under the lock of the eUICC's row.</summary>
internal sealed partial class DownloadOutcome(OperationEngine engine, ILogger<DownloadOutcome> logger)
{
    private const string SetIccid = "UPDATE operation SET iccid = @Iccid, updated = @Now WHERE eid = @Eid AND id = @Id";

    private const string Awaited = $"""
        SELECT {OperationRow.Columns} FROM operation
        WHERE eid = @Eid AND status = 1 AND action = 2 AND step IN (0, 2) AND delivered IS NOT NULL AND smdp_address IS NOT NULL
        ORDER BY created_revision LIMIT 1
        """;

    /// <summary>
    /// Takes an installation result that the eUICC signed, by whichever message it came. It is the outcome of a download only if it is of this
    /// download (docs/decisions/0015): else it corrects what is known of the profile, once, and ends nothing.
    /// </summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="result">Verified, and stored.</param>
    /// <param name="isNew">Whether no notification with its sequence number was stored before.</param>
    /// <param name="operationId">The operation whose trigger it answers, where it came as that answer.</param>
    /// <returns>The download that it is of, whether or not that had ended already; null when there is none.</returns>
    public async ValueTask<byte[]?> TakeAsync(LockedEuicc euicc, ProfileInstallationResult result, bool isNew, byte[]? operationId)
    {
        var relay = result.TransactionId is { } transaction
            ? await RelaySession.FindAsync(euicc.Session, transaction).ConfigureAwait(false)
            : null;
        var operation = relay is not null ? await FindRelayedAsync(euicc, relay).ConfigureAwait(false)
            : isNew ? await FindDirectAsync(euicc, result, operationId).ConfigureAwait(false)
            : null;
        if (isNew || operation is { IsFinal: false })
        {
            await ApplyAsync(euicc, operation, relay?.KnownEid == euicc.Eid ? relay : null, result).ConfigureAwait(false);
        }

        return operation?.Id;
    }

    private async ValueTask ApplyAsync(LockedEuicc euicc, OperationRow? operation, RelaySession? relay, ProfileInstallationResult result)
    {
        if (result.FinalResult is InstallationFinalResult.Failure failure)
        {
            if (operation is not null)
            {
                await FailAsync(euicc, operation, DownloadError.Installation(failure), isSigned: true).ConfigureAwait(false);
            }

            return;
        }

        if (result.FinalResult is InstallationFinalResult.Unreadable)
        {
            // Whether the profile is there is not known: the list tells.
            euicc.Add(EuiccTasks.Synchronise);
            if (operation is not null)
            {
                await FailAsync(euicc, operation, DownloadError.UnreadableInstallation).ConfigureAwait(false);
            }

            return;
        }

        if ((result.Metadata.Iccid?.ToString() ?? relay?.ReadMetadata()?.Iccid?.ToString() ?? operation?.Iccid) is not { } iccid)
        {
            // The eUICC signs that a profile is there, but not which: its list tells.
            euicc.Add(EuiccTasks.Synchronise);
            return;
        }

        await InstalledAsync(euicc, operation, iccid, relay?.ReadMetadata()).ConfigureAwait(false);
    }

    /// <summary>The download has failed, unless the failure may be an echo of an earlier success: then that is looked into first.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="operation">The download.</param>
    /// <param name="error">Why.</param>
    /// <param name="isSigned">Whether the eUICC has signed that this session installed nothing.</param>
    public async ValueTask FailAsync(LockedEuicc euicc, OperationRow operation, OperationError error, bool isSigned = false)
    {
        if (operation.IsFinal || !IsAwaited(operation))
        {
            return;
        }

        if (operation.Step == DownloadStep.Check)
        {
            await OperationEngine.RememberAsync(euicc, operation, error).ConfigureAwait(false);
            return;
        }

        var trigger = await Exchange.FindTriggerAsync(euicc, operation.Id).ConfigureAwait(false);
        trigger?.Land(euicc);
        if (trigger?.Deliveries > 1 || (!isSigned && await RelaySession.IsPackageSentAsync(euicc, operation.Id).ConfigureAwait(false)))
        {
            await CheckAsync(euicc, operation, error).ConfigureAwait(false);
            return;
        }

        await EndFailedAsync(euicc, operation, error).ConfigureAwait(false);
    }

    /// <summary>The download seems to have failed, and nobody has signed that: notifications and the profile list decide.</summary>
    public async ValueTask CheckAsync(LockedEuicc euicc, OperationRow operation, OperationError error)
    {
        LogChecking(euicc.Eid, operation.Uuid, error.Message);
        await OperationEngine.RememberAsync(euicc, operation, error).ConfigureAwait(false);
        await BeginAsync(euicc, operation, trigger: null).ConfigureAwait(false);
    }

    /// <summary>Notifications and the profile list have been read, or the device did not tell them: the download ends by what is known.</summary>
    public async ValueTask ConcludeCheckAsync(LockedEuicc euicc, OperationRow operation)
    {
        var found = await HeldProfiles.FindNewAsync(euicc, operation).ConfigureAwait(false);
        var iccid = operation.Iccid is { } known ? found.FirstOrDefault(candidate => candidate == known) : found.Count == 1 ? found[0] : null;
        if (iccid is not null)
        {
            await InstalledAsync(euicc, operation, iccid, null).ConfigureAwait(false);
            return;
        }

        if (operation.Error is null && await Exchange.FindTriggerAsync(euicc, operation.Id).ConfigureAwait(false) is { Answered: null } trigger)
        {
            // Nobody says that it failed. The device rests once, as some IPAs bring their notifications only then; its next poll gets the trigger again.
            await OperationEngine.GoToAsync(euicc, operation, DownloadStep.Trigger).ConfigureAwait(false);
            euicc.InFlight = trigger.TransactionId;
            return;
        }

        await EndFailedAsync(euicc, operation, operation.Error ?? OperationError.NoResult(null)).ConfigureAwait(false);
    }

    /// <summary>
    /// The trigger would be delivered again, but a bound profile package has left meanwhile: then the device is asked for its notifications and
    /// for the profile list instead, since its download may be under way or done.
    /// </summary>
    /// <returns>Whether that is so.</returns>
    public async ValueTask<bool> BeginCheckAsync(LockedEuicc euicc, Exchange trigger)
    {
        if (trigger is not { Kind: ExchangeKind.DownloadTrigger, OperationId: { } operationId }
            || await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is not { IsFinal: false, Step: DownloadStep.Trigger } operation
            || !await RelaySession.LookForOutcomeAsync(euicc, operationId).ConfigureAwait(false))
        {
            return false;
        }

        LogLooking(euicc.Eid, operation.Uuid);
        await BeginAsync(euicc, operation, trigger).ConfigureAwait(false);
        return true;
    }

    private static async ValueTask BeginAsync(LockedEuicc euicc, OperationRow operation, Exchange? trigger)
    {
        trigger?.Land(euicc);
        await OperationEngine.GoToAsync(euicc, operation, DownloadStep.Check).ConfigureAwait(false);
        euicc.Add(EuiccTasks.FetchNotifications);
        euicc.Add(EuiccTasks.Synchronise);
    }

    /// <summary>Which profile it will be, as the SM-DP+ announces it.</summary>
    public static async ValueTask AnnounceAsync(LockedEuicc euicc, OperationRow operation, Iccid iccid) => await euicc.Session.ExecuteAsync(
        SetIccid, new { Eid = euicc.EidBytes, operation.Id, Iccid = iccid.ToString(), euicc.Now }).ConfigureAwait(false);

    /// <summary>The bound profile package is about to leave for the device.</summary>
    public static async ValueTask PackageSentAsync(LockedEuicc euicc, OperationRow operation, RelaySession session)
    {
        if (!operation.IsFinal && session.ReadMetadata() is { Iccid: { } iccid } metadata)
        {
            await ProfileBook.DownloadedAsync(euicc, iccid.ToString(), metadata).ConfigureAwait(false);
            await StockLinks.DownloadedAsync(euicc, iccid.ToString()).ConfigureAwait(false);
        }
    }

    private async ValueTask InstalledAsync(LockedEuicc euicc, OperationRow? operation, string iccid, StoreMetadataRequest? metadata)
    {
        await ProfileBook.InstallAsync(euicc, iccid, metadata, isLate: operation is null or { IsFinal: true }).ConfigureAwait(false);
        await StockLinks.InstalledAsync(euicc, iccid).ConfigureAwait(false);
        if (metadata is null)
        {
            // A direct download tells no name and no operator.
            euicc.Add(EuiccTasks.Synchronise);
        }

        if (operation is null)
        {
            return;
        }

        await euicc.Session.SendAsync(SetIccid, new { Eid = euicc.EidBytes, operation.Id, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        (await Exchange.FindTriggerAsync(euicc, operation.Id).ConfigureAwait(false))?.Land(euicc);
        if (operation.IsFinal || !IsAwaited(operation))
        {
            LogLate(euicc.Eid, operation.Uuid);
        }
        else if (operation.Enable)
        {
            await OperationEngine.RememberAsync(euicc, operation, null).ConfigureAwait(false);
            await OperationEngine.GoToAsync(euicc, operation, DownloadStep.Enable).ConfigureAwait(false);
        }
        else
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the installation's result is awaited, and not that of the enable after it.</summary>
    private static bool IsAwaited(OperationRow operation) => operation.Step is DownloadStep.Trigger or DownloadStep.Check;

    private async ValueTask EndFailedAsync(LockedEuicc euicc, OperationRow operation, OperationError error)
    {
        if (operation.Iccid is { } iccid)
        {
            await ProfileBook.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
            await StockLinks.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
        }

        await engine.EndAsync(euicc, operation, OperationStatus.Failed, error).ConfigureAwait(false);
    }

    /// <summary>A session that the eIM relayed has one download of one eUICC.</summary>
    private static async ValueTask<OperationRow?> FindRelayedAsync(LockedEuicc euicc, RelaySession relay) =>
        relay is { OperationId: { } id } && relay.KnownEid == euicc.Eid ? await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) : null;

    // A direct download leaves no session here, so what the result itself says must fit.
    private static async ValueTask<OperationRow?> FindDirectAsync(LockedEuicc euicc, ProfileInstallationResult result, byte[]? operationId)
    {
        var operation = operationId is null
            ? await euicc.Session.QueryFirstOrDefaultAsync<OperationRow>(Awaited, new { Eid = euicc.EidBytes }).ConfigureAwait(false)
            : await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false);
        return operation is not null && await FitsAsync(euicc, operation, result).ConfigureAwait(false) ? operation : null;
    }

    private static async ValueTask<bool> FitsAsync(LockedEuicc euicc, OperationRow operation, ProfileInstallationResult result)
    {
        var iccid = result.Metadata.Iccid?.ToString();
        return SmdpAddress.TryParse(operation.SmdpAddress, out var wanted)
            && SmdpAddress.TryParse(result.Metadata.Address, out var told)
            && told.IsSameServerAs(wanted)
            && (operation.Iccid is null || iccid is null || operation.Iccid == iccid)
            && (result.FinalResult is InstallationFinalResult.Failure
                || (iccid is not null && !await HeldProfiles.ContainAsync(euicc, operation, iccid).ConfigureAwait(false)))
            && !await RelaySession.IsPackageSentAsync(euicc, operation.Id).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: the package of download {Operation} has left and its result is not here; asking for notifications and the profile list instead of delivering the trigger again")]
    private partial void LogLooking(Eid eid, Guid operation);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: download {Operation} is reported failed ({Reason}), which may be the echo of an earlier success; asking for notifications and the profile list")]
    private partial void LogChecking(Eid eid, Guid operation, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: a late result of download {Operation}; the profile states are corrected")]
    private partial void LogLate(Eid eid, Guid operation);
}
