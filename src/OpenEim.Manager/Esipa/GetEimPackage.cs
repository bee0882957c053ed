using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa GetEimPackage (SGP.32 5.14.5): a device polls, and gets the next package or the answer that there is none.</summary>
public sealed partial class GetEimPackage
{
    /// <summary>The answer to most polls. Always this object, so that a binding can keep its bytes.</summary>
    public static readonly GetEimPackageResponse Idle = new(null, GetEimPackageError.NoEimPackageAvailable);

    private static readonly GetEimPackageResponse EidNotFound = new(null, GetEimPackageError.EidNotFound);
    private static readonly RowByKey<long> PendingCount = new("euicc", "eid", "pending_count", row => row.GetInt64(0));

    private readonly Database _database;
    private readonly PackageDelivery _delivery;
    private readonly ContactTimes _contacts;
    private readonly EimTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal GetEimPackage(
        Database database, PackageDelivery delivery, ContactTimes contacts, EimTelemetry telemetry, TimeProvider time, ILogger<GetEimPackage> logger) =>
        (_database, _delivery, _contacts, _telemetry, _time, _logger) = (database, delivery, contacts, telemetry, time, logger);

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Executes the function.</summary>
    /// <param name="request">The poll.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    public async ValueTask<GetEimPackageResponse> ExecuteAsync(GetEimPackageRequest request, EsipaCaller? caller = null, CancellationToken ct = default) =>
        await AnswerAsync(request, await LookAsync(request, ct).ConfigureAwait(false), caller, ct).ConfigureAwait(false);

    /// <summary>1. Looks whether there may be a package: one read by primary key. For most polls it is all there is to do.</summary>
    /// <param name="request">The poll.</param>
    /// <param name="ct">The caller's patience.</param>
    public async ValueTask<PollAnswer> LookAsync(GetEimPackageRequest request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (await _database.ReadRowAsync(PendingCount, request.Eid.ToBytes(), ct).ConfigureAwait(false) is not { } pending)
        {
            return PollAnswer.Unknown;
        }

        _contacts.Touch(request.Eid, Now);
        return pending == 0 && !request.NotifyStateChange ? PollAnswer.Idle : PollAnswer.Package;
    }

    /// <summary>2. Answers by what <see cref="LookAsync"/> has seen.</summary>
    /// <param name="request">The poll.</param>
    /// <param name="look">What was seen.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    public ValueTask<GetEimPackageResponse> AnswerAsync(
        GetEimPackageRequest request, PollAnswer look, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        if (look == PollAnswer.Package)
        {
            return DeliverAsync(request, caller, ct);
        }

        _telemetry.Polled(ExchangeTags.Of(look));
        if (look == PollAnswer.Idle)
        {
            return new ValueTask<GetEimPackageResponse>(Idle);
        }

        LogUnknownEid(request.Eid);
        return new ValueTask<GetEimPackageResponse>(EidNotFound);
    }

    /// <summary>3. One transaction locks the eUICC's row, picks the next package and stores its exact bytes before they leave.</summary>
    private async ValueTask<GetEimPackageResponse> DeliverAsync(GetEimPackageRequest request, EsipaCaller? caller, CancellationToken ct)
    {
        using var span = _telemetry.Start("deliver package", request.Eid);
        var package = await _database.WriteTogetherAsync(request.Eid.ToBytes(), session => NextAsync(session, request, caller), ct).ConfigureAwait(false);
        var answer = package is null ? PollAnswer.Idle : PollAnswer.Package;
        _telemetry.Polled(ExchangeTags.Of(answer));
        span?.SetTag("openeim.answer", ExchangeTags.Of(answer).Value);
        return package is null ? Idle : new GetEimPackageResponse(package);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: the device says that its state has changed ({Cause}); reading its profiles")]
    private partial void LogStateChange(Eid eid, StateChangeCause? cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid} is not registered here")]
    private partial void LogUnknownEid(Eid eid);
}
