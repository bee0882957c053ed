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
        ON CONFLICT (eid, hash) DO NOTHING
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
        var delivery = await DeliveryRow.FindAsync(database, result.TransactionId.ToBytes(), ct).ConfigureAwait(false)
            ?? throw new FunctionFailedException(StatusCodes.UnknownTransaction, "no package was delivered in its transaction");
        if (!verification.KeyOf(delivery.EuiccCertificate).Verify(result.SignedData.Span, result.Signature.Span))
        {
            throw new FunctionFailedException(StatusCodes.EuiccSignatureInvalid, "its signature does not verify");
        }

        var changed = await database.WriteTogetherAsync(
            Encoding.ASCII.GetBytes(delivery.Iccid), session => RecordResultAsync(session, delivery, result), ct).ConfigureAwait(false);
        if (changed && result.FinalResult is InstallationFinalResult.Failure failure)
        {
            LogNotInstalled(delivery.Iccid, failure.CommandId, failure.Reason);
        }
        else if (changed)
        {
            LogInstalled(delivery.Iccid);
        }
    }

    private async ValueTask<bool> RecordResultAsync(DbSession session, DeliveryRow delivery, ProfileInstallationResult result)
    {
        var order = (await OrderStore.LockAsync(session, delivery.Iccid).ConfigureAwait(false))!;

        // 2. The first time only.
        if (!await StoreAsync(session, delivery.Eid, delivery.Iccid, result.SignedData, result).ConfigureAwait(false))
        {
            return false;
        }

        await DeliveryRow.EndAsync(session, delivery.TransactionId, result.IsSuccess).ConfigureAwait(false);

        // 3. Another eUICC's profile is not touched; of this one's, an installed profile is installed whatever was thought of it.
        var eid = Eid.FromBytes(delivery.Eid);
        if (order.DeliveredTo is null || order.IsForAnother(eid))
        {
            return true;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (result.IsSuccess && order.StockState is StockState.Downloaded or StockState.Error or StockState.Unavailable)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Installed, now).ConfigureAwait(false);
            await progress.AddSuccessAsync(session, order, eid, NotificationPoint.BppInstallation, result.Encoded).ConfigureAwait(false);
        }
        else if (!result.IsSuccess && order.StockState == StockState.Downloaded)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Error, now).ConfigureAwait(false);
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
        var order = await OrderStore.LockAsync(session, iccid.ToString()).ConfigureAwait(false);
        if (order?.DeliveredTo is null || !order.DeliveredTo.AsSpan().SequenceEqual(eid.ToBytes()))
        {
            throw new FunctionFailedException(StatusCodes.UnknownIccid, $"profile {iccid} was not delivered to eUICC {eid}");
        }

        // 3. The first time only. Whoever deletes a profile had it installed.
        if (await StoreAsync(session, eid.ToBytes(), order.Iccid, notification.SignedData, notification).ConfigureAwait(false)
            && notification.Metadata.Event == NotificationEvents.Delete
            && order.StockState is StockState.Installed or StockState.Downloaded)
        {
            await OrderStore.SetStateAsync(session, order.Iccid, StockState.Deleted, time.GetUtcNow().ToUnixTimeMilliseconds()).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a notification unless it is there already.</summary>
    private async ValueTask<bool> StoreAsync(
        DbSession session, byte[] eid, string iccid, ReadOnlyMemory<byte> signedData, PendingNotification notification) =>
        await session.ExecuteAsync(Insert, new
        {
            Eid = eid,
            Hash = SHA256.HashData(signedData.Span),
            notification.Metadata!.SequenceNumber,
            Event = (int)notification.Metadata.Event,
            Iccid = iccid,
            Encoded = notification.Encoded.ToArray(),
            Now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        }).ConfigureAwait(false) > 0;

    private static string Describe(ProfileInstallationResult result) => result.FinalResult is InstallationFinalResult.Failure failure
        ? $"{failure.CommandId} failed: {failure.Reason}"
        : "";

    [LoggerMessage(Level = LogLevel.Information, Message = "Profile {Iccid} is installed")]
    private partial void LogInstalled(string iccid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Profile {Iccid} was not installed: {Command} failed: {Reason}")]
    private partial void LogNotInstalled(string iccid, BppCommandId command, InstallationErrorReason reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notification was refused: {Reason}")]
    private partial void LogRefused(string reason);
}
