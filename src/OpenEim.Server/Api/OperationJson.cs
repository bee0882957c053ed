using System.Text.Json.Serialization;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>An operation as the API shows it: what is absent is omitted.</summary>
internal sealed record OperationJson
{
    public required Guid Id { get; init; }

    public required DescribedJson Action { get; init; }

    public required DescribedJson Status { get; init; }

    public required DateTimeOffset CreationDate { get; init; }

    public required DateTimeOffset LastUpdatedAt { get; init; }

    public required NamedJson User { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiryDate { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? FinalizationDate { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FailureJson? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IccidWithLuhn { get; init; }

    /// <summary>As it is read.</summary>
    public static OperationJson Of(OperationBookEntry entry) => Scheduled(entry) with { ExpiryDate = entry.Expiry };

    /// <summary>As scheduling answers: without its expiry date.</summary>
    public static OperationJson Scheduled(OperationBookEntry entry) => new()
    {
        Id = entry.Id,
        Action = DescribedJson.Of((int)entry.Action, Descriptions.Action),
        Status = DescribedJson.Of((int)entry.Status, Descriptions.OperationStatus),
        CreationDate = entry.Created,
        LastUpdatedAt = entry.Updated,
        User = new NamedJson(entry.Creator.Id, entry.Creator.Name),
        FinalizationDate = entry.Finalized,
        Error = entry.Failure is { } failure ? new FailureJson(failure.Reason, failure.Message) : null,
        IccidWithLuhn = entry.Iccid,
    };
}

/// <summary>Why an operation failed.</summary>
internal sealed record FailureJson(int Reason, string? Message);
