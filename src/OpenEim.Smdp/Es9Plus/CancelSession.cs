using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>ES9+ CancelSession (SGP.22 5.6.5): the eUICC ends the session, and with it the order unless the user only put it off.</summary>
internal sealed class CancelSession(Database database, SmdpIdentity identity, EuiccVerification verification, ProgressOutbox progress, TimeProvider time)
{
    private static readonly StatusCode ExecutionError = new("8.1", "4.2");

    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public async ValueTask ExecuteAsync(CancelSessionRequestEs9 request, CancellationToken ct)
    {
        // 1. The session is alive.
        var session = await SessionRow.FindAsync(database, request.TransactionId, ct).ConfigureAwait(false);
        if (session is null || session.Expiry <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            throw SessionRow.Missing(request.TransactionId);
        }

        // 2. The eUICC agreed. Its refusal carries no signature and changes nothing.
        if (request.CancelSessionResponse.Ok is not { } ok)
        {
            throw new FunctionFailedException(
                StatusCodes.EuiccSignatureInvalid, $"the eUICC refused to cancel: {request.CancelSessionResponse.Error}");
        }

        // 3. The signature of the eUICC that the session is with.
        if (!verification.KeyOf(session.EuiccCertificate).Verify(ok.SignedData.Span, ok.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "the eUICC's signature does not verify");
        }

        // 4. What is signed is about this transaction and this SM-DP+.
        var signed = ok.ReadSigned();
        if (signed.TransactionId != request.TransactionId)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the eUICC signed another transaction id", request.TransactionId.ToString());
        }

        if (!signed.SmdpOid.Span.SequenceEqual(identity.Oid))
        {
            throw new FunctionFailedException(StatusCodes.InvalidOid, "the eUICC signed another SM-DP+'s OID");
        }

        // 5. The session ends; a repeated message finds it ended and changes nothing.
        await database.WriteAsync(db => EndAsync(db, session, signed.Reason ?? CancelSessionReason.UndefinedReason), ct).ConfigureAwait(false);
    }

    private async ValueTask EndAsync(DbSession db, SessionRow session, CancelSessionReason reason)
    {
        var order = (await OrderStore.LockAsync(db, session.Iccid).ConfigureAwait(false))!;
        var ended = await db.ExecuteAsync(
            "UPDATE session SET cancelled = 1 WHERE transaction_id = @TransactionId AND cancelled = 0", new { session.TransactionId }).ConfigureAwait(false);
        if (ended == 0 || reason is CancelSessionReason.Postponed or CancelSessionReason.Timeout)
        {
            return;
        }

        // 6. The order ends too, unless another eUICC has the profile meanwhile or it is a later order.
        if (order.OrderId != session.OrderId
            || order.IsForAnother(session.EuiccId)
            || order.StockState is not (StockState.Released or StockState.Downloaded))
        {
            return;
        }

        await OrderStore.SetStateAsync(db, order.Iccid, StockState.Error, time.GetUtcNow().ToUnixTimeMilliseconds()).ConfigureAwait(false);
        await progress.AddFailureAsync(
            db,
            order,
            session.EuiccId,
            reason == CancelSessionReason.EndUserRejection ? NotificationPoint.ConfirmationFailure : NotificationPoint.BppDownload,
            ExecutionError,
            $"the download was cancelled: {reason}").ConfigureAwait(false);
    }
}
