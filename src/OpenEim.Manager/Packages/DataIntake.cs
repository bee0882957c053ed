using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Takes in the answers to data requests. Nobody signs them: only certificates that lead to a trusted CI, and the signed results and notifications inside, are believed.</summary>
internal sealed partial class DataIntake(
    ResultIntake results, DownloadIntake downloads, OperationEngine engine, ExchangeStore exchanges, EimOptions options,
    EimTelemetry telemetry, ILogger<DataIntake> logger)
{
    /// <summary>Takes in one answer.</summary>
    /// <returns>Whether it was believed, and the sequence numbers that may now be deleted on the card.</returns>
    public async ValueTask<(bool Believed, List<long> Acknowledged)> TakeAsync(
        LockedEuicc euicc, IpaEuiccDataResponse response, Evidence evidence)
    {
        var received = response.Received;
        var exchange = await FindAsync(euicc, response, evidence).ConfigureAwait(false);
        if (response is not IpaEuiccData data)
        {
            if (exchange is not null)
            {
                await TakeErrorAsync(euicc, exchange, (IpaEuiccDataError)response, received).ConfigureAwait(false);
            }

            return (true, []);
        }

        // What the eUICC has signed counts, whatever it travels with.
        if (exchange is null)
        {
            LogUnexpected(euicc.Eid);
            return (true, await TakeSignedPartsAsync(euicc, data, evidence).ConfigureAwait(false));
        }

        if (DistrustOf(euicc, exchange, data, evidence) is { } distrust)
        {
            await exchange.RefusedAsync(euicc, ExchangeNotes.Unverifiable + distrust, options).ConfigureAwait(false);
            return (false, await TakeSignedPartsAsync(euicc, data, evidence).ConfigureAwait(false));
        }

        if (exchange.Answered is null)
        {
            await TakeDataAsync(euicc, exchange, data, evidence.ProvedKey, received).ConfigureAwait(false);
        }

        var acknowledged = await TakeSignedPartsAsync(euicc, data, evidence).ConfigureAwait(false);
        if (exchange is { Answered: null, Task: EuiccTasks.FetchResults })
        {
            await results.EndUnresolvedAsync(euicc).ConfigureAwait(false);
        }
        else if (exchange is { Answered: null, Task: EuiccTasks.FetchNotifications })
        {
            euicc.End(EuiccTasks.FetchNotifications);
        }

        return (true, acknowledged);
    }

    /// <summary>The exchange that is answered: who answers it returns its transaction id. Devices of v1.0 know none in this answer.</summary>
    private async ValueTask<Exchange?> FindAsync(LockedEuicc euicc, IpaEuiccDataResponse response, Evidence evidence)
    {
        var id = response.TransactionId?.ToBytes() ?? euicc.InFlight;
        var exchange = id is null ? null : await exchanges.FindAsync(euicc, id).ConfigureAwait(false);
        return exchange is { Kind: ExchangeKind.DataRequest } && (response.TransactionId is not null || IsV10(euicc) || IsFirstContact(exchange, evidence))
            ? exchange
            : null;
    }

    private static bool IsV10(LockedEuicc euicc) => euicc.Version == SpokenVersion.V10 || euicc.SignatureRule == SignatureRule.EimSignature;

    /// <summary>Whoever brings the right certificates at first contact may be of v1.0: it is the certificates that count.</summary>
    private static bool IsFirstContact(Exchange exchange, Evidence evidence) => exchange.Task == EuiccTasks.Identify && evidence.ProvedKey is not null;

    private string? DistrustOf(LockedEuicc euicc, Exchange exchange, IpaEuiccData data, Evidence evidence)
    {
        if (evidence.CertificatesRefused is { } refused)
        {
            return refused;
        }

        if (exchange.Task != EuiccTasks.Identify || (data.EuiccCertificate is not null && data.EumCertificate is not null))
        {
            return null;
        }

        telemetry.Distrusted("data", ExchangeTags.Of(Distrust.UnknownKey));
        LogNoCertificates(euicc.Eid);
        return "the certificates that were asked for are missing";
    }

    private async ValueTask TakeDataAsync(
        LockedEuicc euicc, Exchange exchange, IpaEuiccData data, EcPublicKey? key, ReadOnlyMemory<byte> received)
    {
        await exchange.AnsweredAsync(euicc, received).ConfigureAwait(false);
        euicc.ClearTrouble();
        if (exchange.Task is not (EuiccTasks.FetchResults or EuiccTasks.FetchNotifications))
        {
            // Nothing but what is stored on the card was asked for there: that the addresses are missing says nothing about them.
            await EuiccClaims.StoreAsync(euicc, data, mayReplace: key is not null && (data.TransactionId is not null || IsV10(euicc))).ConfigureAwait(false);
            if (key is not null)
            {
                euicc.PublicKey = key.ToSubjectPublicKeyInfo();
                euicc.ClaimToken(data.AssociationToken ?? 0);
                LogIdentified(euicc.Eid);
            }
        }

        exchange.Land(euicc);
        euicc.End(exchange.Task & (EuiccTasks.Identify | EuiccTasks.Refresh));
        await EndAuditAsync(euicc, exchange).ConfigureAwait(false);
    }

    /// <summary>The version before asked for data in the second step of an audit, after its signed list had come.</summary>
    private async ValueTask EndAuditAsync(LockedEuicc euicc, Exchange exchange)
    {
        if (exchange.OperationId is { } id
            && await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) is { IsFinal: false, Action: OperationAction.Audit, Step: > 0 } operation)
        {
            euicc.MarkAudited();
            await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
        }
    }

    private async ValueTask<List<long>> TakeSignedPartsAsync(LockedEuicc euicc, IpaEuiccData data, Evidence evidence)
    {
        var acknowledged = new List<long>();
        foreach (var result in data.PackageResults ?? [])
        {
            if (result is SignedPackageResult signed && evidence.ProofOf(signed) is null)
            {
                continue;
            }

            var intake = await results.TakeAsync(euicc, result, evidence).ConfigureAwait(false);
            acknowledged.AddRange(intake.Acknowledged is { } number ? [number] : []);
        }

        acknowledged.AddRange(await downloads.TakeNotificationsAsync(euicc, data.Notifications, evidence).ConfigureAwait(false));
        return acknowledged;
    }

    private async ValueTask TakeErrorAsync(LockedEuicc euicc, Exchange exchange, IpaEuiccDataError error, ReadOnlyMemory<byte> received)
    {
        LogError(euicc.Eid, error.Code);
        if (exchange.Answered is not null)
        {
            return;
        }

        if (exchange.Task == EuiccTasks.Identify)
        {
            var note = string.Create(CultureInfo.InvariantCulture, $"{ExchangeNotes.Unusable}it refuses the data request with error {(int)error.Code}");
            await exchange.RefusedAsync(euicc, note, options).ConfigureAwait(false);
            return;
        }

        await exchange.AnsweredAsync(euicc, received).ConfigureAwait(false);
        exchange.Land(euicc);
        if (exchange.Task == EuiccTasks.FetchResults)
        {
            await results.EndUnresolvedAsync(euicc).ConfigureAwait(false);
        }
        else if (exchange.Task == EuiccTasks.FetchNotifications)
        {
            euicc.End(EuiccTasks.FetchNotifications);
        }
        else
        {
            euicc.End(exchange.Task & EuiccTasks.Refresh);
            await EndAuditAsync(euicc, exchange).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: its certificate leads to a trusted CI; its results can be verified from now on")]
    private partial void LogIdentified(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the certificates in its data are not trusted: those that were asked for are missing")]
    private partial void LogNoCertificates(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: data that nobody asked for; nothing is changed by it")]
    private partial void LogUnexpected(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the device refused a data request with error {Code}")]
    private partial void LogError(Eid eid, IpaEuiccDataErrorCode code);
}
