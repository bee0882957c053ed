using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Secrets;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Stock;

/// <summary>What is read of a profile in stock.</summary>
internal sealed class StockRow
{
    /// <summary>What the eUICC signs counts more than what the SM-DP+ tells.</summary>
    public const string StatusColumn = "COALESCE(p.status, s.status)";

    public const string From = """
        FROM stock_profile s LEFT JOIN profile p ON p.eid = s.eid AND p.iccid = s.iccid
             LEFT JOIN euicc e ON e.eid = s.eid AND e.organisation_id = s.organisation_id
        """;

    public const string Select = $"""
        SELECT s.iccid, {StatusColumn} AS status, s.profile_type, s.smdp_address, s.eid, e.id AS euicc_id, s.created, s.updated, s.activation_code
        {From}
        """;

    public string Iccid { get; init; } = "";

    public ProfileStatus Status { get; init; }

    public string? ProfileType { get; init; }

    public string SmdpAddress { get; init; } = "";

    public byte[]? Eid { get; init; }

    public long? EuiccId { get; init; }

    public long Created { get; init; }

    public long Updated { get; init; }

    public byte[]? ActivationCode { get; init; }

    public Eid? KnownEid => Eid is { } eid ? Protocol.Identifiers.Eid.FromBytes(eid) : null;

    public StockEntry ToEntry(DownloadSecrets? secrets = null) => new()
    {
        Iccid = Iccid,
        Status = Status,
        ProfileType = ProfileType,
        SmdpAddress = SmdpAddress,
        Eid = KnownEid,
        EuiccId = EuiccId,
        Created = Created.ToTime(),
        Updated = Updated.ToTime(),
        ActivationCode = ActivationCode is { } code ? secrets?.Unprotect(Iccid, code) : null,
    };
}
