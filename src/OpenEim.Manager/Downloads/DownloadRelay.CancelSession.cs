using OpenEim.Manager.Operations;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

public sealed partial class DownloadRelay
{
    private const uint Cancel = 0xBF41;

    /// <summary>ESipa CancelSession (SGP.32 5.14.8).</summary>
    /// <param name="request">The decoded request.</param>
    /// <param name="received">The bytes of the request.</param>
    /// <param name="ct">Ends when the sender stops waiting.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<byte[]> CancelSessionAsync(CancelSessionRequestEsipa request, ReadOnlyMemory<byte> received, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(received);
        if (await _answers.FindAsync(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        if (await FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false) is not { } session)
        {
            return CancelError(CancelSessionErrorEsipa.InvalidTransactionId);
        }

        var encoded = RelayMessages.CancelSessionResponse(request.CancelSessionResponse);
        CancelSessionReason? reason = null;
        if (BerMessage.Decode<CancelSessionResponse>(encoded).Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(Cancel, request.TransactionId);
        }
        else
        {
            var signed = ok.ReadSigned();
            var key = session.EuiccKey ?? await FindKeyAsync(session, ct).ConfigureAwait(false);
            if (key is null || signed.TransactionId != request.TransactionId
                || !EcPublicKey.FromSubjectPublicKeyInfo(key).Verify(ok.SignedData.Span, ok.Signature.Span))
            {
                Distrust(request.TransactionId, "CancelSession", Telemetry.Distrust.Signature, "the eUICC's signature does not verify");
                return CancelError(CancelSessionErrorEsipa.EuiccSignatureInvalid);
            }

            reason = signed.Reason;
        }

        return await _answers.OnceAsync(hash, () => CancelAsync(hash, session, request, encoded, reason), ct).ConfigureAwait(false)
            ?? CancelError(CancelSessionErrorEsipa.UndefinedError);
    }

    private async Task<byte[]> CancelAsync(
        byte[] hash, RelaySession session, CancelSessionRequestEsipa request, byte[] response, CancelSessionReason? reason)
    {
        var answer = await _parts.Es9Plus.CancelSessionAsync(session.Server, request.TransactionId, response, CancellationToken.None).ConfigureAwait(false);
        LogRelayed(request.TransactionId, session.Server, "CancelSession", answer.Refusal);
        if (answer.Trouble is not null)
        {
            // The eUICC has signed that the session is over. The operation ends, even if the SM-DP+ could not be told.
            await NoteAsync(session.Eid, session.OperationId, (euicc, operation) => CancelledAsync(euicc, operation, reason)).ConfigureAwait(false);
            return CancelError(CancelSessionErrorEsipa.UndefinedError);
        }

        var bytes = answer.Value is not null ? RelayMessages.Cancelled()
            : RelayMessages.Error(Cancel, answer.Refusal is { } code ? (int)Es9PlusErrors.CancelSessionError(code) : (int)CancelSessionErrorEsipa.UndefinedError);
        return await ConcludeAsync(
            hash, bytes, session.Eid, session.OperationId, (euicc, operation) => CancelledAsync(euicc, operation, reason)).ConfigureAwait(false);
    }

    private ValueTask CancelledAsync(Euiccs.LockedEuicc euicc, OperationRow operation, CancelSessionReason? reason)
    {
        if (reason is not { } signed || operation.IsFinal)
        {
            return ValueTask.CompletedTask;
        }

        // After a failed installation the signed result will come and tells more. A reason that is known already tells more, too.
        return signed == CancelSessionReason.LoadBppExecutionError || operation.Error is not null
            ? operation.Error is null ? OperationEngine.RememberAsync(euicc, operation, DownloadError.Cancelled(signed)) : ValueTask.CompletedTask
            : _outcome.FailAsync(euicc, operation, DownloadError.Cancelled(signed));
    }

    private async ValueTask<byte[]?> FindKeyAsync(RelaySession session, CancellationToken ct) => session.Eid is null ? null : await _database.ReadAsync(
        db => db.ExecuteScalarAsync<byte[]?>("SELECT public_key FROM euicc WHERE eid = @Eid", new { session.Eid }), ct).ConfigureAwait(false);

    private static byte[] CancelError(CancelSessionErrorEsipa error) => RelayMessages.Error(Cancel, (int)error);
}
