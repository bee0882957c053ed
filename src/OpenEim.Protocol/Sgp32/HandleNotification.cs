using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa HandleNotificationEsipa, tag BF3D (SGP.32 6.3.2.4): a notification (A0) or a whole ProvideEimPackageResult (BF50). Answered by 204.</summary>
public sealed record HandleNotification(PendingNotification? Notification, ProvideEimPackageResult? Result = null) : IBerMessage<HandleNotification>
{
    /// <inheritdoc/>
    public static HandleNotification Decode(ref BerReader reader)
    {
        var inner = reader.Inside(Sgp22Tags.HandleNotification);
        HandleNotification message;
        if (inner.TryReadConstructed(0xA0, out var arm))
        {
            message = new HandleNotification(PendingNotification.Decode(ref arm));
            arm.ThrowIfNotEmpty();
        }
        else
        {
            message = new HandleNotification(null, ProvideEimPackageResult.Decode(ref inner));
        }

        inner.ThrowIfNotEmpty();
        return message;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.HandleNotification))
        {
            if (Result is not null)
            {
                Result.Encode(writer);
            }
            else if (Notification is not null)
            {
                using (writer.Constructed(0xA0))
                {
                    Notification.Encode(writer);
                }
            }
        }
    }
}
