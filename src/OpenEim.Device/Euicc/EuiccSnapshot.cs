using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc;

/// <summary>What a card looks like inside at one moment: for tests and for those who watch a demonstration. It changes nothing.</summary>
/// <param name="Eid">The card.</param>
/// <param name="Profiles">Its profiles, in the order of their installation.</param>
/// <param name="Eims">Its eIMs.</param>
/// <param name="NextSequenceNumber">The number that the next result or notification gets.</param>
/// <param name="PendingResults">Package results that nobody has acknowledged.</param>
/// <param name="PendingNotifications">Notifications that nobody has acknowledged.</param>
/// <param name="ExecutedPackages">Packages accepted and run in the card's life.</param>
/// <param name="DefaultSmdpAddress">The default SM-DP+ address.</param>
/// <param name="RollbackIccid">The profile that ProfileRollback would enable; null when it is not authorised.</param>
/// <param name="ReturnIccid">The profile that ReturnFromFallback would enable.</param>
public sealed record EuiccSnapshot(
    Eid Eid,
    IReadOnlyList<ProfileSnapshot> Profiles,
    IReadOnlyList<EimSnapshot> Eims,
    long NextSequenceNumber,
    int PendingResults,
    int PendingNotifications,
    long ExecutedPackages,
    string? DefaultSmdpAddress,
    Iccid? RollbackIccid,
    Iccid? ReturnIccid)
{
    /// <summary>Non-volatile memory that no downloaded profile takes, in bytes.</summary>
    public int FreeMemory { get; init; }

    /// <summary>What the card has done; null where it keeps no journal.</summary>
    public CardJournal? Journal { get; init; }

    /// <summary>The enabled profile.</summary>
    public Iccid? EnabledProfile => Profiles.FirstOrDefault(profile => profile.State == ProfileState.Enabled)?.Iccid;

    /// <summary>The profile with the fallback attribute.</summary>
    public Iccid? FallbackProfile => Profiles.FirstOrDefault(profile => profile.FallbackAttribute)?.Iccid;
}

/// <summary>A profile in a snapshot.</summary>
public sealed record ProfileSnapshot(Iccid Iccid, ProfileState State, bool FallbackAllowed, bool FallbackAttribute);

/// <summary>An eIM in a snapshot.</summary>
public sealed record EimSnapshot(string EimId, long Counter, long? AssociationToken);
