using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Restoration;

/// <summary>
/// What must be done after a backup was restored and before anybody serves it: eUICCs have gone on meanwhile. Their counters are ahead,
/// so that they would refuse the next packages as replays, and their profiles may be others.
/// </summary>
public sealed class DatabaseRestoration(Database database)
{
    /// <summary>More packages than any device gets between two backups; an eUICC counts to 8388607 at least (SGP.32 2.11.1.1).</summary>
    public const int DefaultSkip = 1000;

    private const int EuiccsAtOnce = 500;

    private const string Next = "SELECT eid FROM (SELECT eid FROM euicc WHERE eid > @after ORDER BY eid LIMIT @limit) chunk ORDER BY eid DESC LIMIT 1";

    private const string Adjust = """
        UPDATE euicc SET counter = counter + @skip, in_flight = NULL, tasks = tasks | @task,
               pending_count = pending_count + CASE WHEN tasks = 0 THEN 1 ELSE 0 END
        WHERE eid > @after AND eid <= @last AND supported_profile_type = @type
        """;

    /// <summary>Lets all counters leave out some values, and lets the profiles of all IoT eUICCs be read anew at their next poll.</summary>
    /// <param name="skip">How many values.</param>
    /// <param name="ct">Ends it between two chunks.</param>
    /// <returns>How many eUICCs.</returns>
    public async Task<long> RunAsync(int skip = DefaultSkip, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        byte[] after = [];
        long adjusted = 0;
        while (await database.ReadAsync(
            session => session.ExecuteScalarAsync<byte[]?>(Next, new { after, limit = EuiccsAtOnce }), ct).ConfigureAwait(false) is { } last)
        {
            var parameters = new { after, last, skip, task = (int)EuiccTasks.Synchronise, type = Descriptions.IotProfileType };
            adjusted += await database.WriteAsync(session => session.ExecuteAsync(Adjust, parameters), ct).ConfigureAwait(false);
            after = last;
        }

        // Whoever held these when the backup was made does not hold them now.
        await database.WriteAsync(async session => await session.ExecuteAsync("UPDATE slice SET holder = NULL, until = 0").ConfigureAwait(false), ct).ConfigureAwait(false);
        return adjusted;
    }
}
