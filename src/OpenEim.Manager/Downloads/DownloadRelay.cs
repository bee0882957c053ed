using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>
/// Indirect download: passes ESipa's InitiateAuthentication, AuthenticateClient, GetBoundProfilePackage and CancelSession on to the SM-DP+, with
/// their signed parts unchanged.
/// </summary>
/// <remarks>
/// Every function takes the same steps. A repeated request gets the first answer. The eIM checks the request, and the eUICC's signature where there
/// is one, before it asks the SM-DP+. It asks once and waits a bounded time. It stores the answer and its consequences in one transaction before
/// the answer leaves.
/// </remarks>
public sealed partial class DownloadRelay
{
    private readonly Database _database;
    private readonly EimIdentity _identity;
    private readonly RspTrust _trust;
    private readonly TransactionIds _transactionIds;
    private readonly Exchanges _exchanges;
    private readonly EuiccIds _euiccIds;
    private readonly DownloadParts _parts;
    private readonly DownloadOutcome _outcome;
    private readonly RelayAnswers _answers;
    private readonly UnnamedSessions _unnamed;
    private readonly EimOptions _options;
    private readonly EimTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal DownloadRelay(
        Database database, EimIdentity identity, RspTrust trust, TransactionIds transactionIds, Exchanges exchanges, EuiccIds euiccIds,
        DownloadParts parts, DownloadOutcome outcome, EimOptions options, EimTelemetry telemetry, TimeProvider time, ILogger<DownloadRelay> logger)
    {
        _database = database;
        _identity = identity;
        _trust = trust;
        _transactionIds = transactionIds;
        _exchanges = exchanges;
        _euiccIds = euiccIds;
        _parts = parts;
        _outcome = outcome;
        _answers = new RelayAnswers(database, parts.Secrets, time);
        _unnamed = new UnnamedSessions(database, options, time);
        _options = options;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
    }

    /// <summary>Counts and logs a message of an eUICC that the eIM does not believe.</summary>
    private void Distrust(TransactionId id, string function, Distrust why, string reason)
    {
        _telemetry.Distrusted("relay", why);
        LogStopped(id, function, reason);
    }

    private ValueTask<RelaySession?> FindSessionAsync(TransactionId id, CancellationToken ct) =>
        _database.ReadAsync(session => RelaySession.FindAsync(session, id), ct);

    /// <summary>Changes the download's state, where it is known, and keeps the answer, in one transaction.</summary>
    private Task<byte[]> ConcludeAsync(
        byte[] hash, byte[] answer, byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change) => _database.WriteAsync(
        async session =>
        {
            await ChangeAsync(session, eid, operationId, change).ConfigureAwait(false);
            await _answers.KeepAsync(session, hash, answer).ConfigureAwait(false);
            return answer;
        });

    private Task NoteAsync(byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change) =>
        _database.WriteAsync(session => ChangeAsync(session, eid, operationId, change));

    private async ValueTask ChangeAsync(DbSession session, byte[]? eid, byte[]? operationId, Func<LockedEuicc, OperationRow, ValueTask> change)
    {
        if (eid is null || operationId is null
            || await LockedEuicc.LockAsync(session, Eid.FromBytes(eid), _time.NowMilliseconds()).ConfigureAwait(false) is not { } euicc
            || await OperationEngine.FindAsync(euicc, operationId).ConfigureAwait(false) is not { } operation)
        {
            return;
        }

        await change(euicc, operation).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
    }

    /// <summary>The SM-DP+ did not answer. That decides nothing, and the device may try the same request again.</summary>
    private async Task<byte[]> TroubledAsync(uint function, int undefined, RelaySession session, SmdpTrouble trouble)
    {
        await NoteAsync(session.Eid, session.OperationId, (euicc, operation) =>
            OperationEngine.RememberAsync(euicc, operation, DownloadError.Trouble(trouble, session.Address))).ConfigureAwait(false);
        return RelayMessages.Error(function, undefined);
    }

    /// <summary>
    /// Whether a strange request can have caused this trouble. If the request carries no signature, the trouble is not remembered, because a later
    /// report of the device would end the download with it.
    /// </summary>
    private static bool MayBeProvoked(SmdpTrouble trouble) => trouble is SmdpTrouble.Unreachable or SmdpTrouble.Malformed;

    private Func<LockedEuicc, OperationRow, ValueTask> Refused(StatusCode? code) =>
        (euicc, operation) => _outcome.FailAsync(euicc, operation, DownloadError.Refused(code));

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} with SM-DP+ {Address}: {Function} is answered, refusal {Refusal}")]
    private partial void LogRelayed(TransactionId? session, SmdpAddress address, string function, StatusCode? refusal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Session {Session}: {Function} was not handed on: {Reason}")]
    private partial void LogStopped(TransactionId? session, string function, string reason);
}
