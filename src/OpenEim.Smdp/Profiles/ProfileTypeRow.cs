using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Storage;

namespace OpenEim.Smdp.Profiles;

/// <summary>What the profiles of one type have in common, without the template.</summary>
internal sealed class ProfileTypeRow
{
    private const string Select = """
        SELECT name, service_provider_name, profile_name, class, policy_rules, fallback_allowed, replace_session_keys,
               package_length, saip_major, iccid_prefix, imsi_prefix, next_number
        FROM profile_type WHERE name = @name
        """;

    public required string Name { get; init; }

    public required string ServiceProviderName { get; init; }

    public required string ProfileName { get; init; }

    public int Class { get; init; }

    public int PolicyRules { get; init; }

    public bool? FallbackAllowed { get; init; }

    public bool ReplaceSessionKeys { get; init; }

    public long PackageLength { get; init; }

    public int SaipMajor { get; init; }

    public required string IccidPrefix { get; init; }

    public required string ImsiPrefix { get; init; }

    public long NextNumber { get; init; }

    public static ValueTask<ProfileTypeRow?> FindAsync(DbSession session, string name) =>
        session.QueryFirstOrDefaultAsync<ProfileTypeRow>(Select, new { name });

    /// <summary>The metadata of one profile, BF25: the same at every step of a download.</summary>
    /// <param name="iccid">The profile.</param>
    /// <param name="address">Where the eUICC shall send its notifications.</param>
    public byte[] Metadata(string iccid, string address) => new StoreMetadataRequest
    {
        Iccid = Iccid.Parse(iccid),
        ServiceProviderName = ServiceProviderName,
        ProfileName = ProfileName,
        Class = (ProfileClass)Class,
        NotificationConfigurations =
        [
            // The installation is reported by its signed result anyway.
            new NotificationConfiguration(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, address),
        ],
        PolicyRules = PolicyRules == 0 ? null : (ProfilePolicyRules)PolicyRules,
        FallbackAllowed = FallbackAllowed,
    }.Encode();
}
