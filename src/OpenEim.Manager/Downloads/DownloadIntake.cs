using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

/// <summary>Takes in the results of download triggers (BF54), and the installation results among notifications.</summary>
internal sealed partial class DownloadIntake(
    NotificationInbox inbox, DownloadOutcome outcome, ExchangeStore exchanges, EimOptions options, ILogger<DownloadIntake> logger)
{
    /// <summary>Takes in the answer to a trigger. A repeated one is acknowledged again and changes nothing.</summary>
    public async ValueTask<Intake> TakeAsync(LockedEuicc euicc, ProfileDownloadTriggerResult result, Evidence evidence)
    {
        var exchange = await FindAsync(euicc, result).ConfigureAwait(false);
        if (result.InstallationResult is { } installation)
        {
            return await TakeInstallationAsync(euicc, exchange, result, installation, evidence).ConfigureAwait(false);
        }

        LogNoInstallation(euicc.Eid, result.ErrorReason);
        if (exchange is null or { Answered: not null } || exchange.OperationId is not { } operationId)
        {
            return new Intake(true);
        }

        if (await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is { IsFinal: false } operation)
        {
            await TakeReportAsync(euicc, exchange, operation, result).ConfigureAwait(false);
        }

        return new Intake(true);
    }

    /// <summary>Nobody signs this. It ends the operation at once where we have seen the same ourselves; else only when nothing better comes in several rounds.</summary>
    private async ValueTask TakeReportAsync(LockedEuicc euicc, Exchange exchange, OperationRow operation, ProfileDownloadTriggerResult result)
    {
        if (operation.Error is { } seen && DownloadError.IsSeenByUs(seen))
        {
            await exchange.AnsweredAsync(euicc, result.Encode()).ConfigureAwait(false);
            exchange.Land(euicc);
            await outcome.FailAsync(euicc, operation, seen).ConfigureAwait(false);
            return;
        }

        var error = DownloadReport.ReadRefusal(result.ErrorResponse)
            ?? DownloadError.Reported(result.ErrorReason ?? 127, DownloadReport.ReadText(result.ErrorResponse));
        if (operation.Error is not { } known || DownloadError.IsReported(known))
        {
            await OperationEngine.RememberAsync(euicc, operation, error).ConfigureAwait(false);
        }

        await exchange.RefusedAsync(euicc, ExchangeNotes.Reported + error.Message, options).ConfigureAwait(false);
    }

    /// <summary>Stores the notifications that the eUICC has signed; an installation result that is new is also the outcome of its download.</summary>
    /// <returns>Their sequence numbers, whether they are stored now or were earlier.</returns>
    public async ValueTask<List<long>> TakeNotificationsAsync(LockedEuicc euicc, IReadOnlyList<PendingNotification>? notifications, Evidence evidence)
    {
        var acknowledged = new List<long>();
        foreach (var notification in notifications ?? [])
        {
            if (!evidence.Proves(notification))
            {
                continue;
            }

            var stored = await inbox.StoreAsync(euicc, notification).ConfigureAwait(false);
            acknowledged.AddRange(stored.SequenceNumber is { } number ? [number] : []);
            if (notification is ProfileInstallationResult installation)
            {
                await outcome.TakeAsync(euicc, installation, stored.IsNew, null).ConfigureAwait(false);
            }
        }

        return acknowledged;
    }

    private async ValueTask<Intake> TakeInstallationAsync(
        LockedEuicc euicc, Exchange? exchange, ProfileDownloadTriggerResult result, ProfileInstallationResult installation, Evidence evidence)
    {
        if (!evidence.Proves(installation))
        {
            if (exchange is not null)
            {
                await exchange.RefusedAsync(euicc, ExchangeNotes.Unverifiable + "the installation result's signature", options).ConfigureAwait(false);
            }

            return new Intake(false);
        }

        var stored = await inbox.StoreAsync(euicc, installation).ConfigureAwait(false);
        var operationId = await outcome.TakeAsync(euicc, installation, stored.IsNew, exchange?.OperationId).ConfigureAwait(false);
        if (exchange?.OperationId is not { } asked || operationId is null || !asked.AsSpan().SequenceEqual(operationId))
        {
            // Signed and stored, but of another download: the answer to this trigger is still awaited.
            LogOther(euicc.Eid, stored.SequenceNumber);
        }
        else if (exchange.Answered is null)
        {
            await exchange.AnsweredAsync(euicc, result.Encode()).ConfigureAwait(false);
            exchange.Land(euicc);
            euicc.MarkSynced();
        }

        return new Intake(true, stored.SequenceNumber);
    }

    private async ValueTask<Exchange?> FindAsync(LockedEuicc euicc, ProfileDownloadTriggerResult result)
    {
        var id = result.TransactionId?.ToBytes() ?? euicc.InFlight;
        var exchange = id is null ? null : await exchanges.FindAsync(euicc, id).ConfigureAwait(false);
        return exchange?.Kind == ExchangeKind.DownloadTrigger ? exchange : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the trigger of a download was answered with installation result {SequenceNumber}, which is not of that download; it ends nothing")]
    private partial void LogOther(Eid eid, long? sequenceNumber);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: its IPA reports no installation, reason {Reason}")]
    private partial void LogNoInstallation(Eid eid, int? reason);
}
