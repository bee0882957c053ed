using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Takes in package results, whose signatures are checked already: matched to their package, turned into profile states and outcomes, once.</summary>
internal sealed partial class ResultIntake(
    UnprovedAnswers unproved, OperationEngine engine, LostResults lost, ExchangeStore exchanges, ILogger<ResultIntake> logger)
{
    /// <summary>Takes in one result. A repeated one is acknowledged again and changes nothing.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="result">The result as received.</param>
    /// <param name="evidence">What the signatures of its message are worth.</param>
    public async ValueTask<Intake> TakeAsync(LockedEuicc euicc, EuiccPackageResult result, Evidence evidence)
    {
        if (result is EuiccPackageErrorUnsigned unsigned)
        {
            await unproved.HoldAsync(euicc, unsigned).ConfigureAwait(false);
            return new Intake(true);
        }

        var signed = (SignedPackageResult)result;
        var exchange = await exchanges.FindAsync(euicc, signed.TransactionId, signed.CounterValue).ConfigureAwait(false);
        if (evidence.ProofOf(signed) is not { } proof)
        {
            await unproved.HoldAsync(euicc, exchange, evidence).ConfigureAwait(false);
            return new Intake(false);
        }

        euicc.SignatureRule = proof.Rule;
        if (proof.Rule == SignatureRule.AssociationToken)
        {
            euicc.ProveToken(proof.Token);
        }

        euicc.MarkSynced();
        exchange = exchange is { Kind: ExchangeKind.EuiccPackage } ? exchange : null;
        if (await OddityAsync(euicc, signed, exchange).ConfigureAwait(false) is var (odd, why))
        {
            return await TakeOddAsync(euicc, odd, signed, why).ConfigureAwait(false);
        }

        return signed is EuiccPackageErrorSigned error
            ? await TakeErrorAsync(euicc, exchange, error).ConfigureAwait(false)
            : await TakeResultAsync(euicc, exchange, (EuiccPackageResultSigned)signed).ConfigureAwait(false);
    }

    /// <summary>What the eUICC has signed, but not so that its outcome can be told; and the package that it must be about.</summary>
    private async ValueTask<(Exchange Exchange, string Why)?> OddityAsync(LockedEuicc euicc, SignedPackageResult signed, Exchange? exchange)
    {
        if (exchange is not null)
        {
            return signed.CounterValue is { } counter && exchange.Counter != counter ? (exchange, "its counter is not that of the package")
                : signed is EuiccPackageErrorSigned { Code: null } ? (exchange, "its error code cannot be read")
                : null;
        }

        // Neither can be read: only the package in flight can be meant, and it can only fail.
        return signed is { TransactionId: null, CounterValue: null } && euicc.InFlight is { } id
            && await exchanges.FindAsync(euicc, id).ConfigureAwait(false) is { Kind: ExchangeKind.EuiccPackage } inFlight
            ? (inFlight, "neither its transaction nor its counter can be read")
            : null;
    }

    private async ValueTask<Intake> TakeOddAsync(LockedEuicc euicc, Exchange exchange, SignedPackageResult signed, string why)
    {
        LogOdd(euicc.Eid, signed.CounterValue, why);
        if (exchange.Answered is null)
        {
            await exchange.AnsweredAsync(euicc, signed.Encoded).ConfigureAwait(false);
            await ConcludeAsync(euicc, exchange, OperationError.Unreadable(why), rolledBack: false).ConfigureAwait(false);
            euicc.Add(EuiccTasks.Synchronise);
        }

        return new Intake(true, (signed as EuiccPackageResultSigned)?.SequenceNumber);
    }

    /// <summary>The device was asked for stored results, and what is awaited still is not here: it will not come.</summary>
    public ValueTask EndUnresolvedAsync(LockedEuicc euicc) => lost.ConcludeAsync(euicc);

    private async ValueTask<Intake> TakeErrorAsync(LockedEuicc euicc, Exchange? exchange, EuiccPackageErrorSigned error)
    {
        if (exchange is null or { Answered: not null })
        {
            // A replayError for a package whose result is here already says only that it was delivered twice.
            return new Intake(true);
        }

        if (error.Code == EuiccPackageErrorCode.ReplayError)
        {
            // The package has run and its result is still on the eUICC: ask for it rather than declare failure.
            LogReplayed(euicc.Eid, error.CounterValue);
            await exchange.MarkReplayedAsync(euicc).ConfigureAwait(false);
            euicc.InFlight = null;
            euicc.Add(EuiccTasks.FetchResults);
            return new Intake(true);
        }

        await exchange.AnsweredAsync(euicc, error.Encoded).ConfigureAwait(false);
        await ConcludeAsync(euicc, exchange, OperationError.FromPackageError(error.Code!.Value), rolledBack: false).ConfigureAwait(false);
        return new Intake(true);
    }

    private async ValueTask<Intake> TakeResultAsync(LockedEuicc euicc, Exchange? exchange, EuiccPackageResultSigned result)
    {
        if (exchange is null)
        {
            // Signed by this eUICC, but for a package that is no longer, or was never, in our books: only its state can be read anew.
            LogUnknown(euicc.Eid, result.TransactionId, result.CounterValue);
            euicc.Add(EuiccTasks.Synchronise);
            return new Intake(true, result.SequenceNumber);
        }

        if (exchange.Response is { } known && result.Encoded.Span.SequenceEqual(known))
        {
            return new Intake(true, result.SequenceNumber);
        }

        var commands = BerMessage.Decode<EuiccPackageRequest>(exchange.Request).ReadSigned().Package.Psmos ?? [];
        var outcome = PackageOutcome.Of(commands, result.Results);
        if (exchange.HasResult && !outcome.RolledBack)
        {
            LogSecondResult(euicc.Eid, result.CounterValue);
            return new Intake(true, result.SequenceNumber);
        }

        await exchange.AnsweredAsync(euicc, result.Encoded).ConfigureAwait(false);
        if (exchange.HasResult)
        {
            await UndoEnableAsync(euicc, exchange).ConfigureAwait(false);
        }
        else
        {
            await ApplyAsync(euicc, exchange, outcome).ConfigureAwait(false);
        }

        await ConcludeAsync(euicc, exchange, outcome.Error, outcome.RolledBack).ConfigureAwait(false);
        return new Intake(true, result.SequenceNumber);
    }

    private static async ValueTask ApplyAsync(LockedEuicc euicc, Exchange exchange, PackageOutcome outcome)
    {
        foreach (var (command, result) in outcome.Done)
        {
            switch (command)
            {
                case EnableProfile enable when !outcome.RolledBack:
                    var previous = await ProfileBook.EnableAsync(euicc, enable.Iccid.ToString()).ConfigureAwait(false);
                    await euicc.Session.SendAsync(
                        "UPDATE operation SET previous_iccid = @previous WHERE eid = @Eid AND id = @OperationId",
                        new { Eid = euicc.EidBytes, exchange.OperationId, previous }).ConfigureAwait(false);
                    break;
                case DisableProfile disable:
                    await ProfileBook.DisableAsync(euicc, disable.Iccid.ToString()).ConfigureAwait(false);
                    break;
                case DeleteProfile delete:
                    await ProfileBook.DeleteAsync(euicc, delete.Iccid.ToString()).ConfigureAwait(false);
                    break;
                case SetFallbackAttribute fallback:
                    await ProfileBook.SetFallbackAsync(euicc, fallback.Iccid.ToString()).ConfigureAwait(false);
                    break;
                case UnsetFallbackAttribute:
                    await ProfileBook.SetFallbackAsync(euicc, null).ConfigureAwait(false);
                    break;
                case ListProfileInfo:
                    await ProfileBook.ReconcileAsync(euicc, ((ProfileInfoListResult)result).Response).ConfigureAwait(false);
                    await LostResults.ListReadAsync(euicc, exchange).ConfigureAwait(false);
                    break;
            }
        }

        if (outcome.Error is { } error && SaysThatWeAreWrong(error) && exchange.Task == EuiccTasks.None)
        {
            euicc.Add(EuiccTasks.Synchronise);
        }
    }

    // "Not found" and "wrong state" may mean that our picture of the profiles is stale; a failed rollback, or an outcome that cannot be read,
    // leaves it uncertain.
    private static bool SaysThatWeAreWrong(OperationError error) =>
        error.Reason is 1001 or 1002 or 1101 or 1102 or 1201 or 1401 or (>= 1600 and < 1800) or 1900 or 1901;

    /// <summary>The device got our acknowledgement too late, went back, and the eUICC has signed that.</summary>
    private static async ValueTask UndoEnableAsync(LockedEuicc euicc, Exchange exchange)
    {
        var operation = exchange.OperationId is { } id ? await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false) : null;
        if (operation?.PreviousIccid is { } previous)
        {
            await ProfileBook.EnableAsync(euicc, previous).ConfigureAwait(false);
        }
        else
        {
            euicc.Add(EuiccTasks.Synchronise);
        }
    }

    private async ValueTask ConcludeAsync(LockedEuicc euicc, Exchange exchange, OperationError? error, bool rolledBack)
    {
        exchange.Land(euicc);
        if (exchange.OperationId is not { } operationId)
        {
            // A task of ours that failed is not tried again by itself: the next audit or state change brings it back.
            euicc.End(exchange.Task);
            LogTask(euicc.Eid, exchange.Task, error?.Message);
            return;
        }

        var operation = await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false);
        if (operation is null || (operation.IsFinal && !(rolledBack && operation.Status == OperationStatus.Succeeded)))
        {
            // Late: the profile states are right now, the operation stays as it ended.
            LogLate(euicc.Eid, operationId.Length == 16 ? new Guid(operationId, bigEndian: true) : Guid.Empty);
            return;
        }

        if (error is not null)
        {
            await engine.EndAsync(euicc, operation, OperationStatus.Failed, error).ConfigureAwait(false);
        }
        else
        {
            if (operation.Action == OperationAction.Audit)
            {
                // The signed list is all that an audit can prove. What the device claims beside it is asked for by itself.
                euicc.MarkAudited();
                euicc.Add(EuiccTasks.Refresh);
            }

            await engine.EndAsync(euicc, operation, OperationStatus.Succeeded).ConfigureAwait(false);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the outcome of a signed package result with counter {Counter} cannot be told: {Reason}")]
    private partial void LogOdd(Eid eid, long? counter, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: a signed result for transaction {TransactionId} with counter {Counter}, which is not in our books")]
    private partial void LogUnknown(Eid eid, TransactionId? transactionId, long? counter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the package with counter {Counter} has run before; asking for its stored result")]
    private partial void LogReplayed(Eid eid, long? counter);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: another result for counter {Counter}, already answered; nothing is changed by it")]
    private partial void LogSecondResult(Eid eid, long? counter);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: {Task} is done. {Error}")]
    private partial void LogTask(Eid eid, EuiccTasks task, string? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: a late result for operation {Operation}; the profile states are corrected")]
    private partial void LogLate(Eid eid, Guid operation);
}
