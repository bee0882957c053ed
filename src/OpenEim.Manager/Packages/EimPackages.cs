using Microsoft.Extensions.Logging;
using OpenEim.Manager.Background;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>The main job, seen from ESipa: devices poll for packages and bring back results.</summary>
/// <remarks>Everything that changes one eUICC happens in one transaction that holds its row; every method may be repeated with the same bytes.</remarks>
public sealed partial class EimPackages
{
    private static readonly byte[] Idle = Answer(GetEimPackageError.NoEimPackageAvailable);
    private static readonly byte[] EidNotFound = Answer(GetEimPackageError.EidNotFound);

    private static readonly RowByKey<long> PendingCount = new("euicc", "eid", "pending_count", row => row.GetInt64(0));

    private readonly Database _database;
    private readonly PackageDelivery _delivery;
    private readonly ResultIntake _results;
    private readonly DataIntake _data;
    private readonly DownloadIntake _downloads;
    private readonly Exchanges _exchanges;
    private readonly TransactionIds _transactionIds;
    private readonly EuiccIds _euiccIds;
    private readonly ContactTimes _contacts;
    private readonly EimTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Puts the engine together.</summary>
    /// <param name="database">With the schema of this assembly.</param>
    /// <param name="identity">Who this eIM is.</param>
    /// <param name="trust">The CIs that eUICCs' certificates may lead to.</param>
    /// <param name="transactionIds">The same key on every node.</param>
    /// <param name="euiccIds">Which eUICC those lead to.</param>
    /// <param name="contacts">Where polls are remembered.</param>
    /// <param name="downloads">What downloads need.</param>
    /// <param name="options">How patient the eIM is.</param>
    /// <param name="slices">Whose operations this node looks after.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it is told what happens.</param>
    /// <param name="telemetry">Where it is counted.</param>
    public EimPackages(
        Database database, EimIdentity identity, RspTrust trust, TransactionIds transactionIds, EuiccIds euiccIds, ContactTimes contacts,
        DownloadParts downloads, EimOptions options, Slices slices, TimeProvider time, ILoggerFactory loggers, EimTelemetry? telemetry = null)
    {
        _database = database;
        _transactionIds = transactionIds;
        _euiccIds = euiccIds;
        _contacts = contacts;
        _telemetry = telemetry ??= EimTelemetry.Unscoped;
        _time = time;
        _logger = loggers.CreateLogger<EimPackages>();
        _exchanges = new Exchanges(transactionIds);
        var engine = new OperationEngine(options, telemetry, loggers.CreateLogger<OperationEngine>());
        var outcome = new DownloadOutcome(engine, loggers.CreateLogger<DownloadOutcome>());
        var inbox = new NotificationInbox(trust, telemetry, loggers.CreateLogger<NotificationInbox>());
        _downloads = new DownloadIntake(inbox, outcome, _exchanges, options, loggers.CreateLogger<DownloadIntake>());
        _delivery = new PackageDelivery(
            identity, engine, new DownloadTriggers(identity, downloads.Secrets), outcome, transactionIds, _exchanges, options, telemetry,
            loggers.CreateLogger<PackageDelivery>());
        _results = new ResultIntake(identity, engine, _exchanges, options, telemetry, loggers.CreateLogger<ResultIntake>());
        _data = new DataIntake(trust, _results, _downloads, engine, _exchanges, options, telemetry, loggers.CreateLogger<DataIntake>());
        Expiry = new ExpirySweep(database, engine, slices, time);
        Relay = new DownloadRelay(
            database, identity, trust, transactionIds, _exchanges, euiccIds, downloads, outcome, new RelayAnswers(database, time), telemetry, time,
            loggers.CreateLogger<DownloadRelay>());
    }

    /// <summary>Ends the operations of devices that do not poll.</summary>
    public ExpirySweep Expiry { get; }

