using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Exchanges;

/// <summary>Finds what was sent, by what comes back.</summary>
/// <remarks>
/// First among the exchanges of the day that the transaction's id tells: PostgreSQL has a partition for each month and so looks into one.
/// What is not there was made by a version whose ids do not tell the day, or never: then all are looked into.
/// </remarks>
internal sealed class ExchangeStore(TransactionIds transactionIds)
{
    private const string OfThatDay = " AND exchange.created >= @From AND exchange.created < @Until";

    public ValueTask<Exchange?> FindAsync(LockedEuicc euicc, byte[] id) => FindAsync(euicc.Session, euicc.EidBytes, id);

    /// <summary>
    /// By the id that the device returned, else by the counter: v1.0 devices leave the id out of errors, and one that this eIM never made is none.
    /// </summary>
    public ValueTask<Exchange?> FindAsync(LockedEuicc euicc, TransactionId? id, long? counter) => FindAsync(euicc.Session, euicc.EidBytes, id, counter);

    public ValueTask<Exchange?> FindAsync(DbSession session, byte[] eid, byte[] id) => FindAsync<Exchange>(session, Exchange.Columns, eid, id);

    public async ValueTask<Exchange?> FindAsync(DbSession session, byte[] eid, TransactionId? id, long? counter)
    {
        if (id is { } present && await FindAsync(session, eid, present.ToBytes()).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        return counter is { } told && (id is null || !transactionIds.IsOurs(id.Value))
            ? await session.QueryFirstOrDefaultAsync<Exchange>(
                $"SELECT {Exchange.Columns} FROM exchange WHERE eid = @Eid AND counter = @Counter ORDER BY created DESC LIMIT 1",
                new { Eid = eid, Counter = told }).ConfigureAwait(false)
            : null;
    }

    /// <summary>The operation that a transaction serves, without a lock.</summary>
    public ValueTask<byte[]?> FindOperationAsync(DbSession session, Eid eid, TransactionId id) =>
        FindAsync<byte[]>(session, "operation_id", eid.ToBytes(), id.ToBytes());

    private async ValueTask<T?> FindAsync<T>(DbSession session, string columns, byte[] eid, byte[] id)
        where T : class
    {
        var (from, until) = transactionIds.DayOf(id);
        return await session.QueryFirstOrDefaultAsync<T>(
            $"SELECT {columns} FROM exchange WHERE eid = @Eid AND transaction_id = @Id{OfThatDay}", new { Eid = eid, Id = id, From = from, Until = until }).ConfigureAwait(false)
            ?? await FindAtAnyTimeAsync<T>(session, columns, eid, id).ConfigureAwait(false);
    }

    private static ValueTask<T?> FindAtAnyTimeAsync<T>(DbSession session, string columns, byte[] eid, byte[] id) =>
        session.QueryFirstOrDefaultAsync<T>($"SELECT {columns} FROM exchange WHERE eid = @Eid AND transaction_id = @Id", new { Eid = eid, Id = id });
}
