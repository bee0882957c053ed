using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Operations;

/// <summary>An operation to be scheduled, checked as far as it can be without looking at the eUICC's state.</summary>
public sealed record NewOperation
{
    /// <summary>The longest <see cref="Validity"/>.</summary>
    public static readonly TimeSpan MaxValidity = TimeSpan.FromDays(1);

    /// <summary>What to do.</summary>
    public required OperationAction Action { get; init; }

    /// <summary>The profile it is about, for the actions that are about one.</summary>
    public string? Iccid { get; init; }

    /// <summary>Of a download: which profile. One that demands a confirmation code needs <see cref="ConfirmationCode"/>.</summary>
    public ActivationCode? ActivationCode { get; init; }

    /// <summary>Of a download: what the SM-DP+ wants to hear besides. It is kept encrypted and never told again.</summary>
    public ConfirmationCode? ConfirmationCode { get; init; }

    /// <summary>Of a download: whether the profile is enabled then.</summary>
    public bool Enable { get; init; }

    /// <summary>Whether to go back when the new profile has no network.</summary>
    public bool Rollback { get; init; }

    /// <summary>How long it may wait to be delivered.</summary>
    public required TimeSpan Validity { get; init; }
}

/// <summary>On whose behalf an operation is scheduled.</summary>
public sealed record OperationCreator(long Id, string Name);

/// <summary>An operation as its organisation sees it.</summary>
public sealed record OperationBookEntry
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>What it does.</summary>
    public required OperationAction Action { get; init; }

    /// <summary>Where it stands.</summary>
    public required OperationStatus Status { get; init; }

    /// <summary>When it was scheduled.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>Until when it may be delivered.</summary>
    public required DateTimeOffset Expiry { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Finalized { get; init; }

    /// <summary>Why it failed.</summary>
    public OperationFailure? Failure { get; init; }

    /// <summary>The profile it is about.</summary>
    public string? Iccid { get; init; }

    /// <summary>On whose behalf.</summary>
    public required OperationCreator Creator { get; init; }
}

/// <summary>Why an operation failed.</summary>
/// <param name="Reason">A stable number.</param>
/// <param name="Message">In words.</param>
/// <param name="SubjectCode">What the SM-DP+ refused it for, SGP.22 5.2.6.</param>
/// <param name="ReasonCode">Why.</param>
public sealed record OperationFailure(int Reason, string? Message, string? SubjectCode = null, string? ReasonCode = null);

/// <summary>How an attempt to cancel ended.</summary>
public enum CancelOutcome
{
    /// <summary>There is no such operation for this organisation.</summary>
    NotFound,

    /// <summary>It is canceled now.</summary>
    Canceled,

    /// <summary>The device has it already.</summary>
    Delivered,

    /// <summary>It has ended before.</summary>
    Final,
}

/// <summary>How an attempt to cancel ended, and the status that the operation has.</summary>
public readonly record struct CancelResult(CancelOutcome Outcome, OperationStatus Status);
