using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Operations;

/// <summary>Moves operations from Scheduled to their end, one at a time for each eUICC, always under the lock of its row.</summary>
internal sealed partial class OperationEngine(EimOptions options, EimTelemetry telemetry, ILogger<OperationEngine> logger)
{
    private const string ByTurn = $"""
        SELECT {OperationRow.Columns} FROM operation WHERE eid = @Eid AND status = 1 ORDER BY created_revision LIMIT 1
        """;

    private const string Due = $"""
        SELECT {OperationRow.Columns} FROM operation WHERE eid = @Eid AND status = 1 AND deadline <= @Now ORDER BY created_revision
        """;

    private const string ById = $"SELECT {OperationRow.Columns} FROM operation WHERE eid = @Eid AND id = @Id";

    // What was still pending when this operation was made, and has succeeded since.
    private const string SucceededMeanwhile = $"""
        SELECT {OperationRow.Columns} FROM operation
        WHERE eid = @Eid AND finalized_revision > @CreatedRevision AND created_revision < @CreatedRevision AND status = 2
        ORDER BY finalized_revision
        """;

    private const string Finish = """
        UPDATE operation SET status = @Status, finalized = @Now, updated = @Now, finalized_revision = @Revision,
               error_reason = @Reason, error_message = @Message, subject_code = @Subject, reason_code = @Code
        WHERE eid = @Eid AND id = @Id
        """;

    private const string Remember = """
        UPDATE operation SET error_reason = @Reason, error_message = @Message, subject_code = @Subject, reason_code = @Code, updated = @Now
        WHERE eid = @Eid AND id = @Id AND status = 1
        """;

    private const string Delivered = """
        UPDATE operation SET delivered = @Now, updated = @Now, deadline = @Deadline WHERE eid = @Eid AND id = @Id
        """;

    private const string SetStep = "UPDATE operation SET step = @Step, updated = @Now WHERE eid = @Eid AND id = @Id";

    private const string LastNote = """
        SELECT note FROM exchange WHERE eid = @Eid AND operation_id = @Id AND note IS NOT NULL ORDER BY created DESC LIMIT 1
        """;

    /// <summary>The operation whose turn it is; those that are overdue or contradicted end on the way.</summary>
    public async ValueTask<OperationRow?> NextAsync(LockedEuicc euicc)
    {
        while (await euicc.Session.QueryFirstOrDefaultAsync<OperationRow>(ByTurn, new { Eid = euicc.EidBytes }).ConfigureAwait(false) is { } next)
        {
            if (next.Deadline <= euicc.Now)
            {
                await EndOverdueAsync(euicc, next).ConfigureAwait(false);
            }
            else if (next.Delivered is null && await ContradictionAsync(euicc, next).ConfigureAwait(false) is { } contradiction)
            {
                await EndAsync(euicc, next, OperationStatus.Failed, contradiction).ConfigureAwait(false);
            }
            else
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>One operation, whatever its status.</summary>
    public static ValueTask<OperationRow?> FindAsync(LockedEuicc euicc, byte[] id) =>
        euicc.Session.QueryFirstOrDefaultAsync<OperationRow>(ById, new { Eid = euicc.EidBytes, Id = id });

    /// <summary>Its package leaves: from now on it waits for the result, for its validity or a while longer.</summary>
    public async ValueTask MarkDeliveredAsync(LockedEuicc euicc, OperationRow operation)
    {
        var deadline = Math.Max(operation.Expiry, euicc.Now + (long)options.ResultPatience.TotalMilliseconds);
        await euicc.Session.SendAsync(Delivered, new { Eid = euicc.EidBytes, operation.Id, euicc.Now, Deadline = deadline }).ConfigureAwait(false);
    }

    /// <summary>It goes on with another of its exchanges.</summary>
    public static async ValueTask GoToAsync(LockedEuicc euicc, OperationRow operation, int step) =>
        await euicc.Session.SendAsync(SetStep, new { Eid = euicc.EidBytes, operation.Id, Step = step, euicc.Now }).ConfigureAwait(false);

    /// <summary>Keeps what it will have failed with if nothing better comes; null forgets that.</summary>
    public static async ValueTask RememberAsync(LockedEuicc euicc, OperationRow operation, OperationError? error) => await euicc.Session.SendAsync(
        Remember,
        new
        {
            Eid = euicc.EidBytes,
            operation.Id,
            euicc.Now,
            error?.Reason,
            error?.Message,
            error?.Refusal?.Subject,
            Code = error?.Refusal?.Reason,
        }).ConfigureAwait(false);

    /// <summary>It has come to its end, with an error exactly when it failed.</summary>
    public async ValueTask EndAsync(LockedEuicc euicc, OperationRow operation, OperationStatus status, OperationError? error = null)
    {
        await euicc.Session.SendAsync(Finish, new
        {
            Eid = euicc.EidBytes,
            operation.Id,
            Status = (int)status,
            euicc.Now,
            Revision = euicc.NextRevision(),
            error?.Reason,
            error?.Message,
            error?.Refusal?.Subject,
            Code = error?.Refusal?.Reason,
        }).ConfigureAwait(false);
        if (!operation.IsFinal)
        {
            euicc.OperationEnded();
            telemetry.Ended(OperationTags.Of(operation.Action), OperationTags.Of(status), operation.Created, operation.Delivered, euicc.Now);
        }

        LogEnded(euicc.Eid, operation.Uuid, operation.Action, status, error?.Message);
    }

    /// <summary>Ends what has waited too long: undelivered it has expired, delivered it has failed.</summary>
    public async ValueTask<int> EndOverdueAsync(LockedEuicc euicc)
    {
        var due = await euicc.Session.QueryAsync<OperationRow>(Due, new { Eid = euicc.EidBytes, euicc.Now }).ConfigureAwait(false);
        foreach (var operation in due)
        {
            await EndOverdueAsync(euicc, operation).ConfigureAwait(false);
        }

        return due.Count;
    }

    private async ValueTask EndOverdueAsync(LockedEuicc euicc, OperationRow operation)
    {
        if (operation.Delivered is null)
        {
            await EndAsync(euicc, operation, OperationStatus.Expired).ConfigureAwait(false);
            return;
        }

        if (operation.Error is { } remembered)
        {
            await EndAsync(euicc, operation, OperationStatus.Failed, remembered).ConfigureAwait(false);
            return;
        }

        var note = await euicc.Session.ExecuteScalarAsync<string?>(LastNote, new { Eid = euicc.EidBytes, operation.Id }).ConfigureAwait(false);
        await EndAsync(euicc, operation, OperationStatus.Failed, OperationError.OfNote(note, OperationError.NoResult)).ConfigureAwait(false);
    }

    private static async ValueTask<OperationError?> ContradictionAsync(LockedEuicc euicc, OperationRow operation)
    {
        if (operation.CreatedRevision == euicc.Revision)
        {
            // Nothing has been made or has ended since.
            return null;
        }

        var succeeded = await euicc.Session.QueryAsync<OperationRow>(
            SucceededMeanwhile, new { Eid = euicc.EidBytes, operation.CreatedRevision }).ConfigureAwait(false);
        foreach (var winner in succeeded)
        {
            if (Contradiction.Between(winner, operation) is { } why)
            {
                return OperationError.Contradicted(winner.Uuid, why);
            }
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: operation {Operation} ({Action}) is {Status}. {Error}")]
    private partial void LogEnded(Eid eid, Guid operation, OperationAction action, OperationStatus status, string? error);
}
