using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Takes in the answers to data requests. Nobody signs them: only certificates that lead to a trusted CI, and the signed results and notifications inside, are believed.</summary>
internal sealed partial class DataIntake(
    ResultIntake results, DownloadIntake downloads, OperationEngine engine, Exchanges exchanges, EimOptions options,
    EimTelemetry telemetry, ILogger<DataIntake> logger)
{
    private const string Store = """
        INSERT INTO euicc_data (eid, euicc_certificate, eum_certificate, euicc_info1, euicc_info2, ipa_capabilities, device_info,
                                default_smdp_address, root_smds_address, updated)
        VALUES (@Eid, @EuiccCertificate, @EumCertificate, @EuiccInfo1, @EuiccInfo2, @IpaCapabilities, @DeviceInfo,
                @DefaultSmdpAddress, @RootSmdsAddress, @Now)
        ON CONFLICT (eid) DO UPDATE SET
            euicc_certificate = COALESCE(excluded.euicc_certificate, euicc_data.euicc_certificate),
            eum_certificate = COALESCE(excluded.eum_certificate, euicc_data.eum_certificate),
            euicc_info1 = COALESCE(excluded.euicc_info1, euicc_data.euicc_info1),
            euicc_info2 = COALESCE(excluded.euicc_info2, euicc_data.euicc_info2),
            ipa_capabilities = COALESCE(excluded.ipa_capabilities, euicc_data.ipa_capabilities),
            device_info = COALESCE(excluded.device_info, euicc_data.device_info),
            default_smdp_address = excluded.default_smdp_address, root_smds_address = excluded.root_smds_address,
            updated = excluded.updated
        """;

    /// <summary>Takes in one answer.</summary>
    /// <returns>Whether it was believed, and the sequence numbers that may now be deleted on the card.</returns>
    public async ValueTask<(bool Believed, List<long> Acknowledged)> TakeAsync(
        LockedEuicc euicc, IpaEuiccDataResponse response, Evidence evidence)
    {
        var received = response.Received;
        var exchange = await FindAsync(euicc, response).ConfigureAwait(false);
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
            await exchange.HoldAsync(euicc, ExchangeNotes.Unverifiable + distrust, options.Hold).ConfigureAwait(false);
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

    private async ValueTask<Exchange?> FindAsync(LockedEuicc euicc, IpaEuiccDataResponse response)
    {
        var id = response.TransactionId?.ToBytes() ?? euicc.InFlight;
        var exchange = id is null ? null : await exchanges.FindAsync(euicc, id).ConfigureAwait(false);
        return exchange?.Kind == ExchangeKind.DataRequest ? exchange : null;
    }

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

        telemetry.Distrusted("data", Distrust.UnknownKey);
        LogNoCertificates(euicc.Eid);
        return "the certificates that were asked for are missing";
    }

    private async ValueTask TakeDataAsync(
        LockedEuicc euicc, Exchange exchange, IpaEuiccData data, EcPublicKey? key, ReadOnlyMemory<byte> received)
    {
        await exchange.AnsweredAsync(euicc, received).ConfigureAwait(false);
        if (key is not null)
        {
            euicc.PublicKey = key.ToSubjectPublicKeyInfo();

            // The first token told is kept; a later one, which nobody signs, does not replace it.
            euicc.AssociationToken ??= data.AssociationToken;
            LogIdentified(euicc.Eid);
        }

        if (exchange.Task is not (EuiccTasks.FetchResults or EuiccTasks.FetchNotifications))
        {
            // Nothing but what is stored on the card was asked for there: that the addresses are missing says nothing about them.
            await StoreAsync(euicc, data).ConfigureAwait(false);
        }

        exchange.Land(euicc);
        if (exchange.OperationId is { } id
            && await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) is { IsFinal: false } operation)
        {
            euicc.MarkAudited();
            await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
        }
        else if (exchange.Task == EuiccTasks.Identify)
        {
            euicc.End(EuiccTasks.Identify);
        }
    }

    private async ValueTask<List<long>> TakeSignedPartsAsync(LockedEuicc euicc, IpaEuiccData data, Evidence evidence)
    {
        var acknowledged = new List<long>();
        foreach (var result in data.PackageResults ?? [])
        {
            if (result is SignedPackageResult signed && evidence.RuleOf(signed) is null)
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
            var note = string.Create(CultureInfo.InvariantCulture, $"it refused the data request with error {(int)error.Code}");
            await exchange.HoldAsync(euicc, note, options.Hold).ConfigureAwait(false);
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
        else if (exchange.OperationId is { } id
            && await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) is { IsFinal: false } operation)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, OperationError.FromDataError(error.Code)).ConfigureAwait(false);
        }
    }

    private static async ValueTask StoreAsync(LockedEuicc euicc, IpaEuiccData data) => await euicc.Session.ExecuteAsync(Store, new
    {
        Eid = euicc.EidBytes,
        EuiccCertificate = data.EuiccCertificate?.ToArray(),
        EumCertificate = data.EumCertificate?.ToArray(),
        EuiccInfo1 = data.EuiccInfo1?.ToArray(),
        EuiccInfo2 = data.EuiccInfo2?.ToArray(),
        IpaCapabilities = data.IpaCapabilities?.Encoded(),
        DeviceInfo = data.DeviceInfo?.ToArray(),
        data.DefaultSmdpAddress,
        data.RootSmdsAddress,
        euicc.Now,
    }).ConfigureAwait(false);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: its certificate leads to a trusted CI; its results can be verified from now on")]
    private partial void LogIdentified(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the certificates in its data are not trusted: those that were asked for are missing")]
    private partial void LogNoCertificates(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: data that nobody asked for; nothing is changed by it")]
    private partial void LogUnexpected(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the device refused a data request with error {Code}")]
    private partial void LogError(Eid eid, IpaEuiccDataErrorCode code);
}
