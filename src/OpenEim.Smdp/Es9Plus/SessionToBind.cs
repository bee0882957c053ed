using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>A session with what it takes to bind its profile.</summary>
internal sealed class SessionToBind : SessionRow
{
    private const string Select = $"""
        SELECT {Columns}, p.profile_type, p.package,
               COALESCE((SELECT d.id FROM delivery d WHERE d.transaction_id = s.transaction_id),
                        (SELECT MAX(d.id) FROM delivery d WHERE d.iccid = s.iccid)) AS earlier_delivery
        FROM session s JOIN profile p ON p.iccid = s.iccid WHERE s.transaction_id = @id
        """;

    public required string ProfileType { get; init; }

    /// <summary>Sealed.</summary>
    public required byte[] Package { get; init; }

    /// <summary>The delivery in this session or else the profile's latest; null when the profile has never left.</summary>
    public long? EarlierDelivery { get; init; }

    public static new ValueTask<SessionToBind?> FindAsync(Database database, TransactionId id, CancellationToken ct) =>
        database.ReadFirstOrDefaultAsync<SessionToBind>(Select, new { id = id.ToBytes() }, ct);
}
