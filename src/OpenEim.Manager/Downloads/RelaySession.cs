using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>A session between an eUICC and an SM-DP+ that the eIM relays; known by the SM-DP+'s transaction id.</summary>
internal sealed class RelaySession
{
    private const string Select = """
        SELECT transaction_id, address, eid, operation_id, euicc_key, smdp_signature2, metadata FROM relay WHERE transaction_id = @Id
        """;

    private const string Insert = """
        INSERT INTO relay (transaction_id, address, eid, operation_id, package_sent, created)
        VALUES (@TransactionId, @Address, @Eid, @OperationId, 0, @Now)
        ON CONFLICT (transaction_id) DO NOTHING
        """;

    private const string Authenticated = """
        UPDATE relay SET eid = @Eid, operation_id = @OperationId, euicc_key = @EuiccKey, smdp_signature2 = @SmdpSignature2, metadata = @Metadata
        WHERE transaction_id = @TransactionId
        """;

    public byte[] TransactionId { get; init; } = [];

    public string Address { get; init; } = "";

    public byte[]? Eid { get; init; }

    public byte[]? OperationId { get; init; }

    public byte[]? EuiccKey { get; init; }

    public byte[]? SmdpSignature2 { get; init; }

    public byte[]? Metadata { get; init; }

    public Eid? KnownEid => Eid is { } eid ? Protocol.Identifiers.Eid.FromBytes(eid) : null;

    public StoreMetadataRequest? ReadMetadata() => Metadata is { } metadata ? BerMessage.Decode<StoreMetadataRequest>(metadata) : null;

    public SmdpAddress Server => SmdpAddress.TryParse(Address, out var address)
        ? address
        : throw new InvalidOperationException("a relay session holds no SM-DP+ address");

    public static ValueTask<RelaySession?> FindAsync(DbSession session, TransactionId id) =>
        session.QueryFirstOrDefaultAsync<RelaySession>(Select, new { Id = id.ToBytes() });

    /// <summary>Whether a bound profile package of the operation has left for the device.</summary>
    public static async ValueTask<bool> IsPackageSentAsync(LockedEuicc euicc, byte[] operationId) => await euicc.Session.ExecuteScalarAsync<long>(
        "SELECT count(*) FROM relay WHERE eid = @Eid AND operation_id = @Id AND package_sent >= 1",
        new { Eid = euicc.EidBytes, Id = operationId }).ConfigureAwait(false) > 0;

    /// <summary>Takes note that the outcome of the packages that have left is looked for.</summary>
    /// <returns>False when none has left since that was done last.</returns>
    public static async ValueTask<bool> LookForOutcomeAsync(LockedEuicc euicc, byte[] operationId) => await euicc.Session.ExecuteAsync(
        "UPDATE relay SET package_sent = 2 WHERE eid = @Eid AND operation_id = @Id AND package_sent = 1",
        new { Eid = euicc.EidBytes, Id = operationId }).ConfigureAwait(false) > 0;

    /// <summary>Begins a session.</summary>
    /// <returns>False when another one has this id.</returns>
    public static async ValueTask<bool> BeginAsync(DbSession session, TransactionId id, SmdpAddress address, byte[]? eid, byte[]? operationId, long now) =>
        await session.ExecuteAsync(
            Insert,
            new { TransactionId = id.ToBytes(), Address = address.ToString(), Eid = eid, OperationId = operationId, Now = now }).ConfigureAwait(false) > 0;

    /// <summary>The eUICC has proved who it is, and the SM-DP+ has a profile for it.</summary>
    public ValueTask<int> AuthenticatedAsync(DbSession session, byte[] eid, byte[]? operationId, byte[] key, AuthenticateClientOk ok) => session.ExecuteAsync(
        Authenticated,
        new
        {
            TransactionId,
            Eid = eid,
            OperationId = operationId,
            EuiccKey = key,
            SmdpSignature2 = ok.SmdpSignature2.ToArray(),
            Metadata = ok.ProfileMetadata.ToArray(),
        });

    public ValueTask<int> PackageSentAsync(DbSession session) =>
        session.ExecuteAsync("UPDATE relay SET package_sent = 1 WHERE transaction_id = @TransactionId", new { TransactionId });
}
