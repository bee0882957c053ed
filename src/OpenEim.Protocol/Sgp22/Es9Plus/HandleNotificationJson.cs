using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>JSON body of handleNotification (SGP.22 6.5.2.9). The answer is 204 without a body.</summary>
/// <param name="PendingNotification">BF37 or 30.</param>
public sealed record HandleNotificationRequestJson(ReadOnlyMemory<byte>? PendingNotification)
{
    /// <summary>From the message.</summary>
    public static HandleNotificationRequestJson From(PendingNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return new(notification.Encoded);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public PendingNotification ToMessage() =>
        BerMessage.Decode<PendingNotification>(JsonField.Required(PendingNotification, "pendingNotification"));
}
