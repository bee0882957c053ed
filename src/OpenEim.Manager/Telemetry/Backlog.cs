using OpenEim.Storage;

namespace OpenEim.Manager.Telemetry;

/// <summary>Measures how much waits: in the background, never while somebody asks, and no further than a bound, so that it costs little whatever there is.</summary>
/// <remarks>Every node measures the same database: over nodes take the largest, not the sum.</remarks>
public sealed class Backlog(Database database, EimTelemetry telemetry, TimeProvider time)
{
    private const string Operations = """
        SELECT count(*) FROM (SELECT 1 FROM operation WHERE status = 1 AND deadline >= 0 LIMIT 100000) AS bounded
        """;

    private const string Notifications = """
        SELECT count(*) FROM (SELECT 1 FROM notification WHERE next_attempt <= @Now LIMIT 100000) AS bounded
        """;

    /// <summary>How often it is worth measuring.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Measures once.</summary>
    public async Task MeasureAsync(CancellationToken ct = default)
    {
        var (operations, notifications) = await database.ReadAsync(
            async session => (
                await session.ExecuteScalarAsync<long>(Operations).ConfigureAwait(false),
                await session.ExecuteScalarAsync<long>(Notifications, new { Now = time.NowMilliseconds() }).ConfigureAwait(false)),
            ct).ConfigureAwait(false);
        telemetry.Waiting(operations, notifications);
    }
}
