using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Notifications;

/// <summary>ES10b ListNotification, tag BF28 (SGP.22 5.7.9): what the waiting notifications are about, without them.</summary>
internal static class ListNotification
{
    public static ListNotificationResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var wanted = BerMessage.Decode<ListNotificationRequest>(request).Events;
        return new ListNotificationResponse(
        [
            .. core.State.Pending
                .Where(item => item.Event is { } happened && ((wanted ?? happened) & happened) != 0)
                .Select(item => BerMessage.Decode<PendingNotification>(item.Encoded).Metadata!),
        ]);
    }
}
