using System.Collections.Immutable;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Notifications;

/// <summary>Puts results and notifications into the card's list.</summary>
internal static class PendingList
{
    /// <summary>How many package results the card keeps; with this many waiting it takes no more packages.</summary>
    public const int MaxResults = 100;

    /// <summary>How many notifications the card keeps; a further one pushes the oldest out, as SGP.22 3.5 allows.</summary>
    public const int MaxNotifications = 100;

    /// <summary>Whether there is room for another package result.</summary>
    public static bool HasRoomForResult(EuiccState state) => state.Pending.Count(item => item.IsPackageResult) < MaxResults;

    /// <summary>Adds a package result under the next sequence number.</summary>
    public static EuiccState AddResult(EuiccState state, byte[] encoded) => Add(state, null, encoded);

    /// <summary>Adds a signed notification for each address that wants to hear of <paramref name="happened"/> to the profile.</summary>
    /// <param name="core">The card.</param>
    /// <param name="state">The state so far.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="happened">One event.</param>
    /// <param name="except">An address that hears of it in another way.</param>
    public static EuiccState Notify(
        EuiccCore core, EuiccState state, StoredProfile profile, NotificationEvents happened, string? except = null)
    {
        foreach (var configuration in profile.Notifications.Where(configuration =>
            (configuration.Events & happened) != 0
            && !string.Equals(configuration.Address, except, StringComparison.OrdinalIgnoreCase)))
        {
            var signed = new NotificationMetadata(
                state.NextSequenceNumber, happened, configuration.Address, Iccid.Parse(profile.Iccid)).Encode();
            var notification = OtherSignedNotification.Create(
                signed, core.Sign(signed), core.Identity.EuiccCertificate, core.Identity.EumCertificate);
            state = Add(WithRoom(state), happened, notification.Encode());
        }

        return state;
    }

    /// <summary>Adds the result of a profile installation, which is a notification of its own form.</summary>
    public static EuiccState AddInstallation(EuiccState state, byte[] encoded) => Add(WithRoom(state), NotificationEvents.Install, encoded);

    /// <summary>Adds the notifications of a switch from one profile to another; either may be null.</summary>
    public static EuiccState NotifySwitch(EuiccCore core, EuiccState state, StoredProfile? from, StoredProfile? to)
    {
        if (from is not null)
        {
            state = Notify(core, state, from, NotificationEvents.Disable);
        }

        return to is null ? state : Notify(core, state, to, NotificationEvents.Enable);
    }

    private static EuiccState Add(EuiccState state, NotificationEvents? happened, byte[] encoded) => state with
    {
        Pending = state.Pending.Add(new PendingItem(state.NextSequenceNumber, happened, encoded)),
        NextSequenceNumber = state.NextSequenceNumber + 1,
        Journal = state.Journal?.With(state.NextSequenceNumber, happened, encoded),
    };

    private static EuiccState WithRoom(EuiccState state)
    {
        ImmutableArray<PendingItem> pending = state.Pending;
        return pending.Count(item => !item.IsPackageResult) < MaxNotifications
            ? state
            : state with { Pending = pending.Remove(pending.First(item => !item.IsPackageResult)) };
    }
}