    /// <summary>The functions of a download through the eIM.</summary>
    public DownloadRelay Relay { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>ESipa GetEimPackage: one read by primary key when there is nothing to do.</summary>
    /// <returns>The encoded BF4F answer.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> GetEimPackageAsync(GetEimPackageRequest request, CancellationToken ct = default)
    {
        var answer = await LookAsync(request, ct).ConfigureAwait(false);
        return await AnswerAsync(request, answer, ct).ConfigureAwait(false);
    }

    /// <summary>The first half of <see cref="GetEimPackageAsync"/>: looks whether there may be a package. For most polls it is all there is to do.</summary>
    public async ValueTask<PollAnswer> LookAsync(GetEimPackageRequest request, CancellationToken ct = default)
    {
        if (await _database.ReadRowAsync(PendingCount, request.Eid.ToBytes(), ct).ConfigureAwait(false) is not { } pending)
        {
            return PollAnswer.Unknown;
        }

        _contacts.Touch(request.Eid, Now);
        return pending == 0 && !request.NotifyStateChange ? PollAnswer.Idle : PollAnswer.Package;
    }

    /// <summary>The second half: the answer's bytes, constant ones unless there may be a package.</summary>
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(GetEimPackageRequest request, PollAnswer answer, CancellationToken ct = default)
    {
        if (answer == PollAnswer.Package)
        {
            return DeliverAsync(request, ct);
        }

        _telemetry.Polled(answer);
        if (answer == PollAnswer.Unknown)
        {
            LogUnknownEid(request.Eid);
        }

        return new ValueTask<ReadOnlyMemory<byte>>(answer == PollAnswer.Unknown ? EidNotFound : Idle);
    }

    /// <summary>ESipa ProvideEimPackageResult: acknowledged once everything that follows from it is stored.</summary>
    public async Task<ProvideEimPackageResultResponse> ProvideResultAsync(ProvideEimPackageResult message, CancellationToken ct = default)
    {
        if (await EidOfAsync(message, ct).ConfigureAwait(false) is not { } eid)
        {
            LogNoEid();
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.MissingEid);
        }

        using var span = _telemetry.Start("take in result", eid);
        var verified = await VerifyAheadAsync(eid, message.Result.PackageResult, ct).ConfigureAwait(false);
        return await _database.WriteTogetherAsync(eid.ToBytes(), session => TakeAsync(session, eid, message.Result, verified), ct).ConfigureAwait(false);
    }

