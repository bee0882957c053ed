using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Notifications;

/// <summary>ES10b RemoveNotificationFromList, tag BF30 (SGP.22 5.7.11): also removes a package result (SGP.32 5.9.12).</summary>
internal static class RemoveNotification
{
    public static NotificationSentResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var number = BerMessage.Decode<NotificationSentRequest>(request).SequenceNumber;
        var state = core.State;
        var rest = state.Pending.RemoveAll(item => item.SequenceNumber == number);
        if (rest.Length == state.Pending.Length)
        {
            return new NotificationSentResponse(DeleteNotificationStatus.NothingToDelete);
        }

        core.Commit(state with { Pending = rest });
        return new NotificationSentResponse(DeleteNotificationStatus.Ok);
    }
}
