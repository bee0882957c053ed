using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa CancelSession (SGP.32 5.14.8): the card ends an indirect download.</summary>
public sealed class CancelSession
{
    private const string Name = nameof(CancelSession);
    private const uint Tag = 0xBF41;

    private readonly Database _database;
    private readonly RelayedCalls _calls;
    private readonly Es9PlusClient _es9Plus;
    private readonly DownloadOutcome _outcome;

    internal CancelSession(Database database, RelayedCalls calls, Es9PlusClient es9Plus, DownloadOutcome outcome) =>
        (_database, _calls, _es9Plus, _outcome) = (database, calls, es9Plus, outcome);

    /// <summary>Executes the function.</summary>
    /// <param name="request">What the IPA asks.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<CancelSessionResponseEsipa> ExecuteAsync(CancelSessionRequestEsipa request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(request);
        if (await _calls.FindAnswerAsync<CancelSessionResponseEsipa>(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        // 1. The transaction must be that of a session.
        if (await _calls.FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false) is not { } session)
        {
            return Failed(CancelSessionErrorEsipa.InvalidTransactionId);
        }

        // 2. The eUICC's signature must verify. An error that the card reports is not signed: one answer to all of them.
        CancelSessionReason? reason = null;
        if (request.CancelSessionResponse.Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(Tag, request.TransactionId);
        }
        else
        {
            var signed = ok.ReadSigned();
            var key = session.EuiccKey ?? await FindKeyAsync(session, ct).ConfigureAwait(false);
            if (key is null || signed.TransactionId != request.TransactionId
                || !EcPublicKey.FromSubjectPublicKeyInfo(key).Verify(ok.SignedData.Span, ok.Signature.Span))
            {
                _calls.Distrust(request.TransactionId, Name, Exchanges.Distrust.Signature, "the eUICC's signature does not verify");
                return Failed(CancelSessionErrorEsipa.EuiccSignatureInvalid);
            }

            reason = signed.Reason;
        }

        return await _calls.OnceAsync(hash, Failed(CancelSessionErrorEsipa.UndefinedError), () => RelayAsync(hash, session, request, reason), ct)
            .ConfigureAwait(false);
    }

    /// <summary>3. ES9+ CancelSession. 4. The download ends by the reason that the eUICC has signed.</summary>
    private async Task<CancelSessionResponseEsipa> RelayAsync(
        byte[] hash, RelaySession session, CancelSessionRequestEsipa request, CancelSessionReason? reason)
    {
        var answer = await _es9Plus.CancelSessionAsync(
            session.Server, request.TransactionId, request.CancelSessionResponse.Encode(), CancellationToken.None).ConfigureAwait(false);
        _calls.LogRelayed(request.TransactionId, session.Server, Name, answer.Refusal);
        if (answer.Trouble is not null)
        {
            // The eUICC has signed that the session is over; that the SM-DP+ does not know yet changes nothing for the operation.
            await _calls.NoteAsync(session.Eid, session.OperationId, (euicc, operation) => CancelledAsync(euicc, operation, reason)).ConfigureAwait(false);
            return Failed(CancelSessionErrorEsipa.UndefinedError);
        }

        var response = answer.Value is not null ? new CancelSessionResponseEsipa()
            : Failed(answer.Refusal is { } code ? (CancelSessionErrorEsipa)(int)Es9PlusErrors.CancelSessionError(code) : CancelSessionErrorEsipa.UndefinedError);
        return await _calls.ConcludeAsync(
            hash, response, session.Eid, session.OperationId, (euicc, operation) => CancelledAsync(euicc, operation, reason)).ConfigureAwait(false);
    }

    private ValueTask CancelledAsync(LockedEuicc euicc, OperationRow operation, CancelSessionReason? reason)
    {
        if (reason is not { } signed || operation.IsFinal)
        {
            return ValueTask.CompletedTask;
        }

        // After a failed installation its own result says more, and comes by itself. A reason that is known already says more, too.
        return signed == CancelSessionReason.LoadBppExecutionError || operation.Error is not null
            ? operation.Error is null ? OperationEngine.RememberAsync(euicc, operation, DownloadError.Cancelled(signed)) : ValueTask.CompletedTask
            : _outcome.FailAsync(euicc, operation, DownloadError.Cancelled(signed));
    }

    private async ValueTask<byte[]?> FindKeyAsync(RelaySession session, CancellationToken ct) => session.Eid is null ? null : await _database.ReadAsync(
        db => db.ExecuteScalarAsync<byte[]?>("SELECT public_key FROM euicc WHERE eid = @Eid", new { session.Eid }), ct).ConfigureAwait(false);

    private static CancelSessionResponseEsipa Failed(CancelSessionErrorEsipa error) => new(error);
}
