using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Notifications;

/// <summary>A notification that is stored.</summary>
/// <param name="SequenceNumber">The card's number, which may now be acknowledged; null when it cannot be read.</param>
/// <param name="IsNew">Whether none with its number was stored before; false where it has no number.</param>
internal readonly record struct StoredNotification(long? SequenceNumber, bool IsNew);

/// <summary>Stores the notifications that eUICCs signed. Only what is stored is acknowledged.</summary>
internal sealed partial class NotificationInbox(ILogger<NotificationInbox> logger)
{
    private const string Insert = """
        INSERT INTO notification (eid, sequence_number, slice, event, address, iccid, encoded, received, next_attempt)
        VALUES (@Eid, @SequenceNumber, @Slice, @Event, @Address, @Iccid, @Encoded, @Now, @Now)
        ON CONFLICT (eid, sequence_number) DO NOTHING
        """;

    // A card that has begun its numbers anew, or another signature over the same: it is forwarded, but nothing follows from it as if it were new.
    private const string Replace = """
        UPDATE notification SET event = @Event, address = @Address, iccid = @Iccid, encoded = @Encoded, received = @Now,
               forwarded = NULL, next_attempt = @Now, attempts = 0, last_error = NULL
        WHERE eid = @Eid AND sequence_number = @SequenceNumber AND encoded <> @Encoded
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
            return new StoredNotification(null, false);
        }

        var row = new
        {
            Eid = euicc.EidBytes,
            SequenceNumber = number,
            euicc.Slice,
            Event = (int)(metadata.Event ?? NotificationEvents.None),
            Address = metadata.Address ?? "",
            Iccid = metadata.Iccid?.ToString(),
            Encoded = notification.Encoded.ToArray(),
            euicc.Now,
        };
        var isNew = await euicc.Session.ExecuteAsync(Insert, row).ConfigureAwait(false) > 0;
        if (isNew || await euicc.Session.ExecuteAsync(Replace, row).ConfigureAwait(false) > 0)
        {
            LogStored(euicc.Eid, number, metadata.Event, metadata.Iccid);
        }

        return new StoredNotification(number, isNew);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: notification {SequenceNumber} stored: {Event} of profile {Iccid}")]
    private partial void LogStored(Eid eid, long sequenceNumber, NotificationEvents? @event, Iccid? iccid);
}
