
namespace OpenEim.Manager.Operations;

/// <summary>What the book reads of an operation.</summary>
internal sealed class OperationBookRow
{
    public const string Select = """
        SELECT o.id, o.action, o.iccid, o.status, o.created, o.updated, o.expiry, o.finalized, o.error_reason, o.error_message,
               o.subject_code, o.reason_code,
               o.creator_id, o.creator_name
        FROM operation o
        """;

    public required byte[] Id { get; init; }

    public OperationAction Action { get; init; }

    public string? Iccid { get; init; }

    public OperationStatus Status { get; init; }

    public long Created { get; init; }

    public long Updated { get; init; }

    public long Expiry { get; init; }

    public long? Finalized { get; init; }

    public int? ErrorReason { get; init; }

    public string? ErrorMessage { get; init; }

    public string? SubjectCode { get; init; }

    public string? ReasonCode { get; init; }

    public long CreatorId { get; init; }

    public required string CreatorName { get; init; }

    public OperationBookEntry ToEntry() => new()
    {
        Id = new Guid(Id, bigEndian: true),
        Action = Action,
        Status = Status,
        Created = Created.ToTime(),
        Updated = Updated.ToTime(),
        Expiry = Expiry.ToTime(),
        Finalized = Finalized.ToTime(),
        Failure = Status == OperationStatus.Failed && ErrorReason is { } reason
            ? new OperationFailure(reason, ErrorMessage, SubjectCode, ReasonCode)
            : null,
        Iccid = Iccid,
        Creator = new OperationCreator(CreatorId, CreatorName),
    };
}
