using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Secrets;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>Finds the download that a device begins through the eIM, and bounds how many sessions may be begun for it.</summary>
internal sealed class WaitingDownloads(
    Database database, TransactionIds transactionIds, EuiccIds euiccIds, ExchangeStore exchanges, DownloadSecrets secrets, UnnamedSessions sessions, EimOptions options)
{
    /// <summary>By the transaction of the trigger; a v1.0 device names none, and is only counted.</summary>
    /// <returns>Null when no download waits.</returns>
    public async ValueTask<WaitingDownload?> FindAsync(TransactionId? transaction, SmdpAddress? asked, EsipaCaller caller, CancellationToken ct)
    {
        if (transaction is { } id)
        {
            return await FindAsync(id, ct).ConfigureAwait(false) is { } download ? new WaitingDownload(download, 1) : null;
        }

        var waiting = asked is not { } address ? 0 : await database.ReadAsync(
            session => RelayedDownload.CountUnnamedAsync(session, address, caller.LastPolled, options.AllowV10), ct).ConfigureAwait(false);
        return waiting > 0 ? new WaitingDownload(new RelayedDownload(null, null, null, null), waiting) : null;
    }

    /// <summary>Anybody may ask, with the transaction of a trigger that they polled, or with none: so sessions whose eUICC has not proved itself are few.</summary>
    public async ValueTask<bool> MayBeginAsync(WaitingDownload waiting, EsipaCaller caller, SmdpAddress address, CancellationToken ct) =>
        waiting.Download.OperationId is { } operationId
            ? await sessions.TryBeginAsync(caller, operationId, ct).ConfigureAwait(false)
            : await sessions.TryBeginAsync(caller, address, waiting.Count, ct).ConfigureAwait(false);

    private async ValueTask<RelayedDownload?> FindAsync(TransactionId transaction, CancellationToken ct) =>
        transactionIds.EuiccIdOf(transaction) is { } euiccId && await euiccIds.FindAsync(database, euiccId, ct).ConfigureAwait(false) is { } eid
            ? await database.ReadAsync(session => FindAsync(session, eid, transaction), ct).ConfigureAwait(false)
            : null;

    private async ValueTask<RelayedDownload?> FindAsync(DbSession session, Eid eid, TransactionId transaction) =>
        await exchanges.FindOperationAsync(session, eid, transaction).ConfigureAwait(false) is { } operationId
            ? await RelayedDownload.FindAsync(session, eid, operationId, secrets).ConfigureAwait(false)
            : null;
}

/// <summary>A download that waits for a device to begin it.</summary>
/// <param name="Download">Without an eUICC where the device does not say which it is.</param>
/// <param name="Count">How many it may be.</param>
internal sealed record WaitingDownload(RelayedDownload Download, int Count);
