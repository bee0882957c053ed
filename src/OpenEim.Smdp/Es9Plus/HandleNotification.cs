using System.Security.Cryptography;
using System.Text;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>ES9+ HandleNotification (SGP.22 5.6.4): what the eUICC did with a profile. Only what it signed counts, and once only.</summary>
internal sealed partial class HandleNotification(
    Database database, EuiccVerification verification, ProgressOutbox progress, TimeProvider time, ILogger<HandleNotification> logger)
{
    private static readonly StatusCode ExecutionError = new("8.1", "4.2");

    private const string Insert = """
        INSERT INTO notification (eid, hash, sequence_number, event, iccid, encoded, received)
        VALUES (@Eid, @Hash, @SequenceNumber, @Event, @Iccid, @Encoded, @Now)
        """;

    /// <summary>Takes a notification. The sender learns nothing of what became of it (the answer is always 204).</summary>
    public async ValueTask ExecuteAsync(PendingNotification notification, CancellationToken ct)
    {
        try
        {
            switch (notification)
            {
                case ProfileInstallationResult result:
                    await TakeResultAsync(result, ct).ConfigureAwait(false);
                    break;
                case OtherSignedNotification other:
                    await TakeOtherAsync(other, ct).ConfigureAwait(false);
                    break;
                default:
                    throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "it is in a compact form, which only an eIM takes");
            }
        }
        catch (FunctionFailedException e)
        {
            LogRefused(e.Message);
        }
    }

    private async ValueTask TakeResultAsync(ProfileInstallationResult result, CancellationToken ct)
    {
        // 1. A package was delivered in this transaction, and its eUICC signed the result.
        if (result.TransactionId is not { } transaction)
        {
            throw new FunctionFailedException(StatusCodes.UnknownTransaction, "its transaction id cannot be read");
        }

        var delivery = await database.ReadRowAsync(DeliveryToEnd.ByTransaction, transaction.ToBytes(), ct).ConfigureAwait(false)
            ?? throw new FunctionFailedException(StatusCodes.UnknownTransaction, "no package was delivered in its transaction");
        if (!verification.KeyOf(delivery.EuiccCertificate).Verify(result.SignedData.Span, result.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "its signature does not verify");
        }

        var changed = await database.WriteTogetherAsync(
            Encoding.ASCII.GetBytes(delivery.Iccid), session => RecordResultAsync(session, delivery, result), ct).ConfigureAwait(false);
        if (changed && !result.IsSuccess)
        {
            LogNotInstalled(delivery.Iccid, Describe(result));
        }
        else if (changed)
        {
            LogInstalled(delivery.Iccid);
        }
    }

    private async ValueTask<bool> RecordResultAsync(DbSession session, DeliveryToEnd delivery, ProfileInstallationResult result)
    {
        // 2. The first time only.
        var received = new Received(delivery.Eid, delivery.Iccid, result.SignedData, result, Now());
        var order = (await LockAsync(session, received).ConfigureAwait(false))!;
        if (order.IsKnown)
        {
            return false;
        }

        await session.SendAsync(Insert, received).ConfigureAwait(false);
        await DeliveryRow.EndAsync(session, delivery.TransactionId, result.IsSuccess).ConfigureAwait(false);

        // 3. Another eUICC's profile is not touched; of this one's, an installed profile is installed whatever was thought of it.
        var eid = Eid.FromBytes(delivery.Eid);
        if (order.DeliveredTo is null || order.IsForAnother(eid))
        {
            return true;
        }

        if (result.IsSuccess && order.StockState is StockState.Downloaded or StockState.Error or StockState.Unavailable)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Installed, received.Now).ConfigureAwait(false);
            await progress.AddSuccessAsync(session, order, eid, NotificationPoint.BppInstallation, result.Encoded).ConfigureAwait(false);
        }
        else if (!result.IsSuccess && order.StockState == StockState.Downloaded)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Error, received.Now).ConfigureAwait(false);
            await progress.AddFailureAsync(
                session, order, eid, NotificationPoint.BppInstallation, ExecutionError, Describe(result), result.Encoded).ConfigureAwait(false);
        }

        return true;
    }

    private async ValueTask TakeOtherAsync(OtherSignedNotification notification, CancellationToken ct)
    {
        // 1. The eUICC's certificates, which the notification carries, and its signature.
        var (key, eid) = verification.Verify(notification.EuiccCertificate, notification.EumCertificate);
        if (!key.Verify(notification.SignedData.Span, notification.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "its signature does not verify");
        }

        if (notification.Metadata.Iccid is not { } iccid)
        {
            throw new FunctionFailedException(StatusCodes.UnknownIccid, "it names no profile");
        }

        await database.WriteAsync(session => RecordOtherAsync(session, eid, iccid, notification), ct).ConfigureAwait(false);
    }

    private async ValueTask RecordOtherAsync(DbSession session, Eid eid, Iccid iccid, OtherSignedNotification notification)
    {
        // 2. It is about a profile that this eUICC got from here; nobody else's word counts for it.
        var received = new Received(eid.ToBytes(), iccid.ToString(), notification.SignedData, notification, Now());
        var order = await LockAsync(session, received).ConfigureAwait(false);
        if (order?.DeliveredTo is null || !order.DeliveredTo.AsSpan().SequenceEqual(received.Eid))
        {
            throw new FunctionFailedException(StatusCodes.UnknownIccid, $"profile {iccid} was not delivered to eUICC {eid}");
        }

        // 3. The first time only. Whoever deletes a profile had it installed.
        if (order.IsKnown)
        {
            return;
        }

        await session.SendAsync(Insert, received).ConfigureAwait(false);
        if (notification.Metadata.Event is { } happened && happened.HasFlag(NotificationEvents.Delete) && order.StockState is StockState.Installed or StockState.Downloaded)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Deleted, received.Now).ConfigureAwait(false);
        }
    }

    private static ValueTask<OrderToChange?> LockAsync(DbSession session, Received received) =>
        OrderStore.LockAsync(session, OrderToChange.Query, new { iccid = received.Iccid, eid = received.Eid, hash = received.Hash });

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Describe(ProfileInstallationResult result) => result.FinalResult switch
    {
        InstallationFinalResult.Failure failure =>
            $"{failure.CommandId?.ToString() ?? "an unknown command"} failed: {failure.Reason ?? InstallationErrorReason.UnknownError}",
        InstallationFinalResult.Unreadable unreadable => $"the result cannot be read: {unreadable.Why}",
        _ => "",
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Profile {Iccid} is installed")]
    private partial void LogInstalled(string iccid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Profile {Iccid} was not installed: {Reason}")]
    private partial void LogNotInstalled(string iccid, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notification was refused: {Reason}")]
    private partial void LogRefused(string reason);

    /// <summary>A notification as it is stored.</summary>
    private sealed class Received(byte[] eid, string iccid, ReadOnlyMemory<byte> signedData, PendingNotification notification, long now)
    {
        public byte[] Eid => eid;

        public byte[] Hash { get; } = SHA256.HashData(signedData.Span);

        /// <summary>−1 when it cannot be read: the hash tells one notification from another.</summary>
        public long SequenceNumber => notification.Metadata!.SequenceNumber ?? -1;

        public int Event => (int)(notification.Metadata!.Event ?? NotificationEvents.None);

        public string Iccid => iccid;

        public byte[] Encoded { get; } = notification.Encoded.ToArray();

        public long Now => now;
    }

    private readonly record struct DeliveryToEnd(byte[] TransactionId, string Iccid, byte[] Eid, byte[] EuiccCertificate)
    {
        public static readonly RowByKey<DeliveryToEnd> ByTransaction = new(
            "delivery",
            "transaction_id",
            "transaction_id, iccid, eid, euicc_certificate",
            row => new DeliveryToEnd(row.GetBytes(0), row.GetString(1), row.GetBytes(2), row.GetBytes(3)));
    }

    private sealed class OrderToChange : OrderRow
    {
        public static readonly OrderQuery<OrderToChange> Query = new(
            "(SELECT COUNT(*) FROM notification n WHERE n.eid = @eid AND n.hash = @hash) AS is_known");

        /// <summary>Whether the notification has been received before.</summary>
        public bool IsKnown { get; init; }
    }
}
