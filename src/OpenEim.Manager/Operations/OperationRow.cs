using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Operations;

/// <summary>The columns of an operation that the engine works with.</summary>
internal sealed class OperationRow
{
    public const string Columns = """
        id, action, iccid, enable, rollback, status, step, created, expiry, deadline, delivered, created_revision, finalized_revision,
        previous_iccid, activation_code, smdp_address, held_iccids, error_reason, error_message, subject_code, reason_code
        """;

    private const int UuidLength = 16;

    public byte[] Id { get; init; } = [];

    public OperationAction Action { get; init; }

    public string? Iccid { get; init; }

    public bool Enable { get; init; }

    public bool Rollback { get; init; }

    public OperationStatus Status { get; init; }

    public int Step { get; init; }

    public long Created { get; init; }

    public long Expiry { get; init; }

    public long Deadline { get; init; }

    public long? Delivered { get; init; }

    public long CreatedRevision { get; init; }

    public long? FinalizedRevision { get; init; }

    public string? PreviousIccid { get; init; }

    /// <summary>Encrypted.</summary>
    public byte[]? ActivationCode { get; init; }

    public string? SmdpAddress { get; init; }

    /// <summary>Of a download: the profiles that were on the card when the trigger left, with a blank between them; null before that.</summary>
    public string? HeldIccids { get; init; }

    public int? ErrorReason { get; init; }

    public string? ErrorMessage { get; init; }

    public string? SubjectCode { get; init; }

    public string? ReasonCode { get; init; }

    /// <summary>Why it failed; before its end, what it will fail with if nothing better comes.</summary>
    public OperationError? Error => ErrorReason is not { } reason ? null : new OperationError(
        reason, ErrorMessage ?? "", SubjectCode is { } subject && ReasonCode is { } code ? new StatusCode(subject, code) : null);

    public bool IsFinal => Status != OperationStatus.Scheduled;

    /// <summary>The id; the empty one where the row holds none, which must not keep the operation from ending.</summary>
    public Guid Uuid => Id.Length == UuidLength ? new Guid(Id, bigEndian: true) : Guid.Empty;
}
