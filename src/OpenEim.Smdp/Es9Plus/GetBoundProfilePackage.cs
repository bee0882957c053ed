using System.Security.Cryptography;
using System.Text;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Smdp.Telemetry;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>ES9+ GetBoundProfilePackage (SGP.22 5.6.2): delivers the profile, to one eUICC and no other.</summary>
/// <remarks>
/// The package is prepared outside the transaction, which then decides alone whether it may leave: what races for a profile meets
/// there, one after the other, and the exact bytes are stored before they are sent.
/// </remarks>
internal sealed class GetBoundProfilePackage(
    Database database,
    ProfileBinding binding,
    EuiccVerification verification,
    PackageVault vault,
    ProfileTypes types,
    ProgressOutbox progress,
    SmdpOptions options,
    SmdpTelemetry telemetry,
    TimeProvider time)
{
    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public async ValueTask<GetBoundProfilePackageOk> ExecuteAsync(GetBoundProfilePackageRequest request, CancellationToken ct)
    {
        // 1. The session is alive.
        var known = await ReadAsync(request, ct).ConfigureAwait(false);

        // 2. The eUICC agreed. Its refusal carries no signature and changes nothing.
        var response = request.ReadPrepareDownloadResponse();
        if (response.Ok is not { } ok)
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, $"the eUICC refused to prepare the download: {response.Error!.Code}");
        }

        // 3. euiccSignature2, over what was received and the signature that this SM-DP+ gave in the session.
        var key = verification.KeyOf(known.Session.EuiccCertificate);
        if (!key.Verify(PrepareDownloadResponseOk.SignedWith(ok.SignedData.Span, known.Session.SmdpSignature2), ok.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "euiccSignature2 does not verify");
        }

        var signed = ok.ReadSigned();
        if (signed.TransactionId != request.TransactionId)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the eUICC signed another transaction id", request.TransactionId.ToString());
        }

        // 4. A package that could leave: the one of an earlier try with the same one-time key, or a new one.
        var prepared = Prepare(known, signed);
        var outcome = await database.WriteTogetherAsync(
            Encoding.ASCII.GetBytes(known.Session.Iccid), session => DecideAsync(session, known.Session, signed, prepared), ct).ConfigureAwait(false);
        if (outcome.Failure is not null)
        {
            throw outcome.Failure;
        }

        telemetry.Bound(HowBound(known, outcome.Delivery!, prepared));
        return new GetBoundProfilePackageOk(request.TransactionId, outcome.Delivery!.ToBoundProfilePackage());
    }

    private static Binding HowBound(Known known, DeliveryRow delivered, DeliveryRow prepared) =>
        !ReferenceEquals(delivered, prepared) || ReferenceEquals(prepared, known.Earlier) ? Binding.Repeated
        : known.Earlier?.Segments is { } segments && ReferenceEquals(prepared.Segments, segments) ? Binding.Again
        : Binding.New;

    private async ValueTask<Known> ReadAsync(GetBoundProfilePackageRequest request, CancellationToken ct)
    {
        if (await SessionToBind.FindAsync(database, request.TransactionId, ct).ConfigureAwait(false) is not { } session || session.Expiry <= Now())
        {
            throw SessionRow.Missing(request.TransactionId);
        }

        if (session.Cancelled)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the session was cancelled", request.TransactionId.ToString());
        }

        return new Known(
            session,
            await types.GetAsync(database, session.ProfileType, ct).ConfigureAwait(false),
            session.EarlierDelivery is { } earlier ? await DeliveryRow.FindAsync(database, earlier, ct).ConfigureAwait(false) : null);
    }

    private DeliveryRow Prepare(Known known, EuiccSigned2 signed)
    {
        var session = known.Session;
        if (known.Earlier is { IsOpen: true } earlier && IsSame(earlier, session, signed))
        {
            return earlier.TransactionId.AsSpan().SequenceEqual(session.TransactionId) ? earlier : binding.BindAgain(session, earlier, Now());
        }

        var package = vault.OpenPackage(session.Iccid, session.Package);
        try
        {
            return binding.Bind(session, signed.EuiccOtpk, known.Type, package, Now());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(package);
        }
    }

    /// <summary>The part that decides, inside one transaction. A failure is returned, not thrown, since it may change the order too.</summary>
    private async ValueTask<(DeliveryRow? Delivery, FunctionFailedException? Failure)> DecideAsync(
        DbSession db, SessionToBind session, EuiccSigned2 signed, DeliveryRow prepared)
    {
        var order = (await OrderStore.LockAsync(
            db, OrderToDeliver.Query, new { iccid = session.Iccid, id = session.TransactionId }).ConfigureAwait(false))!;
        try
        {
            CheckOrder(order, session);
            CheckConfirmationCode(order, signed);
        }
        catch (FunctionFailedException failure)
        {
            await ReportAsync(db, order, session, failure).ConfigureAwait(false);
            return (null, failure);
        }

        // 9. What this transaction delivered before, it delivers again, byte for byte; for another one-time key it needs a new session.
        if (order.HasDelivered)
        {
            var delivered = (await DeliveryRow.FindAsync(db, session.TransactionId).ConfigureAwait(false))!;
            return delivered.IsOpen && IsSame(delivered, session, signed)
                ? (delivered, null)
                : (null, new FunctionFailedException(StatusCodes.RebindingRefused, "the session has delivered a package for another one-time key", order.Iccid));
        }

        // 10. The tries are limited.
        if (order.Downloads >= options.MaxDownloads)
        {
            return (null, new FunctionFailedException(StatusCodes.TooManyTries, "the profile was delivered too often without a result", order.Iccid));
        }

        // 11. From here on it is this eUICC's.
        await prepared.InsertAsync(db).ConfigureAwait(false);
        await OrderStore.SetDeliveredAsync(db, order.Iccid, session.Eid, Now()).ConfigureAwait(false);
        await progress.AddSuccessAsync(db, order, session.EuiccId, NotificationPoint.BppDownload).ConfigureAwait(false);
        return (prepared, null);
    }

    private void CheckOrder(OrderRow order, SessionToBind session)
    {
        // 5. The order is the one that the session is about.
        if (!order.HasOrder || order.OrderId != session.OrderId)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "the order was cancelled");
        }

        // 6. The profile can be bound: nobody has it yet, or this eUICC tries again.
        if (order.IsForAnother(session.EuiccId) || order.StockState is not (StockState.Released or StockState.Downloaded))
        {
            throw new FunctionFailedException(StatusCodes.RebindingRefused, "the profile was delivered", order.Iccid);
        }

        // 7. The order has not expired.
        if (order.Expiry <= Now())
        {
            throw new FunctionFailedException(StatusCodes.OrderExpired, "the order has expired", order.Iccid);
        }
    }

    private void CheckConfirmationCode(OrderRow order, EuiccSigned2 signed)
    {
        // 8. The confirmation code, where the order has one.
        if (order.ConfirmationCode is null)
        {
            return;
        }

        if (signed.HashCc is not { } given)
        {
            throw new FunctionFailedException(StatusCodes.ConfirmationCodeMissing, "a confirmation code is needed", order.Iccid);
        }

        var expected = ConfirmationCodeHash.Compute(vault.OpenConfirmationCode(order.Iccid, order.ConfirmationCode), signed.TransactionId!.Value);
        if (!CryptographicOperations.FixedTimeEquals(expected, given.Span))
        {
            throw order.ConfirmationFailures + 1 < options.MaxConfirmationFailures
                ? new FunctionFailedException(StatusCodes.ConfirmationCodeRefused, "the confirmation code is wrong", order.Iccid)
                : new FunctionFailedException(StatusCodes.ConfirmationCodeRetriesExceeded, "the confirmation code was wrong too often", order.Iccid);
        }
    }

    /// <summary>Counts a wrong confirmation code, the last of which ends the order, and tells the operator.</summary>
    private async ValueTask ReportAsync(DbSession db, OrderRow order, SessionToBind session, FunctionFailedException failure)
    {
        var ended = failure.Code == StatusCodes.ConfirmationCodeRetriesExceeded;
        if (ended || failure.Code == StatusCodes.ConfirmationCodeRefused)
        {
            await db.ExecuteAsync(
                "UPDATE download_order SET confirmation_failures = confirmation_failures + 1, modified = @now WHERE iccid = @Iccid",
                new { order.Iccid, now = Now() }).ConfigureAwait(false);
            if (ended)
            {
                await OrderStore.SetStateAsync(db, order.Iccid, StockState.Error, Now()).ConfigureAwait(false);
            }

            await progress.AddFailureAsync(
                db, order, session.EuiccId, NotificationPoint.ConfirmationFailure, failure.Code, failure.Message).ConfigureAwait(false);
        }
    }

    private static bool IsSame(DeliveryRow delivery, SessionToBind session, EuiccSigned2 signed) =>
        delivery.Eid.AsSpan().SequenceEqual(session.Eid) && delivery.EuiccOtpk.AsSpan().SequenceEqual(signed.EuiccOtpk.Span);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Known(SessionToBind Session, ProfileTypeRow Type, DeliveryRow? Earlier);

    private sealed class OrderToDeliver : OrderRow
    {
        public static readonly OrderQuery<OrderToDeliver> Query = new(
            "(SELECT COUNT(*) FROM delivery d WHERE d.transaction_id = @id) AS has_delivered");

        /// <summary>Whether a package has left in the session.</summary>
        public bool HasDelivered { get; init; }
    }
}
