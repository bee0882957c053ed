using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Packages;

/// <summary>Decides whether a package that was delivered goes out again, is held back, or is given up (docs/decisions/0009).</summary>
internal sealed partial class HeldPackages(
    OperationEngine engine, DownloadOutcome downloads, LostResults lost, EimOptions options, ILogger<HeldPackages> logger)
{
    /// <summary>However a device polls, from wherever: this many deliveries, and <see cref="EimOptions.ResultPatience"/>, are enough.</summary>
    private const int MostDeliveries = 100;

    /// <summary>Whether the caller gets the package now. What follows for the exchange is stored.</summary>
    public async ValueTask<Turn> TurnAsync(LockedEuicc euicc, Exchange exchange)
    {
        var pollers = Pollers.Parse(exchange.Pollers);
        var turn = IsOverdue(euicc, exchange) ? Turn.GiveUp : pollers.Poll(euicc.Caller, euicc.Now, options, poller => IsOver(euicc, exchange, poller));
        if (pollers.HasEndedRound && turn != Turn.GiveUp)
        {
            LogSilent(euicc.Eid, exchange.Kind, exchange.Deliveries);
            euicc.SetTrouble("the device takes its package again and again and does not answer it");
        }

        if (turn == Turn.Deliver)
        {
            await exchange.DeliveredAgainAsync(euicc, pollers).ConfigureAwait(false);
        }
        else if (turn == Turn.Held && pollers.HasChanged)
        {
            await exchange.HeldAsync(euicc, pollers).ConfigureAwait(false);
        }

        return turn;
    }

    /// <summary>Nothing better will come: the operation fails, a task of ours ends. The eUICC is free for what comes next.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="exchange">The one in flight.</param>
    /// <param name="error">Why; null when the device's answers say.</param>
    public async ValueTask GiveUpAsync(LockedEuicc euicc, Exchange exchange, OperationError? error = null)
    {
        exchange.Land(euicc);
        if (exchange.OperationId is not { } operationId)
        {
            await GiveUpAsync(euicc, exchange.Task).ConfigureAwait(false);
            return;
        }

        if (await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is not { IsFinal: false } operation)
        {
            return;
        }

        error ??= operation.Error ?? OperationError.OfNote(exchange.Note, _ => OperationError.NoAnswer);
        if (operation is { Action: OperationAction.Download, Step: DownloadStep.Trigger } && exchange.Kind == ExchangeKind.DownloadTrigger)
        {
            await downloads.CheckAsync(euicc, operation, error).ConfigureAwait(false);
        }
        else if (operation.Action == OperationAction.Audit)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, error).ConfigureAwait(false);
        }
        else
        {
            // It may have run, and its result been lost each time.
            await LostResults.AskForListAsync(euicc, operation, error).ConfigureAwait(false);
        }
    }

    private async ValueTask GiveUpAsync(LockedEuicc euicc, EuiccTasks task)
    {
        LogUnanswered(euicc.Eid, task);
        if (task == EuiccTasks.FetchResults)
        {
            await lost.ConcludeAsync(euicc).ConfigureAwait(false);
        }
        else
        {
            if (task == EuiccTasks.Refresh)
            {
                await EuiccClaims.KeepAsync(euicc).ConfigureAwait(false);
            }

            euicc.End(task);
        }
    }

    // Nobody signs a silence or a report. However fast a stranger makes rounds of them, a device that polls seldom has its time to answer.
    private bool IsOver(LockedEuicc euicc, Exchange exchange, Poller poller) => exchange.Task != EuiccTasks.Identify
        && HasHadItsTime(euicc, exchange)
        && (poller.Rounds >= options.UnansweredRounds
            || (exchange.Kind == ExchangeKind.DownloadTrigger && poller.Refusals >= options.DownloadErrorRounds));

    private bool HasHadItsTime(LockedEuicc euicc, Exchange exchange) =>
        exchange.Created + (long)options.ResultPatience.TotalMilliseconds <= euicc.Now;

    // Without the eUICC's key there is nothing else to do, so first contact goes on being tried.
    private bool IsOverdue(LockedEuicc euicc, Exchange exchange) => exchange.Task != EuiccTasks.Identify
        && HasHadItsTime(euicc, exchange)
        && exchange.Deliveries >= (exchange.OperationId is not null ? MostDeliveries : exchange.Task == EuiccTasks.Refresh ? 1 : Poller.DeliveriesOfRound);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: {Kind} was delivered {Deliveries} times without an answer that could be believed; it is held back for a while")]
    private partial void LogSilent(Eid eid, ExchangeKind kind, long deliveries);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the device did not answer {Task} in time")]
    private partial void LogUnanswered(Eid eid, EuiccTasks task);
}