    /// <summary>ESipa HandleNotification: a notification on its own, or a whole result.</summary>
    public async Task HandleNotificationAsync(HandleNotification message, CancellationToken ct = default)
    {
        if (message.Result is { } result)
        {
            await ProvideResultAsync(result, ct).ConfigureAwait(false);
            return;
        }

        if (message.Notification is not { } notification || await EidOfAsync(notification, ct).ConfigureAwait(false) is not { } eid)
        {
            LogNoEid();
            return;
        }

        await _database.WriteAsync(
            async session =>
            {
                if (await LockedEuicc.LockAsync(session, eid, Now).ConfigureAwait(false) is not { } euicc)
                {
                    LogUnknownEid(eid);
                    return;
                }

                await _downloads.TakeNotificationAsync(euicc, notification).ConfigureAwait(false);
                await euicc.SaveAsync().ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>> DeliverAsync(GetEimPackageRequest request, CancellationToken ct)
    {
        using var span = _telemetry.Start("deliver package", request.Eid);
        var package = await _database.WriteTogetherAsync(request.Eid.ToBytes(), session => NextAsync(session, request), ct).ConfigureAwait(false);
        var answer = package is null ? PollAnswer.Idle : PollAnswer.Package;
        _telemetry.Polled(answer);
        span?.SetTag("openeim.answer", TelemetryTags.Of(answer).Value);
        return package is null ? Idle : new GetEimPackageResponse(package).Encode();
    }

    private async ValueTask<byte[]?> NextAsync(DbSession session, GetEimPackageRequest request)
    {
        if (await LockedEuicc.LockAsync(session, request.Eid, Now).ConfigureAwait(false) is not { } euicc)
        {
            return null;
        }

        if (request.NotifyStateChange)
        {
            LogStateChange(request.Eid, request.Cause);
            euicc.Add(EuiccTasks.Synchronise);
        }

        var package = await _delivery.NextAsync(euicc).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
        return package;
    }

    private async ValueTask<ProvideEimPackageResultResponse> TakeAsync(
        DbSession session, Eid eid, EimPackageResult result, ResultVerification? verified)
    {
        if (await LockedEuicc.LockAsync(session, eid, Now).ConfigureAwait(false) is not { } euicc)
        {
            LogUnknownEid(eid);
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.EidNotFound);
        }

        var (believed, acknowledged) = await TakeArmAsync(euicc, result, verified).ConfigureAwait(false);
        foreach (var notification in result.Notifications ?? [])
        {
            acknowledged.AddRange(await _downloads.TakeNotificationAsync(euicc, notification).ConfigureAwait(false) is { } number ? [number] : []);
        }

        await euicc.SaveAsync().ConfigureAwait(false);
        return acknowledged.Count > 0 ? new ProvideEimPackageResultResponse(new EimAcknowledgements(acknowledged))
            : believed ? new ProvideEimPackageResultResponse(Acknowledgements: null)
            : new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.UndefinedError);
    }

    private async ValueTask<(bool Believed, List<long> Acknowledged)> TakeArmAsync(
        LockedEuicc euicc, EimPackageResult result, ResultVerification? verified)
    {
        if (result.PackageResult is { } package)
        {
            var intake = await _results.TakeAsync(euicc, package, verified).ConfigureAwait(false);
            return (intake.Believed, intake.Acknowledged is { } number ? [number] : []);
        }

        if (result.DataResponse is { } data)
        {
            var (believed, acknowledged) = await _data.TakeAsync(euicc, data).ConfigureAwait(false);
            return (believed, [.. acknowledged]);
        }

        if (result.Error is { } error)
        {
            await _results.HoldRefusedAsync(euicc, error).ConfigureAwait(false);
            return (true, []);
        }

        var download = await _downloads.TakeAsync(euicc, result.DownloadResult!).ConfigureAwait(false);
        return (download.Believed, download.Acknowledged is { } stored ? [stored] : []);
    }

    /// <summary>The EID of the certificate inside; an installation result has none, but tells the transaction of a session that we relayed.</summary>
    private async ValueTask<Eid?> EidOfAsync(PendingNotification notification, CancellationToken ct) => notification is ProfileInstallationResult installation
        ? (await _database.ReadAsync(session => RelaySession.FindAsync(session, installation.TransactionId), ct).ConfigureAwait(false))?.KnownEid
        : NotificationInbox.ClaimedEid(notification);

    /// <summary>The signature is checked before the row is locked: it is the slow part and changes nothing.</summary>
    private async ValueTask<ResultVerification?> VerifyAheadAsync(Eid eid, EuiccPackageResult? result, CancellationToken ct)
    {
        if (result is not SignedPackageResult signed)
        {
            return null;
        }

        using var span = _telemetry.Start("verify signature", eid);
        var with = await _exchanges.FindKeyAsync(_database, eid, signed.TransactionId, ct).ConfigureAwait(false);
        var verified = with?.PublicKey is { } key ? ResultVerifier.Verify(key, with.AssociationToken, with.Request, signed) : null;
        span?.SetTag("openeim.verified", verified?.Rule is not null);
        return verified;
    }

    /// <summary>The EID told; else that of the transaction; else that of a certificate inside.</summary>
    private async ValueTask<Eid?> EidOfAsync(ProvideEimPackageResult message, CancellationToken ct)
    {
        if (message.Eid is { } told)
        {
            return told;
        }

        var result = message.Result;
        var transactionId = result.PackageResult?.TransactionId ?? result.DataResponse?.TransactionId
            ?? result.DownloadResult?.TransactionId ?? result.Error?.TransactionId;
        if (transactionId is { } id && _transactionIds.EuiccIdOf(id) is { } euiccId
            && await _euiccIds.FindAsync(_database, euiccId, ct).ConfigureAwait(false) is { } eid)
        {
            return eid;
        }

        return result.DataResponse is IpaEuiccData { EuiccCertificate: { } certificate }
            ? IdentityClaim.EidOf(certificate)
            : result.DownloadResult?.InstallationResult is { } installation ? await EidOfAsync(installation, ct).ConfigureAwait(false)
            : result.Notifications?.Select(NotificationInbox.ClaimedEid).FirstOrDefault(claimed => claimed is not null);
    }

    private static byte[] Answer(GetEimPackageError error) => new GetEimPackageResponse(null, error).Encode();

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: the device says that its state has changed ({Cause}); reading its profiles")]
    private partial void LogStateChange(Eid eid, StateChangeCause? cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid} is not registered here")]
    private partial void LogUnknownEid(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A result or notification does not say which eUICC it comes from")]
    private partial void LogNoEid();
}
