using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Notifications;

/// <summary>ES10b RetrieveNotificationsList, tag BF2B (SGP.22 5.7.10, SGP.32 5.9.11).</summary>
internal static class RetrieveNotificationsList
{
    public static RetrieveNotificationsListResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var search = BerMessage.Decode<RetrieveNotificationsListRequest>(request);
        var pending = core.State.Pending;
        if (search.PackageResults)
        {
            return Results(pending.Where(item => item.IsPackageResult));
        }

        if (search.SequenceNumber is not { } number)
        {
            return Notifications(pending.Where(item => item.Event is { } happened && ((search.Event ?? happened) & happened) != 0));
        }

        var found = pending.Where(item => item.SequenceNumber == number).ToList();
        return found is [{ IsPackageResult: true }] ? Results(found) : Notifications(found);
    }

    private static RetrieveNotificationsListResponse Results(IEnumerable<PendingItem> items) =>
        new(null, [.. items.Select(item => BerMessage.Decode<EuiccPackageResult>(item.Encoded))]);

    private static RetrieveNotificationsListResponse Notifications(IEnumerable<PendingItem> items) =>
        new([.. items.Select(item => BerMessage.Decode<PendingNotification>(item.Encoded))]);
}
