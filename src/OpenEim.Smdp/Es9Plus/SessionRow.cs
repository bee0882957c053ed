using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>One eUICC's authenticated session about one order.</summary>
internal sealed class SessionRow
{
    private const string Select = """
        SELECT transaction_id, iccid, order_id, eid, euicc_certificate, request_hash, smdp_signed2, smdp_signature2, cancelled, expiry
        FROM session WHERE transaction_id = @id
        """;

    private const string Insert = """
        INSERT INTO session (transaction_id, iccid, order_id, eid, euicc_certificate, request_hash, smdp_signed2, smdp_signature2, cancelled, expiry)
        VALUES (@TransactionId, @Iccid, @OrderId, @Eid, @EuiccCertificate, @RequestHash, @SmdpSigned2, @SmdpSignature2, @Cancelled, @Expiry)
        """;

    public required byte[] TransactionId { get; init; }

    public required string Iccid { get; init; }

    public long OrderId { get; init; }

    public required byte[] Eid { get; init; }

    /// <summary>Verified when the session began.</summary>
    public required byte[] EuiccCertificate { get; init; }

    public required byte[] RequestHash { get; init; }

    public required byte[] SmdpSigned2 { get; init; }

    public required byte[] SmdpSignature2 { get; init; }

    public bool Cancelled { get; init; }

    public long Expiry { get; init; }

    public Eid EuiccId => Protocol.Identifiers.Eid.FromBytes(Eid);

    public static ValueTask<SessionRow?> FindAsync(DbSession session, TransactionId id) =>
        session.QueryFirstOrDefaultAsync<SessionRow>(Select, new { id = id.ToBytes() });

    /// <summary>The session of a transaction, read alone.</summary>
    public static ValueTask<SessionRow?> FindAsync(Database database, TransactionId id, CancellationToken ct) =>
        database.ReadFirstOrDefaultAsync<SessionRow>(Select, new { id = id.ToBytes() }, ct);

    /// <summary>There is no session of that id, or none that is still alive.</summary>
    public static FunctionFailedException Missing(TransactionId id) =>
        new(StatusCodes.UnknownTransaction, "there is no such session, or it has ended", id.ToString());

    public async ValueTask InsertAsync(DbSession session) => await session.SendAsync(Insert, this).ConfigureAwait(false);
}
