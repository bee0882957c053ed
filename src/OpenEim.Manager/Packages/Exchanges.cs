using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>Finds what was sent, by what comes back.</summary>
/// <remarks>
/// First among the exchanges of the day that the transaction's id tells: PostgreSQL has a partition for each month and so looks into one.
/// What is not there was made by a version whose ids do not tell the day, or never: then all are looked into.
/// </remarks>
internal sealed class Exchanges(TransactionIds transactionIds)
{
    private const string OfThatDay = " AND exchange.created >= @From AND exchange.created < @Until";

    private const string KeyOf = $"""
        SELECT euicc.public_key, euicc.association_token, exchange.request
        FROM euicc LEFT JOIN exchange ON exchange.eid = euicc.eid AND exchange.transaction_id = @Id{OfThatDay}
        WHERE euicc.eid = @Eid
        """;

    public ValueTask<Exchange?> FindAsync(LockedEuicc euicc, byte[] id) => FindAsync<Exchange>(euicc.Session, Exchange.Columns, euicc.EidBytes, id);

    /// <summary>By the id that the device returned or, as v1.0 devices leave it out of errors, by the counter.</summary>
    public ValueTask<Exchange?> FindAsync(LockedEuicc euicc, TransactionId? id, long counter) => id is { } present
        ? FindAsync(euicc, present.ToBytes())
        : euicc.Session.QueryFirstOrDefaultAsync<Exchange>(
            $"SELECT {Exchange.Columns} FROM exchange WHERE eid = @Eid AND counter = @Counter ORDER BY created DESC LIMIT 1",
            new { Eid = euicc.EidBytes, Counter = counter });

    /// <summary>The operation that a transaction serves, without a lock.</summary>
    public ValueTask<byte[]?> FindOperationAsync(DbSession session, Eid eid, TransactionId id) =>
        FindAsync<byte[]>(session, "operation_id", eid.ToBytes(), id.ToBytes());

    /// <summary>What a result is verified with, without a lock; null when nobody has registered the EID.</summary>
    public async ValueTask<ResultKey?> FindKeyAsync(Database database, Eid eid, TransactionId? id, CancellationToken ct)
    {
        var key = eid.ToBytes();
        var transaction = id?.ToBytes() ?? [];
        var (from, until) = transactionIds.DayOf(transaction);
        var found = await database.ReadFirstOrDefaultAsync<ResultKey>(
            KeyOf, new { Eid = key, Id = transaction, From = from, Until = until }, ct).ConfigureAwait(false);
        return found is { Request: null } && id is not null
            ? found with
            {
                Request = await database.ReadAsync(session => FindAtAnyTimeAsync<byte[]>(session, "request", key, transaction), ct).ConfigureAwait(false),
            }
            : found;
    }

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

/// <summary>What the signature of a result is checked with.</summary>
internal sealed record ResultKey
{
    /// <summary>SubjectPublicKeyInfo; null before first contact.</summary>
    public byte[]? PublicKey { get; init; }

    public long? AssociationToken { get; init; }

    /// <summary>The package that is answered, where the result says which.</summary>
    public byte[]? Request { get; init; }
}
