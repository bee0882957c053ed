using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Notifications;

/// <summary>A notification that is stored.</summary>
/// <param name="SequenceNumber">The card's number, which may now be acknowledged; null when it cannot be read.</param>
/// <param name="IsNew">Whether it was not stored before.</param>
internal readonly record struct StoredNotification(long? SequenceNumber, bool IsNew);

/// <summary>Stores the notifications that eUICCs signed. Only what is stored is acknowledged.</summary>
internal sealed partial class NotificationInbox(ILogger<NotificationInbox> logger)
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

    /// <summary>Stores one notification whose signature was verified.</summary>
    public async ValueTask<StoredNotification> StoreAsync(LockedEuicc euicc, PendingNotification notification)
    {
        var metadata = notification.Metadata!;
        if (metadata.SequenceNumber is not { } number)
        {
            // It is kept with what cannot be read; there is nothing to acknowledge it by.
            return new StoredNotification(null, true);
        }

        var changed = await euicc.Session.ExecuteAsync(Insert, new
        {
            Eid = euicc.EidBytes,
            SequenceNumber = number,
            euicc.Slice,
            Event = (int)(metadata.Event ?? NotificationEvents.None),
            Address = metadata.Address ?? "",
            Iccid = metadata.Iccid?.ToString(),
            Encoded = notification.Encoded.ToArray(),
            euicc.Now,
        }).ConfigureAwait(false);
        if (changed > 0)
        {
            LogStored(euicc.Eid, number, metadata.Event, metadata.Iccid);
        }

        return new StoredNotification(number, changed > 0);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: notification {SequenceNumber} stored: {Event} of profile {Iccid}")]
    private partial void LogStored(Eid eid, long sequenceNumber, NotificationEvents? @event, Iccid? iccid);
}
