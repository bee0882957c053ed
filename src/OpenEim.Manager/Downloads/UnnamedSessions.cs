using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>
/// Bounds the sessions of devices that have not proved who they are, counted in windows of one minute. Sessions that name no eUICC (SGP.32 v1.0)
/// are counted for each address, and for each SM-DP+ by the downloads that wait for it. Sessions that name the transaction of a trigger are
/// counted for each download, and for each download and address, because anybody may have polled the trigger. A session no longer counts once
/// its eUICC has proved itself.
/// </summary>
/// <remarks>
/// An address that has begun a session in this minute may not take the second half of what all addresses share: that half is for addresses
/// that have begun none. When all of it is used up, an address that has polled one of the waiting triggers gets a share of its own, of the same size
/// and by the same rule. So a stranger with a few addresses does not shut out a device.
/// </remarks>
internal sealed class UnnamedSessions(Database database, EimOptions options, TimeProvider time)
{
    private const string Count = """
        INSERT INTO relay_unnamed (name, begun, since) VALUES (@Name, 1, @Now)
        ON CONFLICT (name) DO UPDATE SET
            begun = CASE WHEN relay_unnamed.since > @Before AND relay_unnamed.since <= @Believed THEN relay_unnamed.begun + 1 ELSE 1 END,
            since = CASE WHEN relay_unnamed.since > @Before AND relay_unnamed.since <= @Believed THEN relay_unnamed.since ELSE excluded.since END
        WHERE relay_unnamed.since <= @Before OR relay_unnamed.since > @Believed OR relay_unnamed.begun < @Most
        """;

    private const string Uncount = "UPDATE relay_unnamed SET begun = begun - 1 WHERE name = @Name AND begun > 0";

    private const string Begun = "SELECT begun FROM relay_unnamed WHERE name = @Name AND since > @Before AND since <= @Believed";

    // The text of a poller in exchange.pollers. An address holds nothing that LIKE reads as a pattern. Where more downloads wait, the budget
    // that they share is too large to be used up.
    private const string HasPolled = """
        SELECT count(*) FROM (
            SELECT exchange.eid
            FROM (SELECT eid, id FROM operation
                  WHERE smdp_address = @Address AND status = 1 AND action = 2 AND step = 0 AND delivered IS NOT NULL LIMIT 1000) AS waiting
            JOIN exchange ON exchange.eid = waiting.eid AND exchange.operation_id = waiting.id
            WHERE exchange.pollers LIKE @Poller
            LIMIT 1) AS polled
        """;

    /// <summary>How many sessions of one download an address may begin in a minute: an IPA needs one, and begins anew when an answer is lost.</summary>
    private const int MostFromAddress = 8;

    /// <summary>How many sessions of one download there may be in a minute, in all.</summary>
    private const int MostOfDownload = 64;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Counts one more session that names no eUICC, before the SM-DP+ is asked.</summary>
    /// <param name="caller">The sender of the request.</param>
    /// <param name="address">The SM-DP+.</param>
    /// <param name="waiting">How many downloads wait for this SM-DP+.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    /// <returns>False when there are too many.</returns>
    public async Task<bool> TryBeginAsync(EsipaCaller caller, SmdpAddress address, int waiting, CancellationToken ct)
    {
        var most = (long)options.V10SessionsPerOperation * waiting;
        var from = LimitOf(NameOf(caller), options.V10SessionsPerAddress);
        return await TryBeginAsync(LimitOf(NameOf(address), most), from, ct).ConfigureAwait(false)
            || (await database.ReadAsync(session => HasPolledAsync(session, caller, address), ct).ConfigureAwait(false)
                && await TryBeginAsync(LimitOf(NameOfPolled(address), most), from, ct).ConfigureAwait(false));
    }

    /// <summary>Counts one more session of a download that is told by its transaction, before the SM-DP+ is asked.</summary>
    /// <param name="caller">The sender of the request.</param>
    /// <param name="operationId">The download.</param>
    /// <param name="ct">Ends the wait for the database.</param>
    /// <returns>False when there are too many.</returns>
    public Task<bool> TryBeginAsync(EsipaCaller caller, byte[] operationId, CancellationToken ct)
    {
        var name = $"of {Convert.ToHexString(operationId)}";
        return TryBeginAsync(LimitOf(name, MostOfDownload), LimitOf($"{name} from {caller.Address}", MostFromAddress), ct);
    }

