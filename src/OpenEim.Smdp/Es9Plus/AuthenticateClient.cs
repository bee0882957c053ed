using System.Security.Cryptography;
using System.Text;
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
    ProfileTypes types,
    ProgressOutbox progress,
    SmdpOptions options,
    TimeProvider time)
{
    /// <summary>How often the profile is looked for anew when its order has changed hands in between.</summary>
    private const int MaxLooks = 5;

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

        var signed = VerifyEuicc(request.TransactionId, ok, challenge, out var eid);
        var attempt = new Attempt(
            request.TransactionId,
            eid,
            signed.ReadCtxParams1().MatchingId,
            signed.ReadEuiccInfo2(),
            ok,
            SHA256.HashData(request.AuthenticateServerResponse.Span),
            expiry);
        for (var look = 0; look < MaxLooks; look++)
        {
            var (answer, failure) = await FindAndOpenAsync(attempt, ct).ConfigureAwait(false);
            if (failure is not null)
            {
                throw failure;
            }

            if (answer is not null)
            {
                return answer;
            }
        }

        throw new FunctionFailedException(StatusCodes.MatchingIdRefused, "the order of the matching id changes all the time", attempt.MatchingId);
    }

    private EuiccSigned1 VerifyEuicc(TransactionId transactionId, AuthenticateResponseOk ok, byte[] challenge, out Eid eid)
    {
        // 3. The certificates: EUM, then eUICC.
        var (key, verified) = verification.Verify(ok.EuiccCertificate, ok.EumCertificate);
        eid = verified;

        // 4. euiccSignature1 over the bytes as received.
        if (!key.Verify(ok.SignedData.Span, ok.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "euiccSignature1 does not verify");
        }

        // 5. What is signed belongs to this transaction and to this SM-DP+.
        var signed = ok.ReadSigned();
        if (signed.TransactionId != transactionId)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the eUICC signed another transaction id", transactionId.ToString());
        }

        return CryptographicOperations.FixedTimeEquals(signed.ServerChallenge.Span, challenge) && identity.Addresses.Find(signed.ServerAddress ?? "") is not null
            ? signed
            : throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "the eUICC signed another challenge or another server's address");
    }

    /// <summary>Neither an answer nor a failure: the profile that was found was another one when it was locked.</summary>
    private async ValueTask<(AuthenticateClientOk? Ok, FunctionFailedException? Failure)> FindAndOpenAsync(Attempt attempt, CancellationToken ct)
    {
        // 6. The profile of the matching id, or else of the eUICC's own order. Of an order that has gone, there may still be the session.
        if (await WantedProfile.FindAsync(database, attempt.MatchingId, attempt.Eid, ct).ConfigureAwait(false) is not { } wanted)
        {
            return await database.ReadAsync(session => RepeatAsync(session, attempt), ct).ConfigureAwait(false);
        }

        // Signed before anything is locked, for what will most probably be signed.
        var prepared = Sign(attempt, wanted.NeedsCode, wanted.OpenOtpk);
        return await database.WriteTogetherAsync(
            Encoding.ASCII.GetBytes(wanted.Iccid), session => OpenAsync(session, attempt, wanted.Iccid, prepared), ct).ConfigureAwait(false);
    }

    /// <summary>The part that decides, inside a transaction. A failure is returned, not thrown, since it may change the order too.</summary>
    private async ValueTask<(AuthenticateClientOk? Ok, FunctionFailedException? Failure)> OpenAsync(
        DbSession session, Attempt attempt, string iccid, SignedAnswer prepared)
    {
        // 7. One message opens a session, and none after it has ended.
        var order = await OrderStore.LockAsync(
            session, OrderToOpen.Query, new { iccid, id = attempt.TransactionId.ToBytes() }).ConfigureAwait(false);
        if (order is { IsUsed: true })
        {
            return await RepeatAsync(session, attempt).ConfigureAwait(false);
        }

        if (order is null || !WantedProfile.IsStill(order, attempt.MatchingId, attempt.Eid))
        {
            return default;
        }

        var type = await types.GetAsync(session, order.ProfileType).ConfigureAwait(false);
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

        var needsCode = order.ConfirmationCode is not null;
        var signed = prepared.IsFor(needsCode, order.OpenOtpk) ? prepared : Sign(attempt, needsCode, order.OpenOtpk);
        var row = NewSession(order, attempt, signed);
        await row.InsertAsync(session).ConfigureAwait(false);
        await progress.AddSuccessAsync(session, order, attempt.Eid, NotificationPoint.EligibilityCheck).ConfigureAwait(false);
        return (Answer(attempt.TransactionId, row, type), null);
    }

    /// <summary>A repeated message gets the first one's answer; another in the same transaction is refused.</summary>
    private async ValueTask<(AuthenticateClientOk? Ok, FunctionFailedException? Failure)> RepeatAsync(DbSession session, Attempt attempt)
    {
        if (await SessionRow.FindAsync(session, attempt.TransactionId).ConfigureAwait(false) is not { } earlier)
        {
            return (null, new FunctionFailedException(StatusCodes.MatchingIdRefused, "the matching id is unknown", attempt.MatchingId));
        }

        if (earlier.Cancelled || !earlier.RequestHash.AsSpan().SequenceEqual(attempt.Hash))
        {
            return (null, new FunctionFailedException(StatusCodes.UnknownTransaction, "the transaction is used", attempt.TransactionId.ToString()));
        }

        var order = await OrderStore.FindAsync(session, earlier.Iccid).ConfigureAwait(false);
        return (Answer(attempt.TransactionId, earlier, await types.GetAsync(session, order!.ProfileType).ConfigureAwait(false)), null);
    }

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

    /// <summary>SmdpSigned2, signed with CERT.DPpb together with euiccSignature1.</summary>
    /// <param name="attempt">Whose.</param>
    /// <param name="needsCode">Whether the user has to type a confirmation code.</param>
    /// <param name="otpk">The one-time key of an earlier try, which the eUICC may use again and then gets the same package; or null.</param>
    private SignedAnswer Sign(Attempt attempt, bool needsCode, byte[]? otpk)
    {
        var euiccOtpk = otpk is null ? default(ReadOnlyMemory<byte>?) : otpk;
        var signed = new SmdpSigned2(attempt.TransactionId, needsCode, euiccOtpk).Encode();
        return new SignedAnswer(needsCode, otpk, signed, identity.Binding.Key.Sign(PrepareDownloadRequest.SignedWith(signed, attempt.Ok.Signature.Span)));
    }

    private static SessionRow NewSession(OrderRow order, Attempt attempt, SignedAnswer signed) => new()
    {
        TransactionId = attempt.TransactionId.ToBytes(),
        Iccid = order.Iccid,
        OrderId = order.OrderId,
        Eid = attempt.Eid.ToBytes(),
        EuiccCertificate = attempt.Ok.EuiccCertificate.ToArray(),
        RequestHash = attempt.Hash,
        SmdpSigned2 = signed.Signed,
        SmdpSignature2 = signed.Signature,
        Expiry = attempt.Expiry,
    };

    private AuthenticateClientOk Answer(TransactionId id, SessionRow row, ProfileTypeRow type) => new(
        id, type.Metadata(row.Iccid, identity.Addresses.Primary), row.SmdpSigned2, row.SmdpSignature2, identity.Binding.Certificate.Encoded);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Attempt(
        TransactionId TransactionId, Eid Eid, string? MatchingId, EuiccInfo2 Info, AuthenticateResponseOk Ok, byte[] Hash, long Expiry);

    /// <summary>SmdpSigned2 and its signature, for an order with or without a confirmation code and an earlier try.</summary>
    private sealed record SignedAnswer(bool NeedsCode, byte[]? OpenOtpk, byte[] Signed, byte[] Signature)
    {
        public bool IsFor(bool needsCode, byte[]? openOtpk) => NeedsCode == needsCode && OpenOtpk.AsSpan().SequenceEqual(openOtpk);
    }

    private sealed class OrderToOpen : OrderRow
    {
        public static readonly OrderQuery<OrderToOpen> Query = new(
            $"{WantedProfile.OpenOtpkColumn}, (SELECT COUNT(*) FROM session s WHERE s.transaction_id = @id) AS is_used");

        public bool IsUsed { get; init; }

        public byte[]? OpenOtpk { get; init; }
    }
}
