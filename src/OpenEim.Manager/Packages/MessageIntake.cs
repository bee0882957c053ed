using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>Takes in what devices bring: first every signature is checked, without a lock; then what was proved is stored, under the lock of the eUICC's row.</summary>
internal sealed partial class MessageIntake(
    Database database, MessageVerifier verifier, ResultIntake results, DataIntake data, DownloadIntake downloads, UnreadableContent unreadable,
    TransactionIds transactionIds, EuiccIds euiccIds, EimTelemetry telemetry, TimeProvider time, ILogger<MessageIntake> logger)
{
    // The eUICC's key or token changes once in its life; a message that meets this is checked anew.
    private const int Rounds = 3;

    private static readonly ProvideEimPackageResultResponse Nothing = new(Acknowledgements: null);
    private static readonly ProvideEimPackageResultResponse NotBelieved = new(null, ProvideEimPackageResultError.UndefinedError);

    /// <summary>ESipa ProvideEimPackageResult: acknowledged once everything that follows from it is stored.</summary>
    public async Task<ProvideEimPackageResultResponse> ProvideAsync(ProvideEimPackageResult message, EsipaCaller caller, CancellationToken ct)
    {
        if ((await EidOfAsync(message, ct).ConfigureAwait(false) ?? caller.LastPolled) is not { } eid)
        {
            LogNoEid();
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.MissingEid);
        }

        using var span = telemetry.Start("take in result", eid);
        return await TakeAsync(eid, message.Result, caller with { NamesEid = message.Eid is not null }, ct).ConfigureAwait(false);
    }

    /// <summary>ESipa HandleNotification: a notification on its own, or a whole result.</summary>
    /// <returns>Null once all of it is stored, or was before; else why the card must keep it.</returns>
    public async Task<ProvideEimPackageResultError?> HandleAsync(HandleNotification message, EsipaCaller caller, CancellationToken ct)
    {
        if (message.Result is { } result)
        {
            return (await ProvideAsync(result, caller, ct).ConfigureAwait(false)).Error;
        }

        if (message.Notification is { } notification && (await EidOfAsync(notification, ct).ConfigureAwait(false) ?? caller.LastPolled) is { } eid)
        {
            return (await TakeAsync(eid, new EimPackageResult(Notifications: [notification]), caller, ct).ConfigureAwait(false)).Error;
        }

        LogNoEid();
        return ProvideEimPackageResultError.MissingEid;
    }

    /// <summary>The eIM's transaction that a message answers, where it says so.</summary>
    public static TransactionId? TransactionOf(EimPackageResult result) =>
        result.PackageResult?.TransactionId ?? result.DataResponse?.TransactionId ?? result.DownloadResult?.TransactionId ?? result.Error?.TransactionId;

    private async Task<ProvideEimPackageResultResponse> TakeAsync(Eid eid, EimPackageResult message, EsipaCaller caller, CancellationToken ct)
    {
        for (var round = 0; round < Rounds; round++)
        {
            if (await verifier.VerifyAsync(eid, message, caller, ct).ConfigureAwait(false) is not { } evidence)
            {
                LogUnknownEid(eid);
                return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.EidNotFound);
            }

            if (!evidence.Matters)
            {
                return evidence.Refusals.Count == 0 ? Nothing : NotBelieved;
            }

            if (await database.WriteTogetherAsync(eid.ToBytes(), session => TakeAsync(session, eid, message, caller, evidence), ct).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }
        }

        LogRestless(eid);
        return NotBelieved;
    }

    /// <returns>Null when the evidence no longer holds.</returns>
    private async ValueTask<ProvideEimPackageResultResponse?> TakeAsync(
        DbSession session, Eid eid, EimPackageResult message, EsipaCaller caller, Evidence evidence)
    {
        if (await LockedEuicc.LockAsync(session, eid, time.GetUtcNow().ToUnixTimeMilliseconds(), caller).ConfigureAwait(false) is not { } euicc)
        {
            LogUnknownEid(eid);
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.EidNotFound);
        }

        if (!evidence.StillHolds(euicc))
        {
            return null;
        }

        if (evidence.ProvesAnything || evidence.ProvedKey is not null)
        {
            euicc.Version = VersionSigns.Of(euicc.Version, message, caller, evidence.HasOldSignature);
        }

        var (believed, acknowledged) = await TakeArmAsync(euicc, message, evidence).ConfigureAwait(false);
        foreach (var result in message.ResultsOfV10 ?? [])
        {
            acknowledged.AddRange((await results.TakeAsync(euicc, result, evidence).ConfigureAwait(false)).Acknowledged is { } number ? [number] : []);
        }

        acknowledged.AddRange(await downloads.TakeNotificationsAsync(euicc, message.Notifications, evidence).ConfigureAwait(false));
        await unreadable.KeepAsync(euicc, evidence.Unreadable()).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
        return acknowledged.Count > 0 ? new ProvideEimPackageResultResponse(new EimAcknowledgements([.. acknowledged.Distinct()])) : believed ? Nothing : NotBelieved;
    }

    private async ValueTask<(bool Believed, List<long> Acknowledged)> TakeArmAsync(LockedEuicc euicc, EimPackageResult message, Evidence evidence)
    {
        if (message.PackageResult is { } package)
        {
            var intake = await results.TakeAsync(euicc, package, evidence).ConfigureAwait(false);
            return (intake.Believed, intake.Acknowledged is { } number ? [number] : []);
        }

        if (message.DataResponse is { } response)
        {
            return await data.TakeAsync(euicc, response, evidence).ConfigureAwait(false);
        }

        if (message.Error is { } error)
        {
            await results.HoldRefusedAsync(euicc, error).ConfigureAwait(false);
            return (true, []);
        }

        if (message.DownloadResult is not { } result)
        {
            return (true, []);
        }

        var download = await downloads.TakeAsync(euicc, result, evidence).ConfigureAwait(false);
        return (download.Believed, download.Acknowledged is { } stored ? [stored] : []);
    }

    /// <summary>The EID of the certificate inside; an installation result has none, but tells the transaction of a session that we relayed.</summary>
    private async ValueTask<Eid?> EidOfAsync(PendingNotification notification, CancellationToken ct) => notification is ProfileInstallationResult installation
        ? installation.TransactionId is { } id
            ? (await database.ReadAsync(session => RelaySession.FindAsync(session, id), ct).ConfigureAwait(false))?.KnownEid
            : null
        : NotificationInbox.ClaimedEid(notification);

    /// <summary>The EID told; else that of the transaction; else that of a certificate inside.</summary>
    private async ValueTask<Eid?> EidOfAsync(ProvideEimPackageResult message, CancellationToken ct)
    {
        if (message.Eid is { } told)
        {
            return told;
        }

        var result = message.Result;
        if (TransactionOf(result) is { } id && transactionIds.EuiccIdOf(id) is { } euiccId
            && await euiccIds.FindAsync(database, euiccId, ct).ConfigureAwait(false) is { } eid)
        {
            return eid;
        }

        return result.DataResponse is IpaEuiccData { EuiccCertificate: { } certificate }
            ? IdentityClaim.EidOf(certificate)
            : result.DownloadResult?.InstallationResult is { } installation ? await EidOfAsync(installation, ct).ConfigureAwait(false)
            : result.Notifications?.Select(NotificationInbox.ClaimedEid).FirstOrDefault(claimed => claimed is not null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid} is not registered here")]
    private partial void LogUnknownEid(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A result or notification does not say which eUICC it comes from")]
    private partial void LogNoEid();

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: its key or token changed each time while a message was checked; the device will bring it again")]
    private partial void LogRestless(Eid eid);
}
