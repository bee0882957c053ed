namespace OpenEim.Manager.Operations;

/// <summary>The columns of an operation that the engine works with.</summary>
internal sealed class OperationRow
{
    public const string Columns = """
        id, action, iccid, enable, rollback, status, step, expiry, deadline, delivered, created_revision, finalized_revision, previous_iccid
        """;

    public byte[] Id { get; init; } = [];

    public OperationAction Action { get; init; }

    public string? Iccid { get; init; }

    public bool Enable { get; init; }

    public bool Rollback { get; init; }

    public OperationStatus Status { get; init; }

    public int Step { get; init; }

    public long Expiry { get; init; }

    public long Deadline { get; init; }

    public long? Delivered { get; init; }

    public long CreatedRevision { get; init; }

    public long? FinalizedRevision { get; init; }

    public string? PreviousIccid { get; init; }

    public bool IsFinal => Status != OperationStatus.Scheduled;

    public Guid Uuid => new(Id, bigEndian: true);
}
