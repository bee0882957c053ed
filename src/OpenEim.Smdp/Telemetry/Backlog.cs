using OpenEim.Storage;

namespace OpenEim.Smdp.Telemetry;

/// <summary>Measures how many reports wait: in the background, never while somebody asks, and no further than a bound.</summary>
/// <remarks>Every node measures the same database: over nodes take the largest, not the sum.</remarks>
internal sealed class Backlog(Database database, SmdpTelemetry telemetry)
{
    private const string Reports = "SELECT count(*) FROM (SELECT 1 FROM progress LIMIT 100000) AS bounded";

    /// <summary>How often it is worth measuring.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Measures once.</summary>
    public async Task MeasureAsync(CancellationToken ct) => telemetry.ProgressPending(
        await database.ReadAsync(session => session.ExecuteScalarAsync<long>(Reports), ct).ConfigureAwait(false));
}
