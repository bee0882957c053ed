using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>ES9+ AuthenticateClient (SGP.22 5.6.3): who the eUICC is, and which profile it may have.</summary>
internal sealed class AuthenticateClient(
    Database database,
    SmdpIdentity identity,
    TransactionIds transactionIds,
    EuiccVerification verification,
    ProgressOutbox progress,
    SmdpOptions options,
    TimeProvider time)
{
    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public async ValueTask<AuthenticateClientOk> ExecuteAsync(AuthenticateClientRequest request, CancellationToken ct)
    {
        // 1. The transaction is one that this SM-DP+ began, not too long ago.
        if (!transactionIds.TryRecognise(request.TransactionId, out var challenge, out var expiry))
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "there is no such transaction", request.TransactionId.ToString());
        }

        // 2. The eUICC agreed. Its refusal carries no signature and changes nothing.
        var response = request.ReadAuthenticateServerResponse();
        if (response.Ok is not { } ok)
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, $"the eUICC refused to authenticate: {response.Error!.Code}");
        }

        // 3. A repeated message gets the first one's answer, without checking anything again.
        var hash = SHA256.HashData(request.AuthenticateServerResponse.Span);
        if (await FindRepeatedAsync(request.TransactionId, hash, ct).ConfigureAwait(false) is { } repeated)
        {
            return repeated;
        }

        var signed = VerifyEuicc(request.TransactionId, ok, challenge, out var eid);
        var info = signed.ReadEuiccInfo2();
        var matchingId = signed.ReadCtxParams1().MatchingId;
        var outcome = await database.WriteAsync(
            session => OpenAsync(session, new Attempt(request.TransactionId, eid, matchingId, info, ok, hash, expiry)), ct).ConfigureAwait(false);
        return outcome.Failure is null ? outcome.Ok! : throw outcome.Failure;
    }

    private EuiccSigned1 VerifyEuicc(TransactionId transactionId, AuthenticateResponseOk ok, byte[] challenge, out Eid eid)
    {
        // 4. The certificates: EUM, then eUICC.
        var (key, verified) = verification.Verify(ok.EuiccCertificate, ok.EumCertificate);
        eid = verified;

        // 5. euiccSignature1 over the bytes as received.
        if (!key.Verify(ok.SignedData.Span, ok.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "euiccSignature1 does not verify");
        }

        // 6. What is signed belongs to this transaction and to this SM-DP+.
        var signed = ok.ReadSigned();
        if (signed.TransactionId != transactionId)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the eUICC signed another transaction id", transactionId.ToString());
        }

        return CryptographicOperations.FixedTimeEquals(signed.ServerChallenge.Span, challenge) && identity.Addresses.Find(signed.ServerAddress) is not null
            ? signed
            : throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "the eUICC signed another challenge or another server's address");
    }

    private async ValueTask<AuthenticateClientOk?> FindRepeatedAsync(TransactionId id, byte[] hash, CancellationToken ct) =>
        await SessionRow.FindAsync(database, id, ct).ConfigureAwait(false) is { Cancelled: false } row && row.RequestHash.AsSpan().SequenceEqual(hash)
            ? Answer(id, row, await database.ReadAsync(session => TypeOfAsync(session, row.Iccid), ct).ConfigureAwait(false))
            : null;

    /// <summary>The part that decides, inside one transaction. A failure is returned, not thrown, since it may change the order too.</summary>
    private async ValueTask<(AuthenticateClientOk? Ok, FunctionFailedException? Failure)> OpenAsync(DbSession session, Attempt attempt)
    {
        // 7. One message opens a session, and none after it has ended.
        if (await SessionRow.FindAsync(session, attempt.TransactionId).ConfigureAwait(false) is { } earlier)
        {
            return !earlier.Cancelled && earlier.RequestHash.AsSpan().SequenceEqual(attempt.Hash)
                ? (Answer(attempt.TransactionId, earlier, await TypeOfAsync(session, earlier.Iccid).ConfigureAwait(false)), null)
                : (null, new FunctionFailedException(StatusCodes.UnknownTransaction, "the transaction is used", attempt.TransactionId.ToString()));
        }

        var order = await LockOrderAsync(session, attempt).ConfigureAwait(false);
        if (order is null)
        {
            return (null, new FunctionFailedException(StatusCodes.MatchingIdRefused, "the matching id is unknown", attempt.MatchingId));
        }

        var type = (await ProfileTypeRow.FindAsync(session, order.ProfileType).ConfigureAwait(false))!;
        try
        {
            CheckOrder(order, attempt);
            Eligibility.Check(attempt.Info, type);
        }
        catch (FunctionFailedException failure)
        {
            await ReportAsync(session, order, attempt.Eid, failure).ConfigureAwait(false);
            return (null, failure);
        }

        var row = await NewSessionAsync(session, order, attempt).ConfigureAwait(false);
        await progress.AddSuccessAsync(session, order, attempt.Eid, NotificationPoint.EligibilityCheck).ConfigureAwait(false);
        return (Answer(attempt.TransactionId, row, type), null);
    }

    private static ValueTask<OrderRow?> LockOrderAsync(DbSession session, Attempt attempt) => OrderStore.LockAsync(
        session,
        () => string.IsNullOrEmpty(attempt.MatchingId)
            ? OrderStore.FindByEidAsync(session, attempt.Eid)
            : OrderStore.FindByMatchingIdAsync(session, attempt.MatchingId));

    private void CheckOrder(OrderRow order, Attempt attempt)
    {
        // 8. The profile is not another eUICC's.
        if (order.IsForAnother(attempt.Eid))
        {
            throw new FunctionFailedException(StatusCodes.OtherEid, "the profile is for another eUICC", attempt.Eid.ToString());
        }

        // 9. It is released; or it was downloaded and this is a retry.
        if (order.StockState is StockState.Allocated or StockState.Linked or StockState.Confirmed)
        {
            throw new FunctionFailedException(StatusCodes.ProfileNotReleased, "the profile is not released", order.Iccid);
        }

        if (order.StockState is not (StockState.Released or StockState.Downloaded))
        {
            throw new FunctionFailedException(StatusCodes.MatchingIdRefused, "the matching id is used", attempt.MatchingId);
        }

        // 10. The order has not expired, and was not tried too often.
        if (order.Expiry <= Now())
        {
            throw new FunctionFailedException(StatusCodes.OrderExpired, "the order has expired", order.Iccid);
        }

        if (order.Downloads >= options.MaxDownloads)
        {
            throw new FunctionFailedException(StatusCodes.TooManyTries, "the profile was delivered too often without a result", order.Iccid);
        }
    }

    /// <summary>Tells the operator; the last try ends the order (SGP.22 3.1.3).</summary>
    private async ValueTask ReportAsync(DbSession session, OrderRow order, Eid eid, FunctionFailedException failure)
    {
        if (failure.Code == StatusCodes.MatchingIdRefused || failure.Code == StatusCodes.OtherEid)
        {
            // Somebody else's attempt at a download that is over or not his is no step of that download.
            return;
        }

        if (failure.Code == StatusCodes.TooManyTries)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Error, Now()).ConfigureAwait(false);
        }

        await progress.AddFailureAsync(session, order, eid, NotificationPoint.EligibilityCheck, failure.Code, failure.Message).ConfigureAwait(false);
    }

    private async ValueTask<SessionRow> NewSessionAsync(DbSession session, OrderRow order, Attempt attempt)
    {
        // 11. The eUICC may use the one-time key of an earlier try again, and then gets the same package.
        ReadOnlyMemory<byte>? otpk = null;
        if (await DeliveryRow.FindLastAsync(session, order.Iccid).ConfigureAwait(false) is { IsOpen: true } delivery)
        {
            otpk = delivery.EuiccOtpk;
        }

        // 12. SmdpSigned2, signed with CERT.DPpb together with euiccSignature1.
        var signed = new SmdpSigned2(attempt.TransactionId, order.ConfirmationCode is not null, otpk).Encode();
        var row = new SessionRow
        {
            TransactionId = attempt.TransactionId.ToBytes(),
            Iccid = order.Iccid,
            OrderId = order.OrderId,
            Eid = attempt.Eid.ToBytes(),
            EuiccCertificate = attempt.Ok.EuiccCertificate.ToArray(),
            RequestHash = attempt.Hash,
            SmdpSigned2 = signed,
            SmdpSignature2 = identity.Binding.Key.Sign(PrepareDownloadRequest.SignedWith(signed, attempt.Ok.Signature.Span)),
            Expiry = attempt.Expiry,
        };
        await row.InsertAsync(session).ConfigureAwait(false);
        return row;
    }

    private AuthenticateClientOk Answer(TransactionId id, SessionRow row, ProfileTypeRow type) => new(
        id, type.Metadata(row.Iccid, identity.Addresses.Primary), row.SmdpSigned2, row.SmdpSignature2, identity.Binding.Certificate.Encoded);

    private static async ValueTask<ProfileTypeRow> TypeOfAsync(DbSession session, string iccid)
    {
        var order = await OrderStore.FindAsync(session, iccid).ConfigureAwait(false);
        return (await ProfileTypeRow.FindAsync(session, order!.ProfileType).ConfigureAwait(false))!;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Attempt(
        TransactionId TransactionId, Eid Eid, string? MatchingId, EuiccInfo2 Info, AuthenticateResponseOk Ok, byte[] Hash, long Expiry);
}
