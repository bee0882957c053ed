using System.Collections.Concurrent;
using System.Security.Cryptography;
using OpenEim.Manager.Secrets;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>Lets the same relayed request have the same answer, whichever node it reaches, and lets it reach the SM-DP+ once.</summary>
/// <remarks>Answers are kept encrypted: they may hold a matching id or the hash of a confirmation code.</remarks>
internal sealed class RelayAnswers(Database database, DownloadSecrets secrets, TimeProvider time)
{
    // Longer than the first may take: after that it is taken to have died, and a repetition begins anew.
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3.5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Lazy<Task<byte[]?>>> _running = new(StringComparer.Ordinal);

    /// <summary>Of a request's message: the same in whichever binding it comes.</summary>
    public static byte[] HashOf(IBerMessage request) => SHA256.HashData(request.Encode());

    /// <summary>Of what a card reports without a signature: anybody could vary its bytes, so a session has one answer to all of it.</summary>
    public static byte[] HashOfReport(uint function, TransactionId session) =>
        SHA256.HashData([(byte)(function >> 8), (byte)function, .. session.ToBytes()]);

    /// <summary>The first answer, where there is one.</summary>
    public async ValueTask<byte[]?> FindAsync(byte[] hash, CancellationToken ct)
    {
        var row = await database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<Row>("SELECT answer, sealed FROM relay_answer WHERE request_hash = @hash", new { hash }), ct)
            .ConfigureAwait(false);
        return row?.Sealed is { } stored ? secrets.UnprotectAnswer(hash, stored) : row?.Answer;
    }

    /// <summary>Runs once, also when the same request comes again meanwhile: its sender may have lost patience with the first.</summary>
    /// <param name="hash">Of the request.</param>
    /// <param name="run">Keeps its answer with <see cref="KeepAsync"/>, in the transaction of what follows from it; one that is not kept may be tried again.</param>
    /// <param name="ct">Ends the caller's wait; what has begun goes on.</param>
    /// <returns>Null when another node is at it and did not end in time.</returns>
    public async Task<byte[]?> OnceAsync(byte[] hash, Func<Task<byte[]>> run, CancellationToken ct)
    {
        var key = Convert.ToHexString(hash);
        var mine = _running.GetOrAdd(key, _ => new Lazy<Task<byte[]?>>(() => RunAsync(key, hash, run)));
        return await mine.Value.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Keeps the answer.</summary>
    public async ValueTask KeepAsync(DbSession session, byte[] hash, byte[] answer) => await session.ExecuteAsync(
        "UPDATE relay_answer SET sealed = @stored WHERE request_hash = @hash",
        new { hash, stored = secrets.ProtectAnswer(hash, answer) }).ConfigureAwait(false);

    private async Task<byte[]?> RunAsync(string key, byte[] hash, Func<Task<byte[]>> run)
    {
        try
        {
            return await ClaimAsync(hash).ConfigureAwait(false)
                ? await RunClaimedAsync(hash, run).ConfigureAwait(false)
                : await WaitAsync(hash).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    private Task<bool> ClaimAsync(byte[] hash)
    {
        var now = time.NowMilliseconds();
        return database.WriteAsync(async session => await session.ExecuteAsync(
            """
            INSERT INTO relay_answer (request_hash, created) VALUES (@hash, @now)
            ON CONFLICT (request_hash) DO UPDATE SET created = excluded.created
            WHERE relay_answer.answer IS NULL AND relay_answer.sealed IS NULL
                  AND (relay_answer.created <= @stale OR relay_answer.created > @believed)
            """,
            new { hash, now, stale = now - (long)Claim.TotalMilliseconds, believed = Times.BelievedAt(now) }).ConfigureAwait(false) > 0);
    }

    private async Task<byte[]?> RunClaimedAsync(byte[] hash, Func<Task<byte[]>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        finally
        {
            await database.WriteAsync(async session => await session.ExecuteAsync(
                "DELETE FROM relay_answer WHERE request_hash = @hash AND answer IS NULL AND sealed IS NULL", new { hash }).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task<byte[]?> WaitAsync(byte[] hash)
    {
        var begin = time.GetTimestamp();
        while (time.GetElapsedTime(begin) < Patience)
        {
            if (await FindAsync(hash, CancellationToken.None).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }

            await Task.Delay(Look, time).ConfigureAwait(false);
        }

        return null;
    }

    private sealed class Row
    {
        /// <summary>In clear: written by a version before.</summary>
        public byte[]? Answer { get; init; }

        public byte[]? Sealed { get; init; }
    }
}
