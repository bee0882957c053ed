using System.Text.Json.Serialization;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>An eUICC as the API shows it: what is not known is omitted or null, field by field as the contract says.</summary>
internal sealed record EuiccJson
{
    public required long Id { get; init; }

    public required string Eid { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required ProfileJson[] Profile { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NamedJson? CustomerOrg { get; init; }

    public required DescribedJson SupportedProfileType { get; init; }

    public required DescribedJson Status { get; init; }

    public DateTimeOffset? LastAudited { get; init; }

    public DateTimeOffset? LastPolled { get; init; }

    public DateTimeOffset? LastSynced { get; init; }

    public required DescribedJson Eim { get; init; }

    /// <summary>Ours: what whoever registered it called it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Ours: since when and why the device's answers are refused, or do not come.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TroubleJson? Trouble { get; init; }

    public static EuiccJson Of(EuiccDirectoryEntry entry, string eimId) => new()
    {
        Id = entry.Id,
        Eid = entry.Eid.ToString(),
        Created = entry.Created,
        Profile = [.. entry.Profiles.Select(ProfileJson.Of)],
        CustomerOrg = entry.CustomerOrganisation is { } customer ? new NamedJson(customer.Id, customer.Name) : null,
        SupportedProfileType = DescribedJson.Of(entry.SupportedProfileType, Descriptions.SupportedProfileType),
        Status = DescribedJson.Of(entry.Status, Descriptions.EuiccStatus),
        LastAudited = entry.LastAudited,
        LastPolled = entry.LastPolled,
        LastSynced = entry.LastSynced,
        Eim = new DescribedJson(EuiccDirectory.EimNumber, eimId),
        Name = entry.Name,
        Trouble = entry.Trouble is { } trouble ? new TroubleJson(trouble.Since, trouble.Message) : null,
    };
}

/// <summary>What is wrong with a device.</summary>
internal sealed record TroubleJson(DateTimeOffset Since, string Message);

/// <summary>A profile as the API shows it: what is not known is null.</summary>
internal sealed record ProfileJson
{
    public required string IccidWithLuhn { get; init; }

    public required DescribedJson Status { get; init; }

    public NamedJson? CustomerOrg { get; init; }

    public string? Name { get; init; }

    public NamedJson? Operator { get; init; }

    public bool? Preloaded { get; init; }

    public bool? FallbackAllowed { get; init; }

    public bool? FallbackAttribute { get; init; }

    public DescribedJson? ProfileType { get; init; }

    public NamedJson? Endpoint { get; init; }

    public static ProfileJson Of(EuiccProfile profile) => new()
    {
        IccidWithLuhn = profile.Iccid,
        Status = DescribedJson.Of((int)profile.Status, Descriptions.ProfileStatus),
        Name = profile.Name,
        Operator = profile.OperatorName is { } name ? new NamedJson(null, name) : null,
        Preloaded = profile.Preloaded,
        FallbackAllowed = profile.FallbackAllowed,
        FallbackAttribute = profile.FallbackAttribute,
        ProfileType = profile.ProfileClass is { } type ? DescribedJson.Of(type, Descriptions.ProfileClass) : null,
    };
}
