using OpenEim.Protocol.Sgp22;

namespace OpenEim.Smdp.Profiles;

/// <summary>What the profiles of one type have in common.</summary>
/// <param name="Name">The profile type, as operators order it.</param>
public sealed record ProfileTypeDefinition(string Name)
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>The profile package (SAIP) that subscribers' data are put into; null for the built-in one.</summary>
    public ReadOnlyMemory<byte>? Template { get; init; }

    /// <summary>Who provides the service; at most 32 characters.</summary>
    public string ServiceProviderName { get; init; } = "OpenEim";

    /// <summary>The profile's name; at most 64 characters. Null for the name of the type.</summary>
    public string? ProfileName { get; init; }

    /// <summary>Test, provisioning or operational.</summary>
    public ProfileClass Class { get; init; } = ProfileClass.Operational;

    /// <summary>The profile policy rules.</summary>
    public ProfilePolicyRules PolicyRules { get; init; }

    /// <summary>Whether the profiles may be fallback profiles (SGP.32); null to say nothing.</summary>
    public bool? FallbackAllowed { get; init; }

    /// <summary>Whether the package is protected with random keys of its own (ReplaceSessionKeys) instead of the session's.</summary>
    public bool ReplaceSessionKeys { get; init; }

    /// <summary>The beginning of generated ICCIDs: 7 to 13 digits. A number follows, and the check digit, to 19 digits.</summary>
    public string IccidPrefix { get; init; } = "8999999";

    /// <summary>The beginning of generated IMSIs: 5 to 8 digits. The same number follows, to 15 digits.</summary>
    public string ImsiPrefix { get; init; } = "99999";
}

/// <summary>One profile in stock, without its package.</summary>
/// <param name="Iccid">Digits.</param>
/// <param name="ProfileType">The type's name.</param>
/// <param name="State">Where it is.</param>
/// <param name="Eid">The eUICC that it was ordered for or delivered to.</param>
/// <param name="MatchingId">Of its order.</param>
public sealed record StockedProfile(string Iccid, string ProfileType, Orders.StockState State, string? Eid, string? MatchingId);
