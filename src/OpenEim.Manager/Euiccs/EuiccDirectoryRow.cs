using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Euiccs;

/// <summary>What the directory reads of an eUICC.</summary>
internal sealed class EuiccDirectoryRow
{
    public const string Select = """
        SELECT e.eid, e.id, e.name, e.customer_org_id, e.customer_org_name, e.supported_profile_type, e.status, e.created, e.modified,
               e.last_audited, e.last_synced, e.trouble_since, e.trouble_message, c.last_polled
        FROM euicc e LEFT JOIN contact c ON c.eid = e.eid
        """;

    public required byte[] Eid { get; init; }

    public long Id { get; init; }

    public string? Name { get; init; }

    public long? CustomerOrgId { get; init; }

    public string? CustomerOrgName { get; init; }

    public int SupportedProfileType { get; init; }

    public int Status { get; init; }

    public long Created { get; init; }

    public long Modified { get; init; }

    public long? LastAudited { get; init; }

    public long? LastSynced { get; init; }

    public long? LastPolled { get; init; }

    public long? TroubleSince { get; init; }

    public string? TroubleMessage { get; init; }

    /// <summary>What a field of the list sorts the row by.</summary>
    public object ValueOf(string field) => field switch
    {
        "id" => Id,
        "eid" => Eid,
        "modified" => Modified,
        "supported_profile_type" => (long)SupportedProfileType,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "No list is sorted by it."),
    };

    public EuiccDirectoryEntry ToEntry(Eid eid, long? unwrittenPoll, IReadOnlyList<EuiccProfile> profiles) => new()
    {
        Id = Id,
        Eid = eid,
        Created = Created.ToTime(),
        Profiles = profiles,
        Name = Name,
        CustomerOrganisation = CustomerOrgName is null ? null : new CustomerOrganisation(CustomerOrgId, CustomerOrgName),
        SupportedProfileType = SupportedProfileType,
        Status = Status,
        LastAudited = LastAudited.ToTime(),
        LastPolled = (unwrittenPoll > LastPolled || LastPolled is null ? unwrittenPoll : LastPolled).ToTime(),
        LastSynced = LastSynced.ToTime(),
        Trouble = TroubleSince is { } since ? new EuiccTrouble(since.ToTime(), TroubleMessage ?? "") : null,
    };
}

/// <summary>What the directory reads of a profile.</summary>
internal sealed class EuiccProfileRow
{
    public const string Select = """
        SELECT eid, iccid, status, fallback_attribute, fallback_allowed, name, operator_name, nickname, profile_class, preloaded FROM profile
        """;

    public required byte[] Eid { get; init; }

    public required string Iccid { get; init; }

    public ProfileStatus Status { get; init; }

    public bool? FallbackAttribute { get; init; }

    public bool? FallbackAllowed { get; init; }

    public string? Name { get; init; }

    public string? OperatorName { get; init; }

    public string? Nickname { get; init; }

    public int? ProfileClass { get; init; }

    public bool? Preloaded { get; init; }

    public EuiccProfile ToProfile() => new()
    {
        Iccid = Iccid,
        Status = Status,
        FallbackAttribute = FallbackAttribute,
        FallbackAllowed = FallbackAllowed,
        Name = string.IsNullOrEmpty(Nickname) ? Name : Nickname,
        OperatorName = OperatorName,
        ProfileClass = ProfileClass,
        Preloaded = Preloaded,
    };
}
