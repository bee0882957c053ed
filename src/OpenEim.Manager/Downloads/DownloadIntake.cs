using System.Text;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

/// <summary>Takes in the results of download triggers (BF54), and the installation results among notifications.</summary>
internal sealed partial class DownloadIntake(
    NotificationInbox inbox, DownloadOutcome outcome, Exchanges exchanges, EimOptions options, ILogger<DownloadIntake> logger)
{
    private const int MaxText = 200;

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

        await exchange.AnsweredAsync(euicc, result.Encode()).ConfigureAwait(false);
        exchange.Land(euicc);
        if (await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is { } operation)
        {
            // Nobody signs this. It ends the operation, since nothing else will come, and changes no profile.
            var error = operation.Error ?? ReadRefusal(result.ErrorResponse) ?? DownloadError.Reported(result.ErrorReason ?? 127, ReadText(result.ErrorResponse));
            await outcome.FailAsync(euicc, operation, error).ConfigureAwait(false);
        }

        return new Intake(true);
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
                await exchange.HoldAsync(euicc, ExchangeNotes.Unverifiable + "the installation result's signature", options.Hold).ConfigureAwait(false);
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

    /// <summary>What the SM-DP+ answered the IPA, where the IPA hands that on: the JSON of any ES9+ function.</summary>
    private static OperationError? ReadRefusal(ReadOnlyMemory<byte>? response)
    {
        if (response is not { IsEmpty: false } bytes || bytes.Span[0] != '{')
        {
            return null;
        }

        try
        {
            var answer = RspJson.Read(bytes.Span, Es9PlusJsonContext.Default.CancelSessionResponseJson);
            return answer.IsSuccess() ? null : DownloadError.Refused(answer.FailureCode());
        }
        catch (ProtocolException)
        {
            // It is not what it looked like; it may still be readable as text.
            return null;
        }
    }

    /// <summary>A sentence of the IPA's own.</summary>
    private static string? ReadText(ReadOnlyMemory<byte>? response) =>
        response is { Length: > 0 and <= MaxText } bytes && !bytes.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? Encoding.ASCII.GetString(bytes.Span)
            : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the trigger of a download was answered with installation result {SequenceNumber}, which is not of that download; it ends nothing")]
    private partial void LogOther(Eid eid, long? sequenceNumber);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: its IPA reports no installation, reason {Reason}")]
    private partial void LogNoInstallation(Eid eid, int? reason);
}
