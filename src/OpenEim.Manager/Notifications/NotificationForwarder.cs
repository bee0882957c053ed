using Microsoft.Extensions.Logging;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Smdps;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Notifications;

/// <summary>Hands stored notifications on to the SM-DP+s that they name (ES9+ HandleNotification), and tries again while one is away.</summary>
/// <remarks>
/// Candidates are read without a lock. One eUICC's are leased together by moving their next attempt: a node that dies leaves them to any
/// other when the lease has run out. An SM-DP+ may so get a notification twice, which the standard allows; never none.
/// </remarks>
public sealed partial class NotificationForwarder(
    Database database, Es9PlusClient es9Plus, Slices slices, TimeProvider time, ILogger<NotificationForwarder> logger, EimTelemetry? telemetry = null)
{
    private const int Parallel = 8;

    private const string Lease = "UPDATE notification SET next_attempt = @Until WHERE eid = @Eid AND sequence_number = @Number";

    private const string Forwarded = """
        UPDATE notification SET forwarded = @Now, next_attempt = NULL, last_error = NULL
        WHERE eid = @Eid AND sequence_number = @Number AND encoded = @Encoded
        """;

    private const string Failed = """
        UPDATE notification SET attempts = attempts + 1, next_attempt = @Next, last_error = @Error
        WHERE eid = @Eid AND sequence_number = @Number AND forwarded IS NULL
        """;

    private static readonly LockingQuery Due = new("""
        SELECT sequence_number, address, encoded, attempts, received FROM notification
        WHERE eid = @Eid AND (next_attempt <= @Now OR next_attempt > @Believed) ORDER BY sequence_number LIMIT 200
        """);

    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromDays(30);

    /// <summary>However old it seems to be: the clock may have been wrong when it came.</summary>
    private const int MinAttempts = 24;

    /// <summary>No next attempt is later; one that seems to be was set by a clock that was ahead, and is due.</summary>
    private long Believed => time.NowMilliseconds() + (long)(LongestDelay + Times.ClockTolerance).TotalMilliseconds;

    /// <summary>Hands on what is due.</summary>
    /// <returns>How many arrived.</returns>
    public async Task<int> RunOnceAsync(CancellationToken ct = default)
    {
        var eids = await database.ReadAsync(CandidatesAsync, ct).ConfigureAwait(false);
        var arrived = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(
            eids,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = ct },
            async (eid, token) => Interlocked.Add(ref arrived, await ForwardAsync(eid, token).ConfigureAwait(false))).ConfigureAwait(false);
        return arrived;
    }

    private async ValueTask<IReadOnlyList<byte[]>> CandidatesAsync(DbSession session)
    {
        var parameters = new { slices = slices.Held, now = time.NowMilliseconds(), believed = Believed };
        var due = await DueAsync("next_attempt <= @now").ConfigureAwait(false);
        var ofClockAhead = await DueAsync("next_attempt > @believed").ConfigureAwait(false);
        return [.. due, .. ofClockAhead.Where(eid => !due.Any(known => known.AsSpan().SequenceEqual(eid)))];

        ValueTask<IReadOnlyList<byte[]>> DueAsync(string condition) => session.QueryAsync<byte[]>(
            $"""
            SELECT DISTINCT eid FROM
                (SELECT eid FROM notification WHERE {session.IsOneOf("slice", "slices")} AND {condition} ORDER BY next_attempt LIMIT 200) due
            """,
            parameters);
    }

    private async Task<int> ForwardAsync(byte[] eid, CancellationToken ct)
    {
        using var span = telemetry?.Start("forward notifications", Eid.FromBytes(eid));
        var arrived = 0;
        var away = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var notification in await LeaseAsync(eid, ct).ConfigureAwait(false))
        {
            // In the order of the card's numbers; what follows one that did not arrive waits with it.
            var error = away.Contains(notification.Address) ? "an earlier one did not arrive" : await SendAsync(notification, ct).ConfigureAwait(false);
            telemetry?.Forwarded(error is null);
            if (error is null)
            {
                arrived++;
            }
            else
            {
                away.Add(notification.Address);
            }

            await ConcludeAsync(eid, notification, error, ct).ConfigureAwait(false);
        }

        return arrived;
    }

    private Task<IReadOnlyList<Row>> LeaseAsync(byte[] eid, CancellationToken ct)
    {
        var now = time.NowMilliseconds();
        return database.WriteAsync(
            async session =>
            {
                var rows = await session.QueryAsync<Row>(Due, new { Eid = eid, Now = now, Believed }).ConfigureAwait(false);
                await session.ExecuteAsync(Lease, rows.Select(row => new
                {
                    Eid = eid,
                    Number = row.SequenceNumber,
                    Until = now + (long)LeaseTime.TotalMilliseconds,
                })).ConfigureAwait(false);
                return rows;
            },
            ct);
    }

    private async Task<string?> SendAsync(Row notification, CancellationToken ct)
    {
        if (!SmdpAddress.TryParse(notification.Address, out var address))
        {
            return "it names no address";
        }

        var trouble = await es9Plus.HandleNotificationAsync(address, notification.Encoded, ct).ConfigureAwait(false);
        return trouble?.ToString();
    }

    private Task<int> ConcludeAsync(byte[] eid, Row notification, string? error, CancellationToken ct)
    {
        var now = time.NowMilliseconds();
        var name = Convert.ToHexString(eid);
        if (error is null)
        {
            LogForwarded(name, notification.SequenceNumber, notification.Address);
            return database.WriteAsync(
                session => session.ExecuteAsync(Forwarded, new { Eid = eid, Number = notification.SequenceNumber, notification.Encoded, Now = now }), ct);
        }

        var delay = Math.Min(LongestDelay.TotalMilliseconds, FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(notification.Attempts, 20)));
        var isOld = now - notification.Received >= GivenUpAfter.TotalMilliseconds && notification.Attempts >= MinAttempts;
        var next = !isOld ? now + (long)delay : (long?)null;
        LogFailed(name, notification.SequenceNumber, notification.Address, error, next is null);
        return database.WriteAsync(
            session => session.ExecuteAsync(Failed, new { Eid = eid, Number = notification.SequenceNumber, Next = next, Error = error }), ct);
    }

    private sealed class Row
    {
        public long SequenceNumber { get; init; }

        public string Address { get; init; } = "";

        public byte[] Encoded { get; init; } = [];

        public int Attempts { get; init; }

        public long Received { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "eUICC {Eid}: notification {SequenceNumber} is at SM-DP+ {Address}")]
    private partial void LogForwarded(string eid, long sequenceNumber, string address);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: notification {SequenceNumber} did not reach SM-DP+ {Address}: {Error}; given up: {IsGivenUp}")]
    private partial void LogFailed(string eid, long sequenceNumber, string address, string error, bool isGivenUp);
}
