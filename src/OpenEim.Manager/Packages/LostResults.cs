using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Packages;

/// <summary>Decides operations whose packages may have run and whose results are not here: by the profile list that the eUICC signs next.</summary>
/// <remarks>
/// A replayError whose result is not on the card may also say that the card's counter is ahead of ours: another eIM of this name, or we
/// ourselves before a backup was restored, have sent packages that are not in our books. Then the next packages would be refused too.
/// </remarks>
internal sealed partial class LostResults(OperationEngine engine, ILogger<LostResults> logger)
{
    /// <summary>The highest counter that an eUICC takes for certain (SGP.32 2.11.1.1).</summary>
    private const long HighestCounter = 8_388_607;

    /// <summary>How many results may be lost in a row before no more packages are tried.</summary>
    private const int MostInARow = 5;

    private const long FirstSkip = 1_000;

    private const string LostInARow = """
        SELECT count(*) FROM exchange
        WHERE eid = @Eid AND note = @Note AND answered IS NOT NULL AND length(response) = 0 AND counter >
              (SELECT COALESCE(max(counter), 0) FROM exchange WHERE eid = @Eid AND counter IS NOT NULL AND length(response) > 0)
        """;

    private const string MarkRead = """
        UPDATE operation SET step = @To, updated = @Now WHERE eid = @Eid AND status = 1 AND step = @From
        """;

    // Their results are not lost: they were never run.
    private const string ForgetLoss = """
        UPDATE operation SET error_reason = NULL, error_message = NULL, updated = @Now WHERE eid = @Eid AND status = 1 AND step = @Step
        """;

    /// <summary>The device was asked for stored results, and what is awaited still is not here: it will not come.</summary>
    public async ValueTask ConcludeAsync(LockedEuicc euicc)
    {
        euicc.End(EuiccTasks.FetchResults);
        var lost = await Exchange.ReplayedAsync(euicc).ConfigureAwait(false);
        foreach (var exchange in lost)
        {
            await exchange.AnsweredAsync(euicc, ReadOnlyMemory<byte>.Empty).ConfigureAwait(false);
            exchange.Land(euicc);
        }

        await ConcludeAsync(euicc, lost).ConfigureAwait(false);
    }

    private async ValueTask ConcludeAsync(LockedEuicc euicc, IReadOnlyList<Exchange> lost)
    {
        var inARow = lost.Count == 0 ? 0 : await euicc.Session.ExecuteScalarAsync<long>(
            LostInARow, new { Eid = euicc.EidBytes, Note = ExchangeNotes.Replayed }).ConfigureAwait(false);
        foreach (var exchange in lost)
        {
            await ConcludeAsync(euicc, exchange, mayTryAgain: inARow <= MostInARow).ConfigureAwait(false);
        }

        if (inARow is > 1 and <= MostInARow)
        {
            await CatchUpAsync(euicc, inARow).ConfigureAwait(false);
        }
    }

    /// <summary>No result will come: the signed profile list decides the operation, and if it cannot be read, the operation fails.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="operation">Neither an audit, which is the list, nor a download whose installation is awaited.</param>
    /// <param name="error">Why it fails if the list does not show its effect.</param>
    public static async ValueTask AskForListAsync(LockedEuicc euicc, OperationRow operation, OperationError error)
    {
        await OperationEngine.RememberAsync(euicc, operation, error).ConfigureAwait(false);
        await OperationEngine.GoToAsync(euicc, operation, OperationStep.ListAwaited).ConfigureAwait(false);
        euicc.Add(EuiccTasks.Synchronise);
    }

    /// <summary>The eUICC has signed its profile list, in answer to the newest of our packages.</summary>
    public static async ValueTask ListReadAsync(LockedEuicc euicc, Exchange exchange)
    {
        if (exchange.Counter == euicc.Counter)
        {
            await euicc.Session.SendAsync(
                MarkRead, new { Eid = euicc.EidBytes, euicc.Now, From = OperationStep.ListAwaited, To = OperationStep.ListRead }).ConfigureAwait(false);
        }
    }

    /// <summary>Ends an operation whose result is lost. One that the card has refused only because its counter was ahead is sent anew.</summary>
    public async ValueTask DecideAsync(LockedEuicc euicc, OperationRow operation)
    {
        if (operation.Step == OperationStep.ListAwaited)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, operation.Error ?? OperationError.ResultLost).ConfigureAwait(false);
        }
        else if (await ContradictionAsync(euicc, operation).ConfigureAwait(false) is not { } contradiction)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
        }
        else if (operation.Error is null)
        {
            await OperationEngine.GoToAsync(euicc, operation, operation.Action == OperationAction.Download ? DownloadStep.Enable : 0).ConfigureAwait(false);
        }
        else
        {
            var error = operation.Error == OperationError.ResultLost ? OperationError.ListContradicts(contradiction) : operation.Error;
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, error).ConfigureAwait(false);
        }
    }

    private async ValueTask ConcludeAsync(LockedEuicc euicc, Exchange exchange, bool mayTryAgain)
    {
        if (exchange.OperationId is not { } operationId)
        {
            if (!mayTryAgain)
            {
                euicc.End(exchange.Task);
            }

            return;
        }

        if (await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is not { IsFinal: false } operation)
        {
            return;
        }

        if (!mayTryAgain)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, OperationError.ResultLost).ConfigureAwait(false);
        }
        else if (operation.Action != OperationAction.Audit)
        {
            await AskForListAsync(euicc, operation, OperationError.ResultLost).ConfigureAwait(false);
        }

        // An audit is the list: it simply asks again.
    }

    private async ValueTask CatchUpAsync(LockedEuicc euicc, long inARow)
    {
        var before = euicc.Counter;
        euicc.SkipCounters(FirstSkip * (long)Math.Pow(10, inARow - 2), HighestCounter - FirstSkip);
        await euicc.Session.SendAsync(ForgetLoss, new { Eid = euicc.EidBytes, euicc.Now, Step = OperationStep.ListAwaited }).ConfigureAwait(false);
        LogCatchUp(euicc.Eid, inARow, before, euicc.Counter);
    }

    private static async ValueTask<string?> ContradictionAsync(LockedEuicc euicc, OperationRow operation)
    {
        var profile = operation.Iccid is { } iccid ? await ProfileBook.FindAsync(euicc, iccid).ConfigureAwait(false) : null;
        return operation.Action switch
        {
            OperationAction.Enable or OperationAction.Download => profile?.Status == ProfileStatus.Enabled ? null : "the profile is not enabled",
            OperationAction.Disable => profile?.Status == ProfileStatus.Installed ? null
                : profile?.Status == ProfileStatus.Enabled ? "the profile is enabled" : "the profile is not there",
            OperationAction.Delete => profile?.Status == ProfileStatus.Deleted ? null
                : profile is null ? "no such profile was ever there" : "the profile is there",
            OperationAction.SetFallback => profile is { FallbackAttribute: true, Status: ProfileStatus.Installed or ProfileStatus.Enabled } ? null
                : "the profile is not the fallback",
            OperationAction.UnsetFallback => await ProfileBook.HasFallbackAsync(euicc).ConfigureAwait(false) ? "a profile is the fallback" : null,
            _ => "the action is not known",
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: {Count} packages in a row are replays for it and it has no results; its counter is ahead of ours, which goes from {Before} to {After}")]
    private partial void LogCatchUp(Eid eid, long count, long before, long after);
}
