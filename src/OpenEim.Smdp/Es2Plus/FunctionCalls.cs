using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>Runs the functions of ES2+, each in one transaction; a call that is repeated gets the answer of the first time (SGP.22 5.2.5).</summary>
internal sealed class FunctionCalls(Database database, TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    /// <summary>Runs a function unless this very call was answered before.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="header">Who calls, and which call it is.</param>
    /// <param name="body">The request as received: a call identifier that comes with another body is another call.</param>
    /// <param name="run">Changes what it has to and gives the answer in JSON, or throws, which undoes everything.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    public Task<byte[]> RunAsync(
        string function, FunctionRequestHeader header, ReadOnlyMemory<byte> body, Func<DbSession, long, ValueTask<byte[]>> run, CancellationToken ct)
    {
        var key = new
        {
            requester = header.FunctionRequesterIdentifier,
            call = header.FunctionCallIdentifier,
            hash = SHA256.HashData([.. System.Text.Encoding.UTF8.GetBytes(function), 0, .. body.Span]),
        };
        return database.WriteAsync(
            async session =>
            {
                await TakeTurnAsync(session, key.hash).ConfigureAwait(false);
                var earlier = await session.QueryFirstOrDefaultAsync<byte[]>(
                    "SELECT answer FROM function_call WHERE requester = @requester AND call_identifier = @call AND request_hash = @hash", key).ConfigureAwait(false);
                if (earlier is not null)
                {
                    return earlier;
                }

                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var answer = await run(session, now).ConfigureAwait(false);
                await session.ExecuteAsync(
                    "INSERT INTO function_call (requester, call_identifier, request_hash, answer, created) VALUES (@requester, @call, @hash, @answer, @now)",
                    new { key.requester, key.call, key.hash, answer, now }).ConfigureAwait(false);
                return answer;
            },
            ct);
    }

    /// <summary>The same call may reach two nodes at the same instant: the second waits until the first has its answer.</summary>
    private static async ValueTask TakeTurnAsync(DbSession session, byte[] hash)
    {
        if (session.Engine == DbEngine.Postgres)
        {
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(@turn)", new { turn = BinaryPrimitives.ReadInt64BigEndian(hash) }).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets calls that nobody repeats any more.</summary>
    public async ValueTask SweepAsync(DbSession session) => await session.ExecuteAsync(
        "DELETE FROM function_call WHERE created < @before",
        new { before = (time.GetUtcNow() - Memory).ToUnixTimeMilliseconds() }).ConfigureAwait(false);

    /// <summary>The profile of a request, locked.</summary>
    /// <exception cref="FunctionFailedException">It is not in stock.</exception>
    public static async ValueTask<OrderRow> GetProfileAsync(DbSession session, string iccid) =>
        await OrderStore.LockAsync(session, iccid).ConfigureAwait(false)
            ?? throw new FunctionFailedException(StatusCodes.UnknownIccid, "there is no such profile", iccid);
}
