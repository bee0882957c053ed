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

    private const string IsRequest = "organisation_id = @OrganisationId AND token_id = @TokenId AND request = @Request";

    // Not an upsert: of two nodes that insert at the same time the second must look again, and find the first.
    private const string Insert = """
        INSERT INTO kept_answer (organisation_id, token_id, request, attempt, name, body_hash, created, lease_end)
        VALUES (@OrganisationId, @TokenId, @Request, @Attempt, @Name, @BodyHash, @Now, @LeaseEnd)
        """;

    private const string Replace = $"""
        UPDATE kept_answer SET attempt = @Attempt, name = @Name, body_hash = @BodyHash, created = @Now, lease_end = @LeaseEnd,
               status = NULL, headers = NULL, body = NULL
        WHERE {IsRequest}
        """;

    private const string Store = $"""
        UPDATE kept_answer SET status = @Status, headers = @Headers, body = @Body WHERE {IsRequest} AND attempt = @Attempt AND status IS NULL
        """;

    // Refusals, and what was given up, have changed nothing: those requests may run.
    private const string OfVersionBefore = """
        SELECT count(*) FROM idempotency
        WHERE organisation_id = @OrganisationId AND idempotency_key = @Key AND method = @Method AND path = @Path
          AND created > @oldest AND ((status IS NULL AND lease_end > 0) OR status < 400)
        """;

    private const string Purge = """
        DELETE FROM kept_answer WHERE (organisation_id, token_id, request) IN
            (SELECT organisation_id, token_id, request FROM kept_answer WHERE created <= @oldest LIMIT @limit)
        """;

    private const string PurgeVersionBefore = """
        DELETE FROM idempotency WHERE (organisation_id, idempotency_key, method, path) IN
            (SELECT organisation_id, idempotency_key, method, path FROM idempotency WHERE created <= @oldest LIMIT @limit)
        """;

    private static readonly LockingQuery Known = new(
        $"SELECT name, body_hash, created, lease_end, status, headers, body FROM kept_answer WHERE {IsRequest}");

    private long Now => time.NowMilliseconds();

    private long Oldest => Now - (long)Retention.TotalMilliseconds;

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
                $"UPDATE kept_answer SET lease_end = 0 WHERE {IsRequest} AND attempt = @Attempt AND status IS NULL",
                new { attempt.Request.OrganisationId, attempt.Request.TokenId, Request = attempt.Request.Hash, Attempt = attempt.Id.ToByteArray() }),
            ct);
    }

    /// <summary>Forgets what is older than <see cref="Retention"/>; the host calls it now and then.</summary>
    /// <returns>How many answers were forgotten.</returns>
    public async Task<int> PurgeAsync(CancellationToken ct = default)
    {
        // What a clock dated that was ahead is as old as now: else it would stay until that clock's day.
        var now = Now;
        await database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE kept_answer SET created = @now WHERE created > @believed", new { now, believed = now + (long)Times.ClockTolerance.TotalMilliseconds }),
            ct).ConfigureAwait(false);
        return await PurgeAsync(Purge, ct).ConfigureAwait(false) + await PurgeAsync(PurgeVersionBefore, ct).ConfigureAwait(false);
    }

    private async Task<int> PurgeAsync(string sql, CancellationToken ct)
    {
        var parameters = new { oldest = Oldest, limit = PurgeBatch };
        int total = 0, purged;
        do
        {
            // In batches, so that other writers get their turn.
            purged = await database.WriteAsync(session => session.ExecuteAsync(sql, parameters), ct).ConfigureAwait(false);
            total += purged;
        }
        while (purged == PurgeBatch);

        return total;
    }

    private async ValueTask<IdempotencyDecision> DecideAsync(DbSession session, IdempotentRequest request)
    {
        var row = await session.QueryFirstOrDefaultAsync<Row>(
            Known, new { request.OrganisationId, request.TokenId, Request = request.Hash }).ConfigureAwait(false);
        if (row is null && await session.ExecuteScalarAsync<long>(
            OfVersionBefore, new { request.OrganisationId, request.Key, request.Method, request.Path, oldest = Oldest }).ConfigureAwait(false) > 0)
        {
            return new IdempotencyDecision.OfVersionBefore();
        }

        var isKept = row is not null && row.Created > Oldest;
        var isSame = isKept && CryptographicOperations.FixedTimeEquals(row!.BodyHash, request.BodyHash.Span);
        if (isKept && !isSame && !row!.IsAbandoned)
        {
            return new IdempotencyDecision.Mismatch();
        }

        if (isKept && row!.Status is { } status)
        {
            return new IdempotencyDecision.Replay(new StoredResponse(status, ReadHeaders(row.Headers), row.Body));
        }

        return isKept && time.IsBefore(row!.LeaseEnd, Lease)
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
                request.TokenId,
                Request = request.Hash,
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
            Store,
            new
            {
                attempt.Request.OrganisationId,
                attempt.Request.TokenId,
                Request = attempt.Request.Hash,
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
        public required byte[] Name { get; init; }

        public required byte[] BodyHash { get; init; }

        public long Created { get; init; }

        public long LeaseEnd { get; init; }

        public int? Status { get; init; }

        public string? Headers { get; init; }

        public byte[]? Body { get; init; }

        public bool IsAbandoned => Status is null && LeaseEnd == 0;
    }
}
