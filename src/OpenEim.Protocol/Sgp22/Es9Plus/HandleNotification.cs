using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ HandleNotification, tag BF3D (SGP.22 5.6.4): <c>BF3D{A0 PendingNotification}</c>. It has no answer.</summary>
public sealed record HandleNotificationEs9(PendingNotification PendingNotification) : IBerMessage<HandleNotificationEs9>
{
    /// <inheritdoc/>
    public static HandleNotificationEs9 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.HandleNotification);
        var choice = inner.ReadConstructed(0xA0);
        var message = new HandleNotificationEs9(PendingNotification.Decode(ref choice));
        choice.ThrowIfNotEmpty();
        inner.SkipUnknown();
        return message;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.HandleNotification))
        using (writer.Constructed(0xA0))
        {
            PendingNotification.Encode(writer);
        }
    }
}
