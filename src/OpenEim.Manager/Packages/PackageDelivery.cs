using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Picks what a polling device gets, and stores its exact bytes before they leave.</summary>
internal sealed partial class PackageDelivery(
    EimIdentity identity, OperationEngine engine, DownloadTriggers triggers, DownloadOutcome downloads, TransactionIds transactionIds, Exchanges exchanges,
    EimOptions options, EimTelemetry telemetry, ILogger<PackageDelivery> logger)
{
    // ICCID, AID, state, nickname, provider, name, class, rules, fallback attribute, fallback allowed.
    private static readonly byte[] ProfileTags =
        IpaEuiccDataTag.List(0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x95, 0x99, 0x9F26, 0x9F67);

    // v1.0 IPAs decode and encode again what the card signs, and lose what they do not know: the two of the fallback.
    private static readonly byte[] ProfileTagsV10 = IpaEuiccDataTag.List(0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x95, 0x99);

    private static readonly byte[] IdentityTags = IpaEuiccDataTag.List(
        IpaEuiccDataTag.DefaultSmdpAddress, IpaEuiccDataTag.EuiccInfo1, IpaEuiccDataTag.EuiccInfo2, IpaEuiccDataTag.RootSmdsAddress,
        IpaEuiccDataTag.AssociationToken, IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate,
        IpaEuiccDataTag.IpaCapabilities, IpaEuiccDataTag.DeviceInfo);

    private static readonly byte[] ResultTags = IpaEuiccDataTag.List(IpaEuiccDataTag.PackageResults);

    private static readonly byte[] NotificationTags = IpaEuiccDataTag.List(IpaEuiccDataTag.Notifications);

    // v1.0 has one tag for both lists. Its answers name neither the EID nor the transaction, so the certificates must tell whose they are.
    private static readonly byte[] TagsOfV10 = IpaEuiccDataTag.List(
        IpaEuiccDataTag.NotificationsAndResultsV10, IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate);

    /// <summary>The next package's TLV, or null when the device may rest.</summary>
    public async ValueTask<byte[]?> NextAsync(LockedEuicc euicc)
    {
        if (euicc.InFlight is { } transactionId)
        {
            await engine.EndOverdueAsync(euicc).ConfigureAwait(false);
            var exchange = await exchanges.FindAsync(euicc, transactionId).ConfigureAwait(false);
            if (exchange is not null && await IsWantedAsync(euicc, exchange).ConfigureAwait(false)
                && !await downloads.BeginCheckAsync(euicc, exchange).ConfigureAwait(false))
            {
                return await DeliverAgainAsync(euicc, exchange).ConfigureAwait(false);
            }

            euicc.InFlight = null;
        }

        return await DeliverNextAsync(euicc).ConfigureAwait(false);
    }

    private async ValueTask<byte[]?> DeliverAgainAsync(LockedEuicc euicc, Exchange exchange)
    {
        if (exchange.HeldUntil > euicc.Now)
        {
            return null;
        }

        if (await MayBeOfV10Async(euicc, exchange).ConfigureAwait(false))
        {
            return await ListAgainAsync(euicc, exchange).ConfigureAwait(false);
        }

        await exchange.DeliveredAgainAsync(euicc).ConfigureAwait(false);
        telemetry.Delivered(exchange.Kind, isRepeated: true);
        LogDeliveredAgain(euicc.Eid, exchange.Kind, exchange.Counter);
        return exchange.Kind == ExchangeKind.DownloadTrigger ? triggers.Unprotect(exchange) : exchange.Request;
    }

    private async ValueTask<bool> IsWantedAsync(LockedEuicc euicc, Exchange exchange)
    {
        if (exchange.OperationId is { } operationId)
        {
            return await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is { IsFinal: false };
        }

        if (!euicc.Tasks.HasFlag(exchange.Task))
        {
            return false;
        }

        // A device that never answers a question of ours must not keep its operations waiting for ever.
        if (exchange.Created + (long)options.ResultPatience.TotalMilliseconds > euicc.Now)
        {
            return true;
        }

        LogUnanswered(euicc.Eid, exchange.Task);
        if (exchange.Task == EuiccTasks.Refresh)
        {
            await EuiccClaims.KeepAsync(euicc).ConfigureAwait(false);
        }

        if (exchange.Task != EuiccTasks.Identify)
        {
            euicc.End(exchange.Task);
        }

        return false;
    }

    private async ValueTask<byte[]?> DeliverNextAsync(LockedEuicc euicc)
    {
        // First contact comes before all else: without the eUICC's key no result could be believed.
        if (euicc.Tasks.HasFlag(EuiccTasks.Identify))
        {
            return await RequestDataAsync(euicc, IdentityTags, EuiccTasks.Identify).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.FetchResults))
        {
            return await RequestDataAsync(euicc, ResultTags, EuiccTasks.FetchResults).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.FetchNotifications))
        {
            return await RequestDataAsync(euicc, NotificationTags, EuiccTasks.FetchNotifications).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.Synchronise))
        {
            return await SendPackageAsync(euicc, ListProfiles(isV10: euicc.Version == SpokenVersion.V10), EuiccTasks.Synchronise).ConfigureAwait(false);
        }

        while (await engine.NextAsync(euicc).ConfigureAwait(false) is { } operation)
        {
            if (operation is { Action: OperationAction.Download, Step: DownloadStep.Check })
            {
                await downloads.ConcludeCheckAsync(euicc, operation).ConfigureAwait(false);
                if (euicc.InFlight is not null)
                {
                    return null;
                }
            }
            else if (operation is { Action: OperationAction.Download, Step: DownloadStep.Trigger })
            {
                if (await SendTriggerAsync(euicc, operation).ConfigureAwait(false) is { } trigger)
                {
                    return trigger;
                }
            }
            else if (operation is { Action: OperationAction.Audit, Step: > 0 })
            {
                // The version before has taken in its signed list and went on to ask for data.
                euicc.MarkAudited();
                euicc.Add(EuiccTasks.Refresh);
                await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
            }
            else
            {
                await engine.MarkDeliveredAsync(euicc, operation).ConfigureAwait(false);
                return await SendPackageAsync(euicc, CommandFor(euicc, operation), EuiccTasks.None, operation).ConfigureAwait(false);
            }
        }

        // What the device claims of itself matters least.
        return euicc.Tasks.HasFlag(EuiccTasks.Refresh) ? await RequestDataAsync(euicc, IdentityTags, EuiccTasks.Refresh).ConfigureAwait(false) : null;
    }

    private async ValueTask<byte[]?> SendTriggerAsync(LockedEuicc euicc, OperationRow operation)
    {
        var id = transactionIds.Create(euicc.Id, euicc.Now);
        var refusal = await triggers.RefusalAsync(euicc, operation).ConfigureAwait(false);
        if (refusal is not null && await EuiccClaims.AreOlderAsync(euicc, operation.Created).ConfigureAwait(false))
        {
            // Nobody has signed what the IPA can do: before it ends an operation, the device is asked again.
            euicc.Add(EuiccTasks.Refresh);
            return await RequestDataAsync(euicc, IdentityTags, EuiccTasks.Refresh).ConfigureAwait(false);
        }

        var trigger = refusal is null ? await triggers.BuildAsync(euicc, operation, id).ConfigureAwait(false) : null;
        if (trigger is null)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, refusal ?? DownloadError.Unreadable).ConfigureAwait(false);
            return null;
        }

        await engine.MarkDeliveredAsync(euicc, operation).ConfigureAwait(false);
        await StoreAsync(euicc, id, ExchangeKind.DownloadTrigger, triggers.Protect(id, trigger), EuiccTasks.None, operation, null).ConfigureAwait(false);
        return trigger;
    }

    private async ValueTask<byte[]> SendPackageAsync(LockedEuicc euicc, Psmo command, EuiccTasks task, OperationRow? operation = null)
    {
        var transactionId = transactionIds.Create(euicc.Id, euicc.Now);
        var counter = euicc.NextCounter();
        var signed = new EuiccPackageSigned(identity.EimId, euicc.Eid, counter, transactionId, EuiccPackage.Of(command)).Encode();
        var signature = identity.Signer.Sign(PackageSignature.Input(signed, euicc.AssociationToken));
        var request = new EuiccPackageRequest(signed, signature).Encode();
        await StoreAsync(euicc, transactionId, ExchangeKind.EuiccPackage, request, task, operation, counter).ConfigureAwait(false);
        return request;
    }

    private async ValueTask<byte[]> RequestDataAsync(LockedEuicc euicc, byte[] tags, EuiccTasks task, OperationRow? operation = null)
    {
        var transactionId = transactionIds.Create(euicc.Id, euicc.Now);
        var wanted = euicc.Version == SpokenVersion.V10 && task is (EuiccTasks.FetchResults or EuiccTasks.FetchNotifications) ? [.. tags, .. TagsOfV10] : tags;
        var request = new IpaEuiccDataRequest(wanted, TransactionId: transactionId).Encode();
        await StoreAsync(euicc, transactionId, ExchangeKind.DataRequest, request, task, operation, null).ConfigureAwait(false);
        return request;
    }

    private async ValueTask StoreAsync(
        LockedEuicc euicc, TransactionId id, ExchangeKind kind, byte[] request, EuiccTasks task, OperationRow? operation, long? counter)
    {
        var exchange = new Exchange
        {
            TransactionId = id.ToBytes(),
            OperationId = operation?.Id,
            Task = task,
            Step = operation?.Step ?? 0,
            Kind = kind,
            Counter = counter,
            Request = request,
            Created = euicc.Now,
        };
        await exchange.InsertAsync(euicc).ConfigureAwait(false);
        euicc.InFlight = exchange.TransactionId;
        telemetry.Delivered(kind, isRepeated: false);
        LogDelivered(euicc.Eid, kind, counter, operation?.Uuid, operation?.Action, task);
    }

    private static ListProfileInfo ListProfiles(bool isV10) => new(new ProfileInfoListRequest(TagList: isV10 ? ProfileTagsV10 : ProfileTags));

    /// <summary>
    /// A profile list that did not verify was perhaps encoded again by an IPA of v1.0 that nothing has shown to be one: then it is asked for anew,
    /// without what such an IPA loses. The answer to the first one still counts, if it comes.
    /// </summary>
    private static async ValueTask<bool> MayBeOfV10Async(LockedEuicc euicc, Exchange exchange)
    {
        if (exchange.Kind != ExchangeKind.EuiccPackage || euicc.Version is SpokenVersion.V12 or SpokenVersion.V13
            || BerMessage.Decode<EuiccPackageRequest>(exchange.Request).ReadSigned().Package.Psmos is not [ListProfileInfo list]
            || list.Request.TagList is not { } tags || !tags.Span.SequenceEqual(ProfileTags))
        {
            return false;
        }

        var note = await euicc.Session.ExecuteScalarAsync<string?>(
            "SELECT note FROM exchange WHERE eid = @Eid AND transaction_id = @TransactionId AND created = @Created",
            new { Eid = euicc.EidBytes, exchange.TransactionId, exchange.Created }).ConfigureAwait(false);
        return note is not null && note.StartsWith(ExchangeNotes.Unverifiable, StringComparison.Ordinal);
    }

    private async ValueTask<byte[]> ListAgainAsync(LockedEuicc euicc, Exchange exchange)
    {
        var operation = exchange.OperationId is { } id ? await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) : null;
        return await SendPackageAsync(euicc, ListProfiles(isV10: true), exchange.Task, operation).ConfigureAwait(false);
    }

    private static Psmo CommandFor(LockedEuicc euicc, OperationRow operation) => operation.Action switch
    {
        OperationAction.Audit => ListProfiles(isV10: euicc.Version == SpokenVersion.V10),
        OperationAction.Enable or OperationAction.Download => new EnableProfile(IccidOf(operation), operation.Rollback),
        OperationAction.SetFallback => new SetFallbackAttribute(IccidOf(operation)),
        OperationAction.Delete => new DeleteProfile(IccidOf(operation)),
        OperationAction.Disable => new DisableProfile(IccidOf(operation)),
        OperationAction.UnsetFallback => new UnsetFallbackAttribute(),
        _ => throw new InvalidOperationException($"operation {operation.Uuid} has action {operation.Action}, which has no eUICC package"),
    };

    private static Iccid IccidOf(OperationRow operation) =>
        Iccid.Parse(operation.Iccid ?? throw new InvalidOperationException($"operation {operation.Uuid} has no ICCID"));

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: {Kind} delivered, counter {Counter}, for operation {Operation} ({Action}) or task {Task}")]
    private partial void LogDelivered(Eid eid, ExchangeKind kind, long? counter, Guid? operation, OperationAction? action, EuiccTasks task);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: {Kind} delivered again, counter {Counter}, with identical bytes")]
    private partial void LogDeliveredAgain(Eid eid, ExchangeKind kind, long? counter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the device did not answer {Task} in time")]
    private partial void LogUnanswered(Eid eid, EuiccTasks task);
}
