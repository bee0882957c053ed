namespace OpenEim.Manager.Organisations;

/// <summary>Whether a token may be used; the API's numbers.</summary>
public enum ApplicationTokenStatus
{
    /// <summary>Logs in until it expires.</summary>
    Activated = 0,

    /// <summary>Never again.</summary>
    Revoked = 1,
}

/// <summary>What a caller chooses about a new token.</summary>
public sealed record NewApplicationToken
{
    /// <summary>For the people who read the list.</summary>
    public string? Description { get; init; }

    /// <summary>When it stops working by itself; never when null.</summary>
    public DateTimeOffset? ExpiryDate { get; init; }

    /// <summary>From where it works; from anywhere when null.</summary>
    public AddressRange? Ip { get; init; }
}

/// <summary>A new token, whose text is shown this one time.</summary>
public sealed record IssuedToken(long Id, string Token);

/// <summary>A token as the list shows it.</summary>
public sealed record ApplicationToken
{
    /// <summary>The token's id, unique in the installation.</summary>
    public required long Id { get; init; }

    /// <summary>For the people who read the list.</summary>
    public string? Description { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Activated, or revoked; an expired token keeps its status.</summary>
    public required ApplicationTokenStatus Status { get; init; }

    /// <summary>When it stops working by itself.</summary>
    public DateTimeOffset? ExpiryDate { get; init; }

    /// <summary>From where it works, in CIDR notation.</summary>
    public string? Ip { get; init; }

    /// <summary>The member who made it.</summary>
    public required long CreatorId { get; init; }

    /// <summary>The name of the member who made it.</summary>
    public required string CreatorName { get; init; }
}
