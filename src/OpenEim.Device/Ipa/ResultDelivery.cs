using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Brings to the eIM what the card keeps for it, and deletes on the card what the eIM acknowledges (SGP.32 3.3.1, 3.7).</summary>
internal sealed class ResultDelivery(Eid eid, EuiccFunctions card, Modem modem, IpaOptions options, ILogger logger)
{
    /// <summary>
    /// Delivers all results for this eIM, the first bundled with the notifications; notifications without a result go by
    /// HandleNotification. When the way to the eIM fails after a profile switch, the card is asked to roll back, and what it then
    /// has is delivered over the previous profile.
    /// </summary>
    /// <exception cref="EsipaException">Something could not be delivered; it stays on the card.</exception>
    public async Task DeliverPendingAsync(EimSession session, CancellationToken cancellationToken)
    {
        var results = PendingFor(session);
        try
        {
            await DeliverAsync(session, results, cancellationToken).ConfigureAwait(false);
        }
        catch (EsipaException e) when (e.IsConnectivity && results.Any(SwitchesProfile))
        {
            if (!RollBack(e.Message))
            {
                throw;
            }

            await DeliverAsync(session, PendingFor(session), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Brings one answer to the eIM and deletes on the card exactly what is acknowledged.</summary>
    /// <returns>The acknowledged sequence numbers; none when the eIM had nothing to acknowledge or did not take the answer.</returns>
    public async Task<IReadOnlyList<long>> ProvideAsync(EimSession session, EimPackageResult result, CancellationToken cancellationToken)
    {
        var answer = await session.Client.SendAsync<ProvideEimPackageResultResponse>(
            new ProvideEimPackageResult(eid, result), options.DeliveryAttempts, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Whether a successful enable or disable is among the results.</summary>
    public static bool SwitchesProfile(EuiccPackageResult result) => result is EuiccPackageResultSigned signed
        && signed.Results.Any(outcome => outcome is CommandResult { Command: EuiccCommand.Enable or EuiccCommand.Disable, Code: 0 });

    private List<EuiccPackageResult> PendingFor(EimSession session) =>
        [.. card.PendingResults().Where(result => result.EimId == session.Eim.EimId)];

    private async Task DeliverAsync(EimSession session, List<EuiccPackageResult> results, CancellationToken cancellationToken)
    {
        var notifications = card.PendingNotifications();
        if (results.Count == 0 && notifications.Count == 0)
        {
            session.MayHavePending = false;
            return;
        }

        var waiting = notifications.Select(notification => notification.Metadata?.SequenceNumber)
            .Concat(results.Select(result => (result as EuiccPackageResultSigned)?.SequenceNumber))
            .ToHashSet();
        var sent = waiting.Count;
        var bundled = notifications.Count > 0 ? notifications : null;
        foreach (var result in results)
        {
            waiting.ExceptWith(Nullable(await ProvideAsync(session, new EimPackageResult(result, bundled), cancellationToken).ConfigureAwait(false)));
            bundled = null;
        }

        if (results.Count == 0)
        {
            foreach (var notification in notifications)
            {
                await HandOverAsync(session, notification, cancellationToken).ConfigureAwait(false);
                waiting.Remove(notification.Metadata?.SequenceNumber);
            }
        }

        session.MayHavePending = waiting.Count > 0;
        IpaLog.Delivered(logger, eid, results.Count, notifications.Count, sent - waiting.Count);
    }

    /// <summary>HandleNotification: success is the acknowledgement, there is no other.</summary>
    private async Task HandOverAsync(EimSession session, PendingNotification notification, CancellationToken cancellationToken)
    {
        await session.Client.SendAsync(BerWriting.Encode(new HandleNotification(notification)), options.RequestAttempts, cancellationToken).ConfigureAwait(false);
        if (notification.Metadata?.SequenceNumber is { } number)
        {
            card.Remove(number);
        }
    }

    private bool RollBack(string reason)
    {
        IpaLog.RollingBack(logger, eid, reason);
        var rollback = card.Rollback();
        if (rollback.Result != ProfileRollbackResult.Ok)
        {
            IpaLog.RollbackRefused(logger, eid, rollback.Result);
            return false;
        }

        modem.Reconnect();
        IpaLog.RolledBack(logger, eid);
        return true;
    }

    private static IEnumerable<long?> Nullable(IEnumerable<long> numbers) => numbers.Select(number => (long?)number);
}
