using OpenEim.Smdp.Es2Plus;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>Removes what is over: sessions past their time, whose ids are refused by then, and calls that nobody repeats.</summary>
internal sealed class Sweep(Database database, FunctionCalls calls, TimeProvider time)
{
    public Task RunOnceAsync(CancellationToken ct) => database.WriteAsync(
        async session =>
        {
            await session.ExecuteAsync(
                "DELETE FROM session WHERE expiry < @now", new { now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false);
            await calls.SweepAsync(session).ConfigureAwait(false);
        },
        ct);
}
