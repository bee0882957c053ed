using OpenEim.Protocol.Identifiers;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>The profile that an eUICC asks for, found before anything is locked: by then it may be another one.</summary>
internal sealed class WantedProfile
{
    /// <summary>The eUICC's one-time key of the order's latest delivery, as long as its result is awaited; null otherwise.</summary>
    public const string OpenOtpkColumn = """
        (SELECT d.euicc_otpk FROM delivery d
         WHERE d.id = (SELECT MAX(l.id) FROM delivery l WHERE l.iccid = o.iccid) AND d.result IS NULL AND d.segments IS NOT NULL) AS open_otpk
        """;

    private const string Select = $"SELECT o.iccid, CASE WHEN o.confirmation_code IS NULL THEN 0 ELSE 1 END AS needs_code, {OpenOtpkColumn} FROM download_order o";

    private const string ByMatchingId = $"{Select} WHERE o.matching_id = @matchingId";

    // The oldest order that the eUICC may download from its default SM-DP+.
    private const string ByEid = $"""
        {Select} JOIN profile p ON p.iccid = o.iccid
        WHERE o.eid = @eid AND o.matching_id IS NULL AND p.state IN (@released, @downloaded) ORDER BY o.id LIMIT 1
        """;

    public required string Iccid { get; init; }

    public bool NeedsCode { get; init; }

    public byte[]? OpenOtpk { get; init; }

    /// <summary>The profile of a matching id or, without one, of an eUICC's own order; null when there is none.</summary>
    public static ValueTask<WantedProfile?> FindAsync(Database database, string? matchingId, Eid eid, CancellationToken ct) =>
        string.IsNullOrEmpty(matchingId)
            ? database.ReadFirstOrDefaultAsync<WantedProfile>(
                ByEid, new { eid = eid.ToBytes(), released = (int)StockState.Released, downloaded = (int)StockState.Downloaded }, ct)
            : database.ReadFirstOrDefaultAsync<WantedProfile>(ByMatchingId, new { matchingId }, ct);

    /// <summary>Whether an order, locked by now, is still the one that this was found by.</summary>
    public static bool IsStill(OrderRow order, string? matchingId, Eid eid) => string.IsNullOrEmpty(matchingId)
        ? order.HasOrder && order.MatchingId is null && order.Eid.AsSpan().SequenceEqual(eid.ToBytes())
            && order.StockState is StockState.Released or StockState.Downloaded
        : order.MatchingId == matchingId;
}
