using System.Security.Cryptography;
using System.Text.Json;
using OpenEim.Storage;

namespace OpenEim.Manager.Organisations;

/// <summary>Runs a request once, however often a caller repeats it: the first answer is kept for 24 hours.</summary>
/// <remarks>
/// A repetition that comes while the first still runs is told so at once instead of waiting: a wait would hold the
/// caller's connection, and would have to work across nodes. An attempt that neither completed nor was abandoned (its
/// node died) blocks the key for <see cref="Lease"/> only. To make the effect and the answer one, complete within the
/// effect's own transaction; completed apart, a crash between the two lets a repetition run again.
/// </remarks>
public sealed class IdempotencyKeys(Database database, TimeProvider time)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    /// <summary>How long an attempt may run before another may take its place.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private const int PurgeBatch = 1000;

    // Not an upsert: of two nodes that insert at the same time the second must look again, and find the first.
    private const string Insert = """
        INSERT INTO idempotency (organisation_id, idempotency_key, method, path, attempt, name, request_hash, created, lease_end)
        VALUES (@OrganisationId, @Key, @Method, @Path, @Attempt, @Name, @BodyHash, @Now, @LeaseEnd)
        """;

    private const string Replace = """
        UPDATE idempotency SET attempt = @Attempt, name = @Name, request_hash = @BodyHash, created = @Now, lease_end = @LeaseEnd,
               status = NULL, headers = NULL, body = NULL
        WHERE organisation_id = @OrganisationId AND idempotency_key = @Key AND method = @Method AND path = @Path
        """;

    private static readonly LockingQuery Known = new("""
        SELECT name, request_hash, created, lease_end, status, headers, body FROM idempotency
        WHERE organisation_id = @OrganisationId AND idempotency_key = @Key AND method = @Method AND path = @Path
        """);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Decides whether the request runs; of two at the same time exactly one is told to.</summary>
    public async Task<IdempotencyDecision> BeginAsync(IdempotentRequest request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IdempotentRequest.IsValidKey(request.Key))
        {
            throw new ArgumentException($"A key has 1 to {IdempotentRequest.MaxKeyLength} characters.", nameof(request));
        }

        return await database.WriteAsync(session => DecideAsync(session, request), ct).ConfigureAwait(false);
    }

    /// <summary>Keeps the answer, in a transaction of its own.</summary>
    /// <returns>False when the attempt took longer than its lease and another has replaced it.</returns>
    public Task<bool> CompleteAsync(IdempotencyAttempt attempt, StoredResponse response, CancellationToken ct = default) =>
        database.WriteAsync(session => StoreAsync(session, attempt, response), ct);

    /// <summary>Keeps the answer in the transaction that also holds what the request did.</summary>
    /// <exception cref="IdempotencyLostException">Another attempt has replaced this one; let it undo the transaction.</exception>
    public static async ValueTask CompleteAsync(DbSession session, IdempotencyAttempt attempt, StoredResponse response)
    {
        if (!await StoreAsync(session, attempt, response).ConfigureAwait(false))
        {
            throw new IdempotencyLostException();
        }
    }

    /// <summary>Frees the key of a request that did nothing here, so that a repetition runs: under the same name, for others may have done something.</summary>
    public Task AbandonAsync(IdempotencyAttempt attempt, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return database.WriteAsync(
            session => session.ExecuteAsync(
                """
                UPDATE idempotency SET lease_end = 0
                WHERE organisation_id = @OrganisationId AND idempotency_key = @Key AND method = @Method AND path = @Path
                  AND attempt = @Attempt AND status IS NULL
                """,
                new { attempt.Request.OrganisationId, attempt.Request.Key, attempt.Request.Method, attempt.Request.Path, Attempt = attempt.Id.ToByteArray() }),
            ct);
    }

    /// <summary>Forgets what is older than <see cref="Retention"/>; the host calls it now and then.</summary>
    /// <returns>How many answers were forgotten.</returns>
    public async Task<int> PurgeAsync(CancellationToken ct = default)
    {
        var oldest = Now - (long)Retention.TotalMilliseconds;
        int total = 0, purged;
        do
        {
            // In batches, so that other writers get their turn.
            purged = await database.WriteAsync(
                session => session.ExecuteAsync(
                    """
                    DELETE FROM idempotency WHERE (organisation_id, idempotency_key, method, path) IN
                        (SELECT organisation_id, idempotency_key, method, path FROM idempotency WHERE created <= @oldest LIMIT @limit)
                    """,
                    new { oldest, limit = PurgeBatch }),
                ct).ConfigureAwait(false);
            total += purged;
        }
        while (purged == PurgeBatch);

        return total;
    }

    private async ValueTask<IdempotencyDecision> DecideAsync(DbSession session, IdempotentRequest request)
    {
        var row = await session.QueryFirstOrDefaultAsync<Row>(
            Known,
            new { request.OrganisationId, request.Key, request.Method, request.Path }).ConfigureAwait(false);
        var isKept = row is not null && row.Created + (long)Retention.TotalMilliseconds > Now;
        var isSame = isKept && CryptographicOperations.FixedTimeEquals(row!.RequestHash, request.BodyHash.Span);
        if (isKept && !isSame && !row!.IsAbandoned)
        {
            return new IdempotencyDecision.Mismatch();
        }

        if (isKept && row!.Status is { } status)
        {
            return new IdempotencyDecision.Replay(new StoredResponse(status, ReadHeaders(row.Headers), row.Body));
        }

        return isKept && row!.LeaseEnd > Now
            ? new IdempotencyDecision.InProgress()
            : new IdempotencyDecision.Run(
                await ClaimAsync(session, request, row is null ? Insert : Replace, isSame ? row!.Name : null).ConfigureAwait(false));
    }

    private async ValueTask<IdempotencyAttempt> ClaimAsync(DbSession session, IdempotentRequest request, string sql, byte[]? name)
    {
        var attempt = new IdempotencyAttempt(request, Guid.NewGuid(), name is null ? Guid.NewGuid() : new Guid(name));
        await session.ExecuteAsync(
            sql,
            new
            {
                request.OrganisationId,
                request.Key,
                request.Method,
                request.Path,
                Attempt = attempt.Id.ToByteArray(),
                Name = attempt.Name.ToByteArray(),
                request.BodyHash,
                Now,
                LeaseEnd = Now + (long)Lease.TotalMilliseconds,
            }).ConfigureAwait(false);
        return attempt;
    }

    private static async ValueTask<bool> StoreAsync(DbSession session, IdempotencyAttempt attempt, StoredResponse response) =>
        await session.ExecuteAsync(
            """
            UPDATE idempotency SET status = @Status, headers = @Headers, body = @Body
            WHERE organisation_id = @OrganisationId AND idempotency_key = @Key AND method = @Method AND path = @Path
              AND attempt = @Attempt AND status IS NULL
            """,
            new
            {
                attempt.Request.OrganisationId,
                attempt.Request.Key,
                attempt.Request.Method,
                attempt.Request.Path,
                Attempt = attempt.Id.ToByteArray(),
                response.Status,
                Headers = WriteHeaders(response.Headers),
                Body = response.Body.ToArray(),
            }).ConfigureAwait(false) == 1;

    private static string WriteHeaders(IReadOnlyDictionary<string, string> headers) =>
        JsonSerializer.Serialize(headers.ToDictionary(), HeadersJson.Default.DictionaryStringString);

    private static Dictionary<string, string> ReadHeaders(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, HeadersJson.Default.DictionaryStringString) ?? [];

    private sealed record Row
    {
        public byte[]? Name { get; init; }

        public required byte[] RequestHash { get; init; }

        public long Created { get; init; }

        public long LeaseEnd { get; init; }

        public int? Status { get; init; }

        public string? Headers { get; init; }

        public byte[]? Body { get; init; }

        public bool IsAbandoned => Status is null && LeaseEnd == 0;
    }
}
