using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>A session with what it takes to bind its profile.</summary>
/// <param name="TransactionId">Its id.</param>
/// <param name="Iccid">The profile.</param>
/// <param name="OrderId">The order that it is about.</param>
/// <param name="Eid">Of the eUICC.</param>
/// <param name="EuiccCertificate">Verified when the session began.</param>
/// <param name="SmdpSignature2">What the eUICC has signed together with its one-time key.</param>
/// <param name="Cancelled">Whether it was cancelled.</param>
/// <param name="Expiry">Its end, Unix milliseconds.</param>
/// <param name="ProfileType">The profile's type.</param>
/// <param name="Package">The profile package, sealed.</param>
/// <param name="EarlierDelivery">The delivery in this session or else the profile's latest; null when the profile has never left.</param>
internal readonly record struct SessionToBind(
    byte[] TransactionId,
    string Iccid,
    long OrderId,
    byte[] Eid,
    byte[] EuiccCertificate,
    byte[] SmdpSignature2,
    bool Cancelled,
    long Expiry,
    string ProfileType,
    byte[] Package,
    long? EarlierDelivery)
{
    private static readonly RowByKey<SessionToBind> ById = new(
        "session s JOIN profile p ON p.iccid = s.iccid",
        "s.transaction_id",
        """
        s.transaction_id, s.iccid, s.order_id, s.eid, s.euicc_certificate, s.smdp_signature2, s.cancelled, s.expiry, p.profile_type, p.package,
        COALESCE((SELECT d.id FROM delivery d WHERE d.transaction_id = s.transaction_id), (SELECT MAX(d.id) FROM delivery d WHERE d.iccid = s.iccid))
        """,
        row => new SessionToBind(
            row.GetBytes(0),
            row.GetString(1),
            row.GetInt64(2),
            row.GetBytes(3),
            row.GetBytes(4),
            row.GetBytes(5),
            row.GetInt64(6) != 0,
            row.GetInt64(7),
            row.GetString(8),
            row.GetBytes(9),
            row.IsDBNull(10) ? null : row.GetInt64(10)));

    public Eid EuiccId => Protocol.Identifiers.Eid.FromBytes(Eid);

    public static ValueTask<SessionToBind?> FindAsync(Database database, TransactionId id, CancellationToken ct) =>
        database.ReadRowAsync(ById, id.ToBytes(), ct);
}
