using Microsoft.Extensions.Logging;
using OpenEim.Manager.Nodes;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>How long what has happened is kept.</summary>
/// <param name="Operations">Of operations, after they were made; those without an end stay. On PostgreSQL rounded up to whole months.</param>
/// <param name="Exchanges">Of packages and their answers, after they were made. On PostgreSQL rounded up to whole months.</param>
/// <param name="Notifications">Of notifications that need no forwarding any more, and of what an eUICC has signed and nobody can read, after they came.</param>
public sealed record Retention(TimeSpan Operations, TimeSpan Exchanges, TimeSpan Notifications)
{
    /// <summary>No shorter: what a device has not answered yet must be there when it does.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromDays(31);

    /// <summary>A bit more than a year of operations and notifications, three months of packages.</summary>
    public static Retention Default { get; } = new(TimeSpan.FromDays(400), TimeSpan.FromDays(92), TimeSpan.FromDays(400));
}

/// <summary>Forgets what is older than its retention: whole months on PostgreSQL; row by row, a few eUICCs at a time, elsewhere.</summary>
public sealed partial class History(Database database, Retention retention, Slices slices, TimeProvider time, ILogger<History> logger)
{
    private const int EuiccsAtOnce = 500;

    private const string DeleteOperations = """
        DELETE FROM operation WHERE eid > @after AND eid <= @last AND created < @before AND status <> 1
        """;

    private const string DeleteExchanges = "DELETE FROM exchange WHERE eid > @after AND eid <= @last AND created < @before";

    private const string DeleteNotifications = """
        DELETE FROM notification WHERE eid > @after AND eid <= @last AND received < @before AND next_attempt IS NULL
        """;

    private const string DeleteUnreadable = "DELETE FROM unreadable WHERE eid > @after AND eid <= @last AND received < @before";

    /// <summary>Makes room for what comes, and forgets what is old; one node does it for all.</summary>
    /// <returns>How many months or rows were forgotten.</returns>
    public async Task<long> RunOnceAsync(CancellationToken ct = default)
    {
        if (!slices.HoldsFirst)
        {
            return 0;
        }

        var now = time.NowMilliseconds();
        long forgotten;
        if (database.Engine == DbEngine.Postgres)
        {
            forgotten = await DropMonthsAsync(now, ct).ConfigureAwait(false)
                + await DeleteAsync(
                    ct,
                    (DeleteNotifications, now - (long)retention.Notifications.TotalMilliseconds),
                    (DeleteUnreadable, now - (long)retention.Notifications.TotalMilliseconds)).ConfigureAwait(false);
        }
        else
        {
            forgotten = await DeleteAsync(
                ct,
                (DeleteOperations, now - (long)retention.Operations.TotalMilliseconds),
                (DeleteExchanges, now - (long)retention.Exchanges.TotalMilliseconds),
                (DeleteNotifications, now - (long)retention.Notifications.TotalMilliseconds),
                (DeleteUnreadable, now - (long)retention.Notifications.TotalMilliseconds)).ConfigureAwait(false);
        }

        if (forgotten > 0)
        {
            LogForgotten(forgotten);
        }

        return forgotten;
    }

    private Task<long> DropMonthsAsync(long now, CancellationToken ct) => database.WriteAsync(
        async session =>
        {
            await session.ExecuteScalarAsync<long>("SELECT openeim_extend_history(@now)", new { now }).ConfigureAwait(false);
            return await DropAsync(session, "exchange", now - retention.Exchanges.TotalMilliseconds).ConfigureAwait(false)
                + await DropAsync(session, "operation", now - retention.Operations.TotalMilliseconds).ConfigureAwait(false);
        },
        ct);

    private static ValueTask<long> DropAsync(DbSession session, string table, double before) =>
        session.ExecuteScalarAsync<long>("SELECT openeim_drop_history(@table, @before)", new { table, before = (long)before });

    /// <summary>Walks over all eUICCs, so that no index by age is needed and each transaction is short.</summary>
    private async Task<long> DeleteAsync(CancellationToken ct, params (string Sql, long Before)[] statements)
    {
        byte[] after = [];
        long deleted = 0;
        while (await database.ReadAsync(session => LastOfNextAsync(session, after), ct).ConfigureAwait(false) is { } last)
        {
            var first = after;
            deleted += await database.WriteAsync(
                async session =>
                {
                    long count = 0;
                    foreach (var (sql, before) in statements)
                    {
                        count += await session.ExecuteAsync(sql, new { after = first, last, before }).ConfigureAwait(false);
                    }

                    return count;
                },
                ct).ConfigureAwait(false);
            after = last;
        }

        return deleted;
    }

    private static ValueTask<byte[]?> LastOfNextAsync(DbSession session, byte[] after) => session.ExecuteScalarAsync<byte[]?>(
        "SELECT eid FROM (SELECT eid FROM euicc WHERE eid > @after ORDER BY eid LIMIT @limit) chunk ORDER BY eid DESC LIMIT 1", new { after, limit = EuiccsAtOnce });

    [LoggerMessage(Level = LogLevel.Information, Message = "History: {Count} months or rows were older than their retention and are gone")]
    private partial void LogForgotten(long count);
}
