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
    private readonly MessageIntake _intake;
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
        _contacts = contacts;
        _telemetry = telemetry ??= EimTelemetry.Unscoped;
        _time = time;
        _logger = loggers.CreateLogger<EimPackages>();
        var exchanges = new Exchanges(transactionIds);
        var engine = new OperationEngine(options, telemetry, loggers.CreateLogger<OperationEngine>());
        var outcome = new DownloadOutcome(engine, loggers.CreateLogger<DownloadOutcome>());
        var lost = new LostResults(engine, loggers.CreateLogger<LostResults>());
        var held = new HeldPackages(engine, outcome, lost, options, loggers.CreateLogger<HeldPackages>());
        _delivery = new PackageDelivery(
            identity, engine, new DownloadTriggers(identity, downloads.Secrets, loggers.CreateLogger<DownloadTriggers>()), outcome, held, lost, transactionIds, exchanges, telemetry,
            loggers.CreateLogger<PackageDelivery>());
        var downloadIntake = new DownloadIntake(
            new NotificationInbox(loggers.CreateLogger<NotificationInbox>()), outcome, exchanges, options, loggers.CreateLogger<DownloadIntake>());
        var results = new ResultIntake(identity, engine, lost, exchanges, options, loggers.CreateLogger<ResultIntake>());
        var data = new DataIntake(results, downloadIntake, engine, exchanges, options, telemetry, loggers.CreateLogger<DataIntake>());
        var verifier = new MessageVerifier(database, identity, trust, exchanges, options, telemetry, time, loggers.CreateLogger<MessageVerifier>());
        _intake = new MessageIntake(
            database, verifier, results, data, downloadIntake, new UnreadableContent(loggers.CreateLogger<UnreadableContent>()), transactionIds, euiccIds, telemetry, time, loggers.CreateLogger<MessageIntake>());
        Expiry = new ExpirySweep(database, engine, slices, time, options.ResultPatience);
        Relay = new DownloadRelay(
            database, identity, trust, transactionIds, exchanges, euiccIds, downloads, outcome, options, telemetry, time,
            loggers.CreateLogger<DownloadRelay>());
    }

    /// <summary>Ends the operations of devices that do not poll.</summary>
    public ExpirySweep Expiry { get; }

    /// <summary>The functions of a download through the eIM.</summary>
    public DownloadRelay Relay { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>ESipa GetEimPackage: one read by primary key when there is nothing to do.</summary>
    /// <returns>The encoded BF4F answer.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> GetEimPackageAsync(GetEimPackageRequest request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        var answer = await LookAsync(request, ct).ConfigureAwait(false);
        return await AnswerAsync(request, answer, caller, ct).ConfigureAwait(false);
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
    public ValueTask<ReadOnlyMemory<byte>> AnswerAsync(
        GetEimPackageRequest request, PollAnswer answer, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        if (answer == PollAnswer.Package)
        {
            return DeliverAsync(request, caller, ct);
        }

        _telemetry.Polled(answer);
        if (answer == PollAnswer.Unknown)
        {
            LogUnknownEid(request.Eid);
        }

        return new ValueTask<ReadOnlyMemory<byte>>(answer == PollAnswer.Unknown ? EidNotFound : Idle);
    }

    /// <summary>ESipa ProvideEimPackageResult: acknowledged once everything that follows from it is stored.</summary>
    public Task<ProvideEimPackageResultResponse> ProvideResultAsync(
        ProvideEimPackageResult message, EsipaCaller? caller = null, CancellationToken ct = default) =>
        _intake.ProvideAsync(message, caller ?? EsipaCaller.Unknown, ct);

    /// <summary>ESipa HandleNotification: a notification on its own, or a whole result.</summary>
    /// <returns>Null once all of it is stored, or was before; else why the card must keep it.</returns>
    public Task<ProvideEimPackageResultError?> HandleNotificationAsync(
        HandleNotification message, EsipaCaller? caller = null, CancellationToken ct = default) =>
        _intake.HandleAsync(message, caller ?? EsipaCaller.Unknown, ct);

    private async ValueTask<ReadOnlyMemory<byte>> DeliverAsync(GetEimPackageRequest request, EsipaCaller? caller, CancellationToken ct)
    {
        using var span = _telemetry.Start("deliver package", request.Eid);
        var package = await _database.WriteTogetherAsync(request.Eid.ToBytes(), session => NextAsync(session, request, caller), ct).ConfigureAwait(false);
        var answer = package is null ? PollAnswer.Idle : PollAnswer.Package;
        _telemetry.Polled(answer);
        span?.SetTag("openeim.answer", TelemetryTags.Of(answer).Value);
        return package is null ? Idle : new GetEimPackageResponse(package).Encode();
    }

    private async ValueTask<byte[]?> NextAsync(DbSession session, GetEimPackageRequest request, EsipaCaller? caller)
    {
        if (await LockedEuicc.LockAsync(session, request.Eid, Now, caller).ConfigureAwait(false) is not { } euicc)
        {
            return null;
        }

        if (request.NotifyStateChange)
        {
            LogStateChange(request.Eid, request.Cause);
            euicc.Add(await Exchange.HasReadManyListsAsync(euicc).ConfigureAwait(false) ? EuiccTasks.SynchroniseLater : EuiccTasks.Synchronise);
        }

        var package = await _delivery.NextAsync(euicc).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
        return package;
    }

    private static byte[] Answer(GetEimPackageError error) => new GetEimPackageResponse(null, error).Encode();

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: the device says that its state has changed ({Cause}); reading its profiles")]
    private partial void LogStateChange(Eid eid, StateChangeCause? cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid} is not registered here")]
    private partial void LogUnknownEid(Eid eid);
}
