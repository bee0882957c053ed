using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Brings to the eIM what the card keeps for it, and deletes on the card what the eIM acknowledges (SGP.32 3.3.1, 3.7).</summary>
internal sealed class ResultDelivery(Eid eid, EuiccFunctions card, Modem modem, EimMessages messages, IpaOptions options, ILogger logger)
{
    /// <summary>
    /// Delivers all results for this eIM, the first bundled with the notifications; notifications without a result go by
    /// HandleNotification. When the way to the eIM fails after a profile switch, the card is asked to roll back, and what it then
    /// has is delivered over the previous profile.
    /// </summary>
    /// <param name="session">The eIM.</param>
    /// <param name="cancellationToken">Ends it at the next request.</param>
    /// <param name="latest">What the card has answered just now: it is delivered even if the card does not give it again.</param>
    /// <exception cref="EsipaException">Something could not be delivered; it stays on the card.</exception>
    public async Task DeliverPendingAsync(EimSession session, CancellationToken cancellationToken, CardPackageResult? latest = null)
    {
        var results = PendingFor(session);
        if (latest is not null && !results.Any(result => result.SequenceNumber == latest.SequenceNumber))
        {
            results.Add(latest);
        }

        try
        {
            await DeliverAsync(session, results, cancellationToken).ConfigureAwait(false);
        }
        catch (EsipaException e) when (e.IsConnectivity && results.Any(result => result.SwitchesProfile))
        {
            if (!RollBack(e.Message))
            {
                throw;
            }

            await DeliverAsync(session, PendingFor(session), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Delivers the notifications that an IPA of v1.3 keeps until the eIM has no package left.</summary>
    /// <exception cref="EsipaException">Something could not be delivered; it stays on the card.</exception>
    public async Task DeliverNotificationsAsync(EimSession session, CancellationToken cancellationToken)
    {
        if (messages.BundlesNotifications || !session.MayHavePending)
        {
            return;
        }

        var notifications = card.PendingNotifications();
        await HandOverAllAsync(session, notifications, cancellationToken).ConfigureAwait(false);
        session.MayHavePending = false;
    }

    /// <summary>Brings a result to the eIM that the card does not keep, or does not give again.</summary>
    public Task ProvideAsync(EimSession session, CardPackageResult result, CancellationToken cancellationToken) =>
        ProvideAsync(session, messages.PackageResult(result.Encoded, []), cancellationToken);

    /// <summary>Brings one answer to the eIM and deletes on the card exactly what is acknowledged.</summary>
    /// <returns>The acknowledged sequence numbers; none when the eIM had nothing to acknowledge or did not take the answer.</returns>
    public async Task<IReadOnlyList<long>> ProvideAsync(EimSession session, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var answer = await session.Client.SendAsync<ProvideEimPackageResultResponse>(
            message, options.DeliveryAttempts, cancellationToken).ConfigureAwait(false);
        if (answer.Error is { } error)
        {
            IpaLog.ResultRefused(logger, eid, session.Eim.EimId, error);
        }

        var acknowledged = answer.Acknowledgements?.SequenceNumbers ?? [];
        foreach (var number in acknowledged)
        {
            card.Remove(number);
        }

        return acknowledged;
    }

    // A result whose eIM cannot be read belongs to somebody: whoever is asked first decides.
    private List<CardPackageResult> PendingFor(EimSession session) =>
        [.. card.PendingResults().Where(result => result.EimId is null || result.EimId == session.Eim.EimId)];

    private async Task DeliverAsync(EimSession session, List<CardPackageResult> results, CancellationToken cancellationToken)
    {
        var notifications = card.PendingNotifications();
        if (results.Count == 0 && notifications.Count == 0)
        {
            session.MayHavePending = false;
            return;
        }

        var waiting = notifications.Select(notification => notification.SequenceNumber).Concat(results.Select(result => result.SequenceNumber)).ToHashSet();
        var sent = waiting.Count;
        IReadOnlyList<CardNotification> bundled = messages.BundlesNotifications ? notifications : [];
        EsipaException? refused = null;
        foreach (var result in results)
        {
            try
            {
                var message = messages.PackageResult(result.Encoded, [.. bundled.Select(notification => notification.Encoded)]);
                waiting.ExceptWith(Nullable(await ProvideAsync(session, message, cancellationToken).ConfigureAwait(false)));
                bundled = [];
            }
            catch (EsipaException e) when (!e.IsConnectivity)
            {
                // An eIM that cannot read one result may read the next one. This one stays on the card.
                IpaLog.ResultNotTaken(logger, eid, session.Eim.EimId, e.Message);
                refused = e;
            }
        }

        if (results.Count == 0 && messages.BundlesNotifications)
        {
            await HandOverAllAsync(session, notifications, cancellationToken).ConfigureAwait(false);
            waiting.ExceptWith(notifications.Select(notification => notification.SequenceNumber));
        }

        session.MayHavePending = waiting.Count > 0;
        IpaLog.Delivered(logger, eid, results.Count, notifications.Count, sent - waiting.Count);
        if (refused is not null)
        {
            throw new EsipaException(refused.Failure, refused.Message, refused);
        }
    }

    /// <summary>HandleNotification: success is the acknowledgement, there is no other.</summary>
    private async Task HandOverAllAsync(EimSession session, IReadOnlyList<CardNotification> notifications, CancellationToken cancellationToken)
    {
        foreach (var notification in notifications)
        {
            await session.Client.SendAsync(messages.Notification(notification.Encoded), options.RequestAttempts, cancellationToken).ConfigureAwait(false);
            if (notification.SequenceNumber is { } number)
            {
                card.Remove(number);
            }
        }
    }

    private bool RollBack(string reason)
    {
        IpaLog.RollingBack(logger, eid, reason);
        var result = card.Rollback();
        if (result != ProfileRollbackResult.Ok)
        {
            IpaLog.RollbackRefused(logger, eid, result);
            return false;
        }

        modem.Reconnect();
        IpaLog.RolledBack(logger, eid);
        return true;
    }

    private static IEnumerable<long?> Nullable(IEnumerable<long> numbers) => numbers.Select(number => (long?)number);
}