    /// <summary>The eUICC of a session that named none has proved itself.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="caller">The sender of the proof.</param>
    /// <param name="address">The SM-DP+.</param>
    /// <param name="now">When, in Unix milliseconds.</param>
    public static async ValueTask ProvedAsync(DbSession session, EsipaCaller caller, SmdpAddress address, long now)
    {
        // Which share the session was counted in is not kept. The second one is used only when the first is used up.
        var polled = new { Name = NameOfPolled(address), Before = BeforeWindow(now) };
        if (await session.ExecuteAsync(Uncount + " AND since > @Before", polled).ConfigureAwait(false) == 0)
        {
            await session.ExecuteAsync(Uncount, new { Name = NameOf(address) }).ConfigureAwait(false);
        }

        await session.ExecuteAsync(Uncount, new { Name = NameOf(caller) }).ConfigureAwait(false);
    }

    private static async ValueTask<bool> HasPolledAsync(DbSession session, EsipaCaller caller, SmdpAddress address) =>
        caller.Address.Length > 0 && await session.ExecuteScalarAsync<long>(
            HasPolled, new { Address = address.ToString(), Poller = $"%\"from\":\"{caller.Address}\"%" }).ConfigureAwait(false) > 0;

    private async Task<bool> TryBeginAsync(Limit shared, Limit from, CancellationToken ct)
    {
        // A refusal costs reads only.
        return await database.ReadAsync(session => HasRoomAsync(session, shared, from), ct).ConfigureAwait(false)
            && await database.WriteAsync(session => CountAsync(session, shared, from), ct).ConfigureAwait(false);
    }

    private static async ValueTask<bool> HasRoomAsync(DbSession session, Limit shared, Limit from)
    {
        var begun = await BegunAsync(session, from).ConfigureAwait(false);
        return begun < from.Most && await BegunAsync(session, shared).ConfigureAwait(false) < shared.MostAfter(begun);
    }

    private static async ValueTask<bool> CountAsync(DbSession session, Limit shared, Limit from)
    {
        // The shared row first: others that count in it wait here, and a caller who is refused leaves no row of their own.
        if (await session.ExecuteAsync(Count, shared).ConfigureAwait(false) == 0)
        {
            return false;
        }

        var begun = await BegunAsync(session, from).ConfigureAwait(false);
        if (await BegunAsync(session, shared).ConfigureAwait(false) <= shared.MostAfter(begun)
            && await session.ExecuteAsync(Count, from).ConfigureAwait(false) > 0)
        {
            return true;
        }

        await session.ExecuteAsync(Uncount, new { shared.Name }).ConfigureAwait(false);
        return false;
    }

    private static async ValueTask<long> BegunAsync(DbSession session, Limit limit) =>
        await session.ExecuteScalarAsync<long?>(Begun, new { limit.Name, limit.Before, limit.Believed }).ConfigureAwait(false) ?? 0;

    private Limit LimitOf(string name, long most)
    {
        var now = time.NowMilliseconds();
        return new Limit(name, most, now, BeforeWindow(now));
    }

    private static long BeforeWindow(long now) => now - (long)Window.TotalMilliseconds;

    private static string NameOf(SmdpAddress address) => $"to {address}";

    private static string NameOfPolled(SmdpAddress address) => $"polled to {address}";

    private static string NameOf(EsipaCaller caller) => $"from {caller.Address}";

    private sealed record Limit(string Name, long Most, long Now, long Before)
    {
        /// <summary>A window that began later was begun by a clock that was ahead, and is over.</summary>
        public long Believed => Times.BelievedAt(Now);

        /// <summary>How much of it an address may use that has begun so many sessions in this minute.</summary>
        public long MostAfter(long begun) => begun > 0 ? Most / 2 : Most;
    }
}
