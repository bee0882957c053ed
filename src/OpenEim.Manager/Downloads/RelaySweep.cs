using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>Forgets relayed sessions that have ended long ago. Sessions stay a day, as late installation results name them; answers an hour.</summary>
public sealed class RelaySweep(Database database, TimeProvider time)
{
    private const int Batch = 1000;
    private static readonly TimeSpan SessionAge = TimeSpan.FromDays(1);
    private static readonly TimeSpan AnswerAge = TimeSpan.FromHours(1);

    /// <summary>Forgets what is old.</summary>
    public async Task RunOnceAsync(CancellationToken ct = default)
    {
        var now = time.NowMilliseconds();
        await DeleteAsync("relay", "transaction_id", now - (long)SessionAge.TotalMilliseconds, ct).ConfigureAwait(false);
        await DeleteAsync("relay_answer", "request_hash", now - (long)AnswerAge.TotalMilliseconds, ct).ConfigureAwait(false);
    }

    private async Task DeleteAsync(string table, string key, long before, CancellationToken ct)
    {
        var sql = $"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE created < @before LIMIT {Batch})";
        int deleted;
        do
        {
            deleted = await database.WriteAsync(session => session.ExecuteAsync(sql, new { before }), ct).ConfigureAwait(false);
        }
        while (deleted == Batch);
    }
}
