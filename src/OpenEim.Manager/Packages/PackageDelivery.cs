using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Manager.Packages;

/// <summary>Picks what a polling device gets, and stores its exact bytes before they leave.</summary>
internal sealed partial class PackageDelivery(
    EimIdentity identity, OperationEngine engine, DownloadTriggers triggers, DownloadOutcome downloads, HeldPackages held, LostResults lost,
    TransactionIds transactionIds, ExchangeStore exchanges, EimTelemetry telemetry, ILogger<PackageDelivery> logger)
{
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
                var (package, isHeld) = await DeliverAgainAsync(euicc, exchange).ConfigureAwait(false);
                if (package is not null || isHeld)
                {
                    return package;
                }
            }

            euicc.InFlight = null;
        }

        return await DeliverNextAsync(euicc).ConfigureAwait(false);
    }

    private async ValueTask<(byte[]? Package, bool IsHeld)> DeliverAgainAsync(LockedEuicc euicc, Exchange exchange)
    {
        if (Unwrap(exchange) is not { } package)
        {
            LogUnreadable(euicc.Eid, (int)exchange.Kind, exchange.Task);
            if (exchange.OperationId is not null)
            {
                var why = exchange.Kind == ExchangeKind.DownloadTrigger ? DownloadError.Unreadable : OperationError.Undeliverable("its package cannot be read");
                await held.GiveUpAsync(euicc, exchange, why).ConfigureAwait(false);
            }

            // A task of ours is packed anew.
            return (null, false);
        }

        switch (await held.TurnAsync(euicc, exchange).ConfigureAwait(false))
        {
            case Turn.Deliver when MayBeOfV10(euicc, exchange):
                return (await ListAgainAsync(euicc, exchange).ConfigureAwait(false), false);
            case Turn.Deliver:
                telemetry.Delivered(ExchangeTags.Of(exchange.Kind), isRepeated: true);
                LogDeliveredAgain(euicc.Eid, exchange.Kind, exchange.Counter);
                return (package, false);
            case Turn.Held:
                return (null, true);
            default:
                await held.GiveUpAsync(euicc, exchange).ConfigureAwait(false);
                return (null, false);
        }
    }

    /// <summary>The exchange's package; null when somebody has spoilt the row, or another master key encrypted it.</summary>
    private byte[]? Unwrap(Exchange exchange)
    {
        try
        {
            return !exchange.IsDeliverable ? null : exchange.Kind == ExchangeKind.DownloadTrigger ? triggers.Unprotect(exchange) : exchange.Request;
        }
        catch (SecretException)
        {
            // The caller ends the operation with a reason of its own.
            return null;
        }
    }

    private static async ValueTask<bool> IsWantedAsync(LockedEuicc euicc, Exchange exchange) => exchange.OperationId is { } operationId
        ? await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is { IsFinal: false }
        : euicc.Tasks.HasFlag(exchange.Task);

    private async ValueTask<byte[]?> DeliverNextAsync(LockedEuicc euicc)
    {
        // First contact comes before all else: without the eUICC's key no result could be believed.
        if (euicc.Tasks.HasFlag(EuiccTasks.Identify))
        {
            return await RequestDataAsync(euicc, RequestedTags.Identity, EuiccTasks.Identify).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.FetchResults))
        {
            return await RequestDataAsync(euicc, RequestedTags.Results, EuiccTasks.FetchResults).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.FetchNotifications))
        {
            return await RequestDataAsync(euicc, RequestedTags.Notifications, EuiccTasks.FetchNotifications).ConfigureAwait(false);
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.Synchronise))
        {
            return await SendPackageAsync(euicc, ListProfiles(isV10: euicc.Version == SpokenVersion.V10), EuiccTasks.Synchronise).ConfigureAwait(false);
        }

        while (await engine.NextAsync(euicc).ConfigureAwait(false) is { } operation)
        {
            if (await DeliverOrEndAsync(euicc, operation).ConfigureAwait(false) is { } package)
            {
                return package;
            }

            if (euicc.InFlight is not null)
            {
                // A trigger waits for the device to rest once.
                return null;
            }
        }

        if (euicc.Tasks.HasFlag(EuiccTasks.SynchroniseLater))
        {
            return await Exchange.HasReadManyListsAsync(euicc).ConfigureAwait(false) ? null
                : await SendPackageAsync(euicc, ListProfiles(isV10: euicc.Version == SpokenVersion.V10), EuiccTasks.SynchroniseLater).ConfigureAwait(false);
        }

        // What the device claims of itself matters least.
        return euicc.Tasks.HasFlag(EuiccTasks.Refresh) ? await RequestDataAsync(euicc, RequestedTags.Identity, EuiccTasks.Refresh).ConfigureAwait(false) : null;
    }

    /// <summary>The operation's next package. One of which no package can be made ends here, and does not keep the next one from its turn.</summary>
    private async ValueTask<byte[]?> DeliverOrEndAsync(LockedEuicc euicc, OperationRow operation)
    {
        try
        {
            return await DeliverAsync(euicc, operation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or DbException or StorageException or StorageUnavailableException or CryptographicException))
        {
            euicc.InFlight = null;
            LogUndeliverable(e, euicc.Eid, operation.Uuid, (int)operation.Action);
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, OperationError.Undeliverable(WordsOf(e))).ConfigureAwait(false);
            return null;
        }
    }

    private async ValueTask<byte[]?> DeliverAsync(LockedEuicc euicc, OperationRow operation)
    {
        switch (operation)
        {
            case { Step: OperationStep.ListAwaited or OperationStep.ListRead }:
                await lost.DecideAsync(euicc, operation).ConfigureAwait(false);
                return null;
            case { Action: OperationAction.Download, Step: DownloadStep.Check }:
                await downloads.ConcludeCheckAsync(euicc, operation).ConfigureAwait(false);
                return null;
            case { Action: OperationAction.Download, Step: DownloadStep.Trigger }:
                return await SendTriggerAsync(euicc, operation).ConfigureAwait(false);
            case { Action: OperationAction.Audit, Step: > 0 }:
                // The version before has taken in its signed list and went on to ask for data.
                euicc.MarkAudited();
                euicc.Add(EuiccTasks.Refresh);
                await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
                return null;
            default:
                var command = CommandFor(euicc, operation);
                await engine.MarkDeliveredAsync(euicc, operation).ConfigureAwait(false);
                return await SendPackageAsync(euicc, command, EuiccTasks.None, operation).ConfigureAwait(false);
        }
    }

    // What our own code says is meant for people; other exceptions may hold anything.
    private static string WordsOf(Exception exception) => exception is ProtocolException or UndeliverableException ? exception.Message : "no package can be made of it";

    private async ValueTask<byte[]?> SendTriggerAsync(LockedEuicc euicc, OperationRow operation)
    {
        var id = transactionIds.Create(euicc.Id, euicc.Now);
        var refusal = await triggers.RefusalAsync(euicc, operation).ConfigureAwait(false);
        if (refusal is not null && await EuiccClaims.AreOlderAsync(euicc, operation.Created).ConfigureAwait(false))
        {
            // Nobody has signed what the IPA can do: before it ends an operation, the device is asked again.
            euicc.Add(EuiccTasks.Refresh);
            return await RequestDataAsync(euicc, RequestedTags.Identity, EuiccTasks.Refresh).ConfigureAwait(false);
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
        var wanted = euicc.Version == SpokenVersion.V10 && task is (EuiccTasks.FetchResults or EuiccTasks.FetchNotifications) ? [.. tags, .. RequestedTags.ListsOfV10] : tags;
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
            Pollers = Pollers.First(euicc.Caller, euicc.Now).Format(),
        };
        await exchange.InsertAsync(euicc).ConfigureAwait(false);
        euicc.InFlight = exchange.TransactionId;
        telemetry.Delivered(ExchangeTags.Of(kind), isRepeated: false);
        LogDelivered(euicc.Eid, kind, counter, operation?.Uuid, operation?.Action, task);
    }

    private static ListProfileInfo ListProfiles(bool isV10) => new(new ProfileInfoListRequest(TagList: isV10 ? RequestedTags.ProfilesOfV10 : RequestedTags.Profiles));

    /// <summary>
    /// A profile list that did not verify was perhaps encoded again by an IPA of v1.0 that nothing has shown to be one: then it is asked for anew,
    /// without what such an IPA loses. The answer to the first one still counts, if it comes.
    /// </summary>
    private static bool MayBeOfV10(LockedEuicc euicc, Exchange exchange) => exchange.Kind == ExchangeKind.EuiccPackage
        && euicc.Version is not (SpokenVersion.V12 or SpokenVersion.V13)
        && exchange.Note is { } note && note.StartsWith(ExchangeNotes.Unverifiable, StringComparison.Ordinal)
        && BerMessage.Decode<EuiccPackageRequest>(exchange.Request).ReadSigned().Package.Psmos is [ListProfileInfo { Request.TagList: { } tags }]
        && tags.Span.SequenceEqual(RequestedTags.Profiles);

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
        var unknown => throw new UndeliverableException(string.Create(CultureInfo.InvariantCulture, $"action {(int)unknown} has no eUICC package")),
    };

    private static Iccid IccidOf(OperationRow operation) => Iccid.Parse(operation.Iccid ?? throw new UndeliverableException("it names no profile"));

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: {Kind} delivered, counter {Counter}, for operation {Operation} ({Action}) or task {Task}")]
    private partial void LogDelivered(Eid eid, ExchangeKind kind, long? counter, Guid? operation, OperationAction? action, EuiccTasks task);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: {Kind} delivered again, counter {Counter}, with identical bytes")]
    private partial void LogDeliveredAgain(Eid eid, ExchangeKind kind, long? counter);

    [LoggerMessage(Level = LogLevel.Error, Message = "eUICC {Eid}: operation {Operation} with action {Action} cannot be delivered and ends")]
    private partial void LogUndeliverable(Exception exception, Eid eid, Guid operation, int action);

    [LoggerMessage(Level = LogLevel.Error, Message = "eUICC {Eid}: the stored package of kind {Kind:X} cannot be delivered again, for an operation or task {Task}; it is given up")]
    private partial void LogUnreadable(Eid eid, int kind, EuiccTasks task);

    /// <summary>An operation as it stands in its row cannot be made into a package.</summary>
    private sealed class UndeliverableException(string message) : Exception(message);
}
