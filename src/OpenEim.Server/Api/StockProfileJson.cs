using System.Text.Json.Serialization;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Stock;

namespace OpenEim.Server.Api;

/// <summary>A profile in stock as the API shows it.</summary>
internal sealed record StockProfileJson
{
    public required string IccidWithLuhn { get; init; }

    public required DescribedJson Status { get; init; }

    public string? ProfileType { get; init; }

    public required string SmdpAddress { get; init; }

    /// <summary>The eUICC that it is for; null for nobody yet.</summary>
    public LinkedEuiccJson? Euicc { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required DateTimeOffset Modified { get; init; }

    /// <summary>A secret: in the answer to the order and when one profile is read, never in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ActivationCode { get; init; }

    public static StockProfileJson Of(StockEntry entry) => new()
    {
        IccidWithLuhn = entry.Iccid,
        Status = DescribedJson.Of((int)entry.Status, Descriptions.ProfileStatus),
        ProfileType = entry.ProfileType,
        SmdpAddress = entry.SmdpAddress,
        Euicc = entry.Eid is { } eid ? new LinkedEuiccJson(entry.EuiccId, eid.ToString()) : null,
        Created = entry.Created,
        Modified = entry.Updated,
        ActivationCode = entry.ActivationCode?.Text,
    };
}

/// <summary>An eUICC that a profile is for; the id is null where it is none of the organisation's.</summary>
internal sealed record LinkedEuiccJson(long? Id, string Eid);
