using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>
/// What the four functions of an indirect download have in common. Each of them walks the same way: a repeated request gets the first answer; the
/// session is found; the request is checked, by the eUICC's signature where it carries one, before anybody is asked; the SM-DP+ is asked once and
/// for a bounded time; what follows and the answer are stored in one transaction before the answer leaves.
/// </summary>
internal sealed partial class RelayedCalls(
    Database database, RelayAnswers answers, DownloadOutcome outcome, EimTelemetry telemetry, TimeProvider time, ILogger<RelayedCalls> logger)
{
    /// <summary>The first answer to a request; null when it is new.</summary>
    public async ValueTask<T?> FindAnswerAsync<T>(byte[] hash, CancellationToken ct) where T : class, IBerMessage<T> =>
        await answers.FindAsync(hash, ct).ConfigureAwait(false) is { } known ? BerMessage.Decode<T>(known) : null;

    /// <summary>The relayed session; null when there is none, or no more.</summary>
    public ValueTask<RelaySession?> FindSessionAsync(TransactionId id, CancellationToken ct) =>
        database.ReadAsync(session => RelaySession.FindAsync(session, id), ct);

    /// <summary>Asks the SM-DP+ once, also when the same request comes again meanwhile.</summary>
    /// <param name="hash">Of the request.</param>
    /// <param name="undefined">The answer where another node is at it and does not end in time.</param>
    /// <param name="run">Asks, and concludes.</param>
    /// <param name="ct">Ends the caller's wait; what has begun goes on.</param>
    public async Task<T> OnceAsync<T>(byte[] hash, T undefined, Func<Task<T>> run, CancellationToken ct) where T : class, IBerMessage<T> =>
        await answers.OnceAsync(hash, async () => (await run().ConfigureAwait(false)).Encode(), ct).ConfigureAwait(false) is { } answer
            ? BerMessage.Decode<T>(answer)
            : undefined;

    /// <summary>Changes the download's state, where it is known, and keeps the answer, in one transaction.</summary>
    public Task<T> ConcludeAsync<T>(
        byte[] hash, T answer, byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change) where T : IBerMessage =>
        database.WriteAsync(async session =>
        {
            await ChangeAsync(session, eid, operationId, change).ConfigureAwait(false);
            await answers.KeepAsync(session, hash, answer.Encode()).ConfigureAwait(false);
            return answer;
        });

    /// <summary>The same, where what comes first may still refuse: then nothing is kept.</summary>
    /// <param name="hash">Of the request.</param>
    /// <param name="answer">The answer, and whether it is kept.</param>
    public Task<T> ConcludeAsync<T>(byte[] hash, Func<DbSession, ValueTask<(T Answer, bool IsKept)>> answer) where T : IBerMessage =>
        database.WriteAsync(async session =>
        {
            var (made, isKept) = await answer(session).ConfigureAwait(false);
            if (isKept)
            {
                await answers.KeepAsync(session, hash, made.Encode()).ConfigureAwait(false);
            }

            return made;
        });

    /// <summary>Changes the download's state alone.</summary>
    public Task NoteAsync(byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change) =>
        database.WriteAsync(session => ChangeAsync(session, eid, operationId, change));

    /// <summary>Changes the download's state, under the lock of its eUICC's row; does nothing where it is not known.</summary>
    public async ValueTask ChangeAsync(DbSession session, byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change)
    {
        if (eid is null || operationId is null
            || await LockedEuicc.LockAsync(session, Eid.FromBytes(eid), time.NowMilliseconds()).ConfigureAwait(false) is not { } euicc
            || await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is not { } operation)
        {
            return;
        }

        await change(euicc, operation).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
    }

    /// <summary>The SM-DP+ could not be asked: nothing is decided by that, and the same request may be tried again.</summary>
    public async Task<T> TroubledAsync<T>(T undefined, RelaySession session, SmdpTrouble trouble)
    {
        await NoteAsync(session.Eid, session.OperationId, (euicc, operation) =>
            OperationEngine.RememberAsync(euicc, operation, DownloadError.Trouble(trouble, session.Address))).ConfigureAwait(false);
        return undefined;
    }

    /// <summary>The SM-DP+ has refused what the eUICC has signed: the download has failed.</summary>
    public Func<LockedEuicc, OperationRow, ValueTask> Refused(StatusCode? code) =>
        (euicc, operation) => outcome.FailAsync(euicc, operation, DownloadError.Refused(code));

    /// <summary>An error that nobody has signed: kept as the reason of a failure that is told otherwise.</summary>
    public static Func<LockedEuicc, OperationRow, ValueTask> Reported(OperationError error) =>
        (euicc, operation) => OperationEngine.RememberAsync(euicc, operation, error);

    /// <summary>Whether it may be the answer to an odd request. Where nobody has signed the request, that is not remembered: a report would end the download by it.</summary>
    public static bool MayBeProvoked(SmdpTrouble trouble) => trouble is SmdpTrouble.Unreachable or SmdpTrouble.Malformed;

    /// <summary>What the eUICC says is not believed.</summary>
    public void Distrust(TransactionId id, string function, Distrust why, string reason)
    {
        telemetry.Distrusted("relay", ExchangeTags.Of(why));
        LogStopped(id, function, reason);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} with SM-DP+ {Address}: {Function} is answered, refusal {Refusal}")]
    public partial void LogRelayed(TransactionId? session, SmdpAddress address, string function, StatusCode? refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {Session}: {Function} was not handed on: {Reason}")]
    public partial void LogStopped(TransactionId? session, string function, string reason);
}
