using OpenEim.Storage;

namespace OpenEim.Smdp.Orders;

/// <summary>The SQL of profiles and their orders. Every change runs inside its caller's transaction.</summary>
internal static class OrderStore
{
    /// <summary>What an <see cref="OrderRow"/> consists of.</summary>
    public const string Columns = """
        p.iccid, p.profile_type, p.state, p.eid AS delivered_to, o.requester, o.eid, o.matching_id, o.confirmation_code,
        o.expiry, o.downloads, o.confirmation_failures, o.id AS order_id
        """;

    /// <summary>One profile, @iccid, and its order.</summary>
    public const string From = "FROM profile p LEFT JOIN download_order o ON o.iccid = p.iccid WHERE p.iccid = @iccid";

    private const string Select = $"SELECT {Columns} {From}";

    // The order is read after the profile is locked, not with it: only what a statement locks is read as it is after the wait.
    private static readonly LockingQuery Lock = new("SELECT iccid FROM profile WHERE iccid = @iccid");

    private static readonly LockingQuery Available = new(
        "SELECT iccid FROM profile WHERE profile_type = @profileType AND state = @state ORDER BY iccid LIMIT 1", skipLocked: true);

    /// <summary>The profile and its order, which nobody else changes until the write ends; null when there is no such profile.</summary>
    public static ValueTask<OrderRow?> LockAsync(DbSession session, string iccid) =>
        session.LockAndQueryAsync<OrderRow>(Lock, Select, new { iccid });

    /// <summary>As the other, together with what else a function needs to know.</summary>
    /// <param name="session">The write.</param>
    /// <param name="query">What is read.</param>
    /// <param name="parameters">@iccid and what the query has besides.</param>
    public static async ValueTask<T?> LockAsync<T>(DbSession session, OrderQuery<T> query, object parameters)
        where T : OrderRow =>
        await session.QueryFirstOrDefaultAsync<T>(query.Ordered, parameters).ConfigureAwait(false)
        ?? await session.LockAndQueryAsync<T>(Lock, query.Any, parameters).ConfigureAwait(false);

    /// <summary>The profile and its order; null when there is no such profile.</summary>
    public static ValueTask<OrderRow?> FindAsync(DbSession session, string iccid) =>
        session.QueryFirstOrDefaultAsync<OrderRow>(Select, new { iccid });

    /// <summary>Whether an order has a matching id.</summary>
    public static async ValueTask<bool> IsUsedAsync(DbSession session, string matchingId) =>
        await session.ExecuteScalarAsync<string>(
            "SELECT iccid FROM download_order WHERE matching_id = @matchingId", new { matchingId }).ConfigureAwait(false) is not null;

    /// <summary>Any profile of a type that nobody has ordered, locked; those that others are about to order are passed over.</summary>
    public static ValueTask<string?> FindAvailableAsync(DbSession session, string profileType) =>
        session.QueryFirstOrDefaultAsync<string>(Available, new { profileType, state = (int)StockState.Available });

    /// <summary>Moves a profile from one state to another.</summary>
    public static async ValueTask SetStateAsync(DbSession session, string iccid, StockState state, long now) =>
        await session.SendAsync(
            "UPDATE profile SET state = @state, modified = @now WHERE iccid = @iccid", new { iccid, state = (int)state, now }).ConfigureAwait(false);

    /// <summary>Records the one eUICC that the package goes to.</summary>
    public static async ValueTask SetDeliveredAsync(DbSession session, string iccid, byte[] eid, long now)
    {
        await session.SendAsync(
            "UPDATE profile SET state = @state, eid = @eid, modified = @now WHERE iccid = @iccid",
            new { iccid, eid, state = (int)StockState.Downloaded, now }).ConfigureAwait(false);
        await session.SendAsync(
            "UPDATE download_order SET downloads = downloads + 1, modified = @now WHERE iccid = @iccid", new { iccid, now }).ConfigureAwait(false);
    }

    /// <summary>Makes the order of a profile that has none.</summary>
    public static async ValueTask InsertAsync(DbSession session, string iccid, string requester, byte[]? eid, long now) =>
        await session.SendAsync(
            """
            INSERT INTO download_order (iccid, requester, eid, downloads, confirmation_failures, created, modified)
            VALUES (@iccid, @requester, @eid, 0, 0, @now, @now)
            """,
            new { iccid, requester, eid, now }).ConfigureAwait(false);

    /// <summary>Ends an order.</summary>
    public static async ValueTask DeleteAsync(DbSession session, string iccid) =>
        await session.SendAsync("DELETE FROM download_order WHERE iccid = @iccid", new { iccid }).ConfigureAwait(false);

    /// <summary>Frees a profile that is certainly on no eUICC for another one.</summary>
    public static async ValueTask ForgetEuiccAsync(DbSession session, string iccid) =>
        await session.SendAsync("UPDATE profile SET eid = NULL WHERE iccid = @iccid", new { iccid }).ConfigureAwait(false);

    /// <summary>Whether a package of the profile has left that may have been installed: no signed failure answers it.</summary>
    public static async ValueTask<bool> MayBeInstalledAsync(DbSession session, string iccid) =>
        await session.ExecuteScalarAsync<long>(
            "SELECT COUNT(*) FROM delivery WHERE iccid = @iccid AND (result IS NULL OR result <> 0)", new { iccid }).ConfigureAwait(false) > 0;
}
