using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10b ListNotificationRequest, tag BF28 (SGP.22 5.7.9): <c>BF28{81?}</c>.</summary>
/// <param name="Events">81: only notifications of these; null for all.</param>
public sealed record ListNotificationRequest(NotificationEvents? Events = null) : IBerMessage<ListNotificationRequest>
{
    /// <inheritdoc/>
    public static ListNotificationRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ListNotification);
        var request = new ListNotificationRequest((NotificationEvents?)inner.TryReadNamedBits(0x81));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ListNotification))
        {
            writer.OptionalNamedBits(0x81, (uint?)Events);
        }
    }
}

/// <summary>ES10b ListNotificationResponse, tag BF28 (SGP.22 5.7.9): <c>A0{BF2F…}</c>, or <c>81</c> an error.</summary>
/// <param name="Notifications">Null on an error.</param>
/// <param name="Error">127 undefinedError; null on success.</param>
public sealed record ListNotificationResponse(IReadOnlyList<NotificationMetadata>? Notifications, int? Error = null)
    : IBerMessage<ListNotificationResponse>
{
    /// <inheritdoc/>
    public static ListNotificationResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ListNotification);
        if (inner.NextIs(0x81))
        {
            return new ListNotificationResponse(null, inner.ReadInt32(0x81));
        }

        var list = inner.ReadConstructed(0xA0);
        var notifications = new List<NotificationMetadata>();
        while (list.HasData)
        {
            notifications.Add(NotificationMetadata.Decode(ref list));
        }

        inner.ThrowIfNotEmpty();
        return new ListNotificationResponse(notifications);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ListNotification))
        {
            if (Notifications is null)
            {
                writer.Integer(0x81, Error ?? 127);
                return;
            }

            using (writer.Constructed(0xA0))
            {
                foreach (var notification in Notifications)
                {
                    notification.Encode(writer);
                }
            }
        }
    }
}
