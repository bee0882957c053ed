using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>
/// Forgets relayed sessions that have ended long ago. Sessions stay a day, as late installation results name them; those whose eUICC has not
/// proved itself, and answers, an hour. What a clock dated that was ahead is as old as now: else it would stay until that clock's day.
/// </summary>
public sealed class RelaySweep(Database database, TimeProvider time)
{
    private const int Batch = 1000;
    private static readonly TimeSpan SessionAge = TimeSpan.FromDays(1);
    private static readonly TimeSpan AnswerAge = TimeSpan.FromHours(1);

    /// <summary>Forgets what is old.</summary>
    public async Task RunOnceAsync(CancellationToken ct = default)
    {
        var now = time.NowMilliseconds();
        var anHourAgo = now - (long)AnswerAge.TotalMilliseconds;
        await RedateAsync("relay", "created", now, ct).ConfigureAwait(false);
        await RedateAsync("relay_answer", "created", now, ct).ConfigureAwait(false);
        await RedateAsync("relay_unnamed", "since", now, ct).ConfigureAwait(false);
        await DeleteAsync("relay", "transaction_id", "created < @before", now - (long)SessionAge.TotalMilliseconds, ct).ConfigureAwait(false);
        await DeleteAsync("relay", "transaction_id", "created < @before AND euicc_key IS NULL", anHourAgo, ct).ConfigureAwait(false);
        await DeleteAsync("relay_answer", "request_hash", "created < @before", anHourAgo, ct).ConfigureAwait(false);
        await DeleteAsync("relay_unnamed", "name", "since < @before", anHourAgo, ct).ConfigureAwait(false);
    }

    private Task<int> RedateAsync(string table, string column, long now, CancellationToken ct) => database.WriteAsync(
        session => session.ExecuteAsync(
            $"UPDATE {table} SET {column} = @now WHERE {column} > @believed", new { now, believed = Times.BelievedAt(now) }),
        ct);

    private async Task DeleteAsync(string table, string key, string condition, long before, CancellationToken ct)
    {
        var sql = $"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {Batch})";
        int deleted;
        do
        {
            deleted = await database.WriteAsync(session => session.ExecuteAsync(sql, new { before }), ct).ConfigureAwait(false);
        }
        while (deleted == Batch);
    }
}
