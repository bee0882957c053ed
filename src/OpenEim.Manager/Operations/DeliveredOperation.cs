using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>Cancels an operation that the device has already, where it brings no answer that could be believed.</summary>
internal static class DeliveredOperation
{
    private const string Held = "SELECT count(*) FROM exchange WHERE eid = @Eid AND operation_id = @Id AND answered IS NULL AND held_until IS NOT NULL";

    private const string Cancel = """
        UPDATE operation SET status = 5, updated = @Now, finalized = @Now, finalized_revision = @Revision,
               error_reason = NULL, error_message = NULL, subject_code = NULL, reason_code = NULL
        WHERE eid = @Eid AND id = @Id
        """;

    /// <summary>Whether its package is or was held back, or its outcome is only still looked for.</summary>
    public static async ValueTask<bool> MayBeCanceledAsync(DbSession session, byte[] eid, byte[] id)
    {
        var key = new { Eid = eid, Id = id };
        if (await session.ExecuteScalarAsync<long>(Held, key).ConfigureAwait(false) > 0)
        {
            return true;
        }

        var operation = await session.QueryFirstOrDefaultAsync<OperationRow>(
            $"SELECT {OperationRow.Columns} FROM operation WHERE eid = @Eid AND id = @Id", key).ConfigureAwait(false);
        return operation is { Step: OperationStep.ListAwaited or OperationStep.ListRead } or { Action: OperationAction.Download, Step: DownloadStep.Check };
    }

    /// <summary>Cancels it. It may have run all the same, or run yet: a late result corrects the profiles, and their list is read anew.</summary>
    public static async ValueTask CancelAsync(DbSession session, Eid eid, byte[] id, long now)
    {
        var euicc = await LockedEuicc.LockAsync(session, eid, now).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"eUICC {eid} is locked and not there");
        var operation = await OperationEngine.FindAsync(euicc, id).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"an operation of eUICC {eid} is locked and not there");
        await session.SendAsync(Cancel, new { Eid = euicc.EidBytes, Id = id, Now = now, Revision = euicc.NextRevision() }).ConfigureAwait(false);
        if (operation is { Action: OperationAction.Download, Iccid: { } iccid })
        {
            await ProfileBook.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
            await StockLinks.NotInstalledAsync(euicc, iccid).ConfigureAwait(false);
        }

        if (operation.Action != OperationAction.Audit)
        {
            euicc.Add(EuiccTasks.Synchronise);
        }

        euicc.OperationEnded();
        await euicc.SaveAsync().ConfigureAwait(false);
    }
}
