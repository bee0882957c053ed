using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
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
        WHERE eid = @Eid AND status = 1 AND action = 2 AND step = 2 AND smdp_address IS NOT NULL ORDER BY created_revision LIMIT 1
        """;

    private const string NewOnCard = "SELECT iccid FROM profile WHERE eid = @Eid AND created >= @Since AND status IN (7, 8)";

    /// <summary>Takes an installation result that the eUICC signed.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="result">Verified.</param>
    /// <param name="operationId">The operation whose trigger it answers, where it came as that answer.</param>
    public async ValueTask TakeAsync(LockedEuicc euicc, ProfileInstallationResult result, byte[]? operationId)
    {
        var relay = result.TransactionId is { } transaction
            ? await RelaySession.FindAsync(euicc.Session, transaction).ConfigureAwait(false)
            : null;
        relay = relay?.KnownEid == euicc.Eid ? relay : null;
        var operation = (operationId ?? relay?.OperationId) is { } id
            ? await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false)
            : await FindAwaitedAsync(euicc, result).ConfigureAwait(false);
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
        if (operation.IsFinal || operation.Step == DownloadStep.Enable)
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
            LogChecking(euicc.Eid, operation.Uuid, error.Message);
            await OperationEngine.RememberAsync(euicc, operation, error).ConfigureAwait(false);
            await OperationEngine.GoToAsync(euicc, operation, DownloadStep.Check).ConfigureAwait(false);
            euicc.Add(EuiccTasks.FetchNotifications);
            euicc.Add(EuiccTasks.Synchronise);
            return;
        }

        await EndFailedAsync(euicc, operation, error).ConfigureAwait(false);
    }

    /// <summary>Notifications and the profile list have been read, or the device did not tell them: the download ends by what is known.</summary>
    public async ValueTask ConcludeCheckAsync(LockedEuicc euicc, OperationRow operation)
    {
        var trigger = await Exchange.FindTriggerAsync(euicc, operation.Id).ConfigureAwait(false);
        var found = await euicc.Session.QueryAsync<string>(
            NewOnCard, new { Eid = euicc.EidBytes, Since = operation.Iccid is null ? trigger?.Created ?? euicc.Now : 0 }).ConfigureAwait(false);
        var iccid = operation.Iccid is { } known ? found.FirstOrDefault(candidate => candidate == known) : found.Count == 1 ? found[0] : null;
        if (iccid is not null)
        {
            await InstalledAsync(euicc, operation, iccid, null).ConfigureAwait(false);
            return;
        }

        await EndFailedAsync(euicc, operation, operation.Error ?? OperationError.NoResult(null)).ConfigureAwait(false);
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
        if (operation.IsFinal || operation.Step == DownloadStep.Enable)
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

    private async ValueTask EndFailedAsync(LockedEuicc euicc, OperationRow operation, OperationError error)
    {
        if (operation.Iccid is { } iccid)
        {
            await ProfileBook.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
            await StockLinks.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
        }

        await engine.EndAsync(euicc, operation, OperationStatus.Failed, error).ConfigureAwait(false);
    }

    // A direct download leaves no session here. Only when we asked for notifications because of a download can one of them be its result.
    private static async ValueTask<OperationRow?> FindAwaitedAsync(LockedEuicc euicc, ProfileInstallationResult result)
    {
        var operation = await euicc.Session.QueryFirstOrDefaultAsync<OperationRow>(Awaited, new { Eid = euicc.EidBytes }).ConfigureAwait(false);
        return operation is not null
            && SmdpAddress.TryParse(operation.SmdpAddress, out var wanted)
            && SmdpAddress.TryParse(result.Metadata.Address, out var told)
            && told.IsSameServerAs(wanted)
            && (operation.Iccid is null || result.Metadata.Iccid is null || operation.Iccid == result.Metadata.Iccid.ToString())
            && !await ProfileBook.IsOnCardAsync(euicc, result.Metadata.Iccid?.ToString()).ConfigureAwait(false)
            ? operation
            : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: download {Operation} is reported failed ({Reason}), which may be the echo of an earlier success; asking for notifications and the profile list")]
    private partial void LogChecking(Eid eid, Guid operation, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: a late result of download {Operation}; the profile states are corrected")]
    private partial void LogLate(Eid eid, Guid operation);
}
