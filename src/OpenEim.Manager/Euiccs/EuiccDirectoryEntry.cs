using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Euiccs;

/// <summary>Another organisation, as whoever registered the eUICC named it.</summary>
public sealed record CustomerOrganisation(long? Id, string Name);

/// <summary>An eUICC as its organisation sees it.</summary>
public sealed record EuiccDirectoryEntry
{
    /// <summary>The number that callers know it by.</summary>
    public required long Id { get; init; }

    /// <summary>Its identifier.</summary>
    public required Eid Eid { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>What is known of its profiles, in the order of their ICCIDs.</summary>
    public required IReadOnlyList<EuiccProfile> Profiles { get; init; }

    /// <summary>For people, if it was given one.</summary>
    public string? Name { get; init; }

    /// <summary>Whose device it is, if that was said.</summary>
    public CustomerOrganisation? CustomerOrganisation { get; init; }

    /// <summary>5 for an IoT eUICC.</summary>
    public required int SupportedProfileType { get; init; }

    /// <summary>1 Active.</summary>
    public required int Status { get; init; }

    /// <summary>When an audit last ended.</summary>
    public DateTimeOffset? LastAudited { get; init; }

    /// <summary>When its IPA was last heard of.</summary>
    public DateTimeOffset? LastPolled { get; init; }

    /// <summary>When its profile list was last read.</summary>
    public DateTimeOffset? LastSynced { get; init; }

    /// <summary>Why its device's answers are refused, or do not come; null while nothing is wrong.</summary>
    public EuiccTrouble? Trouble { get; init; }
}

/// <summary>A device brings no answer that could be believed.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Message">Why, as last seen.</param>
public sealed record EuiccTrouble(DateTimeOffset Since, string Message);

/// <summary>A profile as it is known; what the eUICC has not told is null.</summary>
public sealed record EuiccProfile
{
    /// <summary>19 or 20 digits, as the card gives them.</summary>
    public required string Iccid { get; init; }

    /// <summary>Its status.</summary>
    public required ProfileStatus Status { get; init; }

    /// <summary>Whether it is the fallback now.</summary>
    public bool? FallbackAttribute { get; init; }

    /// <summary>Whether it may be the fallback.</summary>
    public bool? FallbackAllowed { get; init; }

    /// <summary>The nickname, else the name that its owner gave it.</summary>
    public string? Name { get; init; }

    /// <summary>The service provider's name.</summary>
    public string? OperatorName { get; init; }

    /// <summary>0 test, 1 provisioning, 2 operational.</summary>
    public int? ProfileClass { get; init; }

    /// <summary>Whether it was on the eUICC from the factory.</summary>
    public bool? Preloaded { get; init; }
}
