using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Notifications;

/// <summary>A notification that is stored.</summary>
/// <param name="SequenceNumber">The card's number, which may now be acknowledged.</param>
/// <param name="IsNew">Whether it was not stored before.</param>
internal readonly record struct StoredNotification(long SequenceNumber, bool IsNew);

/// <summary>Stores the notifications that eUICCs signed. Only what is stored is acknowledged.</summary>
internal sealed partial class NotificationInbox(RspTrust trust, EimTelemetry telemetry, ILogger<NotificationInbox> logger)
{
    private const string Insert = """
        INSERT INTO notification (eid, sequence_number, slice, event, address, iccid, encoded, received, next_attempt)
        VALUES (@Eid, @SequenceNumber, @Slice, @Event, @Address, @Iccid, @Encoded, @Now, @Now)
        ON CONFLICT (eid, sequence_number) DO UPDATE SET
            event = excluded.event, address = excluded.address, iccid = excluded.iccid, encoded = excluded.encoded,
            received = excluded.received, forwarded = NULL, next_attempt = excluded.next_attempt, attempts = 0, last_error = NULL
        WHERE notification.encoded <> excluded.encoded
        """;

    /// <summary>The EID of the certificate inside a notification, not yet verified; null where it carries none.</summary>
    public static Eid? ClaimedEid(PendingNotification notification) =>
        notification is OtherSignedNotification signed ? IdentityClaim.EidOf(signed.EuiccCertificate) : null;

    /// <summary>Verifies and stores one notification.</summary>
    /// <returns>Null when it is not believed.</returns>
    public async ValueTask<StoredNotification?> StoreAsync(LockedEuicc euicc, PendingNotification notification)
    {
        if (Refusal(euicc, notification) is var (why, refusal))
        {
            telemetry.Distrusted("notification", why);
            LogRefused(euicc.Eid, refusal);
            return null;
        }

        var metadata = notification.Metadata!;
        var changed = await euicc.Session.ExecuteAsync(Insert, new
        {
            Eid = euicc.EidBytes,
            metadata.SequenceNumber,
            euicc.Slice,
            Event = (int)metadata.Event,
            metadata.Address,
            Iccid = metadata.Iccid?.ToString(),
            Encoded = notification.Encoded.ToArray(),
            euicc.Now,
        }).ConfigureAwait(false);
        LogStored(euicc.Eid, metadata.SequenceNumber, metadata.Event, metadata.Iccid);
        return new StoredNotification(metadata.SequenceNumber, changed > 0);
    }

    private (Distrust Why, string Sentence)? Refusal(LockedEuicc euicc, PendingNotification notification)
    {
        switch (notification)
        {
            case OtherSignedNotification signed:
                var chain = trust.VerifyEuicc(
                    signed.EuiccCertificate, signed.EumCertificate, euicc.Eid, DateTimeOffset.FromUnixTimeMilliseconds(euicc.Now));
                return !chain.IsTrusted ? (Distrust.Certificate, chain.Reason)
                    : chain.PublicKey!.Verify(signed.SignedData.Span, signed.Signature.Span) ? null : (Distrust.Signature, "its signature does not verify");
            case ProfileInstallationResult result:
                return euicc.PublicKey is not { } key ? (Distrust.UnknownKey, "the eUICC's key is not known yet")
                    : EcPublicKey.FromSubjectPublicKeyInfo(key).Verify(result.SignedData.Span, result.Signature.Span) ? null
                    : (Distrust.Signature, "its signature does not verify");
            default:
                return (Distrust.Content, "compact notifications are not offered to IPAs by this eIM");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: notification {SequenceNumber} stored: {Event} of profile {Iccid}")]
    private partial void LogStored(Eid eid, long sequenceNumber, NotificationEvents @event, Iccid? iccid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: a notification was refused: {Reason}")]
    private partial void LogRefused(Eid eid, string reason);
}
