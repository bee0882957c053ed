using OpenEim.Manager.Packages;
using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>
/// Bounds the sessions that devices begin without saying which eUICC they are (SGP.32 v1.0): in a minute so many from one address, and so many
/// for each download that waits for its SM-DP+. A session no longer counts once its eUICC has proved itself. Sessions that name the transaction
/// of a trigger are bounded too, as anybody may have polled it: for each download, and fewer for each address, so that a stranger uses up only
/// his own.
/// </summary>
internal sealed class UnnamedSessions(Database database, EimOptions options, TimeProvider time)
{
    private const string Count = """
        INSERT INTO relay_unnamed (name, begun, since) VALUES (@Name, 1, @Now)
        ON CONFLICT (name) DO UPDATE SET
            begun = CASE WHEN relay_unnamed.since <= @Before THEN 1 ELSE relay_unnamed.begun + 1 END,
            since = CASE WHEN relay_unnamed.since <= @Before THEN excluded.since ELSE relay_unnamed.since END
        WHERE relay_unnamed.since <= @Before OR relay_unnamed.begun < @Limited
        """;

    private const string Uncount = "UPDATE relay_unnamed SET begun = begun - 1 WHERE name = @Name AND begun > 0";

    private const string Full = "SELECT count(*) FROM relay_unnamed WHERE name = @Name AND since > @Before AND begun >= @Limited";

    /// <summary>How many sessions of one download an address may begin in a minute: an IPA needs one, and begins anew when an answer is lost.</summary>
    private const int MostFromAddress = 8;

    /// <summary>How many sessions of one download there may be in a minute, in all.</summary>
    private const int MostOfDownload = 64;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Counts one more session, before anybody is asked.</summary>
    /// <param name="caller">Who begins it.</param>
    /// <param name="address">With which SM-DP+.</param>
    /// <param name="waiting">How many downloads wait for that.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    /// <returns>False when there are too many.</returns>
    public Task<bool> TryBeginAsync(EsipaCaller caller, SmdpAddress address, int waiting, CancellationToken ct) =>
        TryBeginAsync(To(address, waiting), From(caller), ct);

    /// <summary>Counts one more session of a download that is told by its transaction, before anybody is asked.</summary>
    /// <param name="caller">Who begins it.</param>
    /// <param name="operationId">The download.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    /// <returns>False when there are too many.</returns>
    public Task<bool> TryBeginAsync(EsipaCaller caller, byte[] operationId, CancellationToken ct)
    {
        var name = $"of {Convert.ToHexString(operationId)}";
        return TryBeginAsync(LimitOf(name, MostOfDownload), LimitOf($"{name} from {caller.Address}", MostFromAddress), ct);
    }

    private async Task<bool> TryBeginAsync(Limit to, Limit from, CancellationToken ct)
    {
        // A refusal costs reads only.
        return !await database.ReadAsync(session => IsFullAsync(session, to), ct).ConfigureAwait(false)
            && !await database.ReadAsync(session => IsFullAsync(session, from), ct).ConfigureAwait(false)
            && await database.WriteAsync(session => CountAsync(session, to, from), ct).ConfigureAwait(false);
    }

    /// <summary>The eUICC of one of them has proved itself.</summary>
    public static async ValueTask ProvedAsync(DbSession session, EsipaCaller caller, SmdpAddress address)
    {
        await session.ExecuteAsync(Uncount, new { Name = NameOf(address) }).ConfigureAwait(false);
        await session.ExecuteAsync(Uncount, new { Name = NameOf(caller) }).ConfigureAwait(false);
    }

    private static async ValueTask<bool> CountAsync(DbSession session, Limit to, Limit from)
    {
        if (await session.ExecuteAsync(Count, to).ConfigureAwait(false) == 0)
        {
            return false;
        }

        if (await session.ExecuteAsync(Count, from).ConfigureAwait(false) > 0)
        {
            return true;
        }

        await session.ExecuteAsync(Uncount, new { to.Name }).ConfigureAwait(false);
        return false;
    }

    private static async ValueTask<bool> IsFullAsync(DbSession session, Limit limit) =>
        await session.ExecuteScalarAsync<long>(Full, new { limit.Name, limit.Before, limit.Limited }).ConfigureAwait(false) > 0;

    private Limit To(SmdpAddress address, int waiting) => LimitOf(NameOf(address), (long)options.V10SessionsPerOperation * waiting);

    private Limit From(EsipaCaller caller) => LimitOf(NameOf(caller), options.V10SessionsPerAddress);

    private Limit LimitOf(string name, long limit)
    {
        var now = time.NowMilliseconds();
        return new Limit(name, limit, now, now - (long)Window.TotalMilliseconds);
    }

    private static string NameOf(SmdpAddress address) => $"to {address}";

    private static string NameOf(EsipaCaller caller) => $"from {caller.Address}";

    private sealed record Limit(string Name, long Limited, long Now, long Before);
}
