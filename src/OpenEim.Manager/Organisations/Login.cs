namespace OpenEim.Manager.Organisations;

/// <summary>How a login ended. Callers get one answer for all failures; this is for logs and metrics.</summary>
public enum LoginOutcome
{
    /// <summary>The token is good.</summary>
    Succeeded,

    /// <summary>No such token.</summary>
    Unknown,

    /// <summary>The token was revoked.</summary>
    Revoked,

    /// <summary>The token's time is over.</summary>
    Expired,

    /// <summary>The token does not work from this address.</summary>
    AddressNotAllowed,
}

/// <summary>Who acts, with what right, by which token.</summary>
public sealed record Principal(Organisation Organisation, Member Member, long TokenId)
{
    /// <summary>What the member may do.</summary>
    public Role Role => Member.Role;
}

/// <summary>The end of a login.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Principal">Set when it succeeded, and only then.</param>
public sealed record LoginResult(LoginOutcome Outcome, Principal? Principal);

/// <summary>Whether a token whose login succeeded once may be used now.</summary>
/// <param name="Outcome">As a login now would end.</param>
/// <param name="Role">What its member may do now; means something only where the outcome is a success, or the address alone is wrong.</param>
public readonly record struct TokenUse(LoginOutcome Outcome, Role Role);
