using System.Text.Json;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server.Api;

/// <summary>Keeps the answer in the transaction that holds what the request did; does nothing for a request without a key.</summary>
internal delegate ValueTask KeepAnswer(DbSession session, Answer answer);

/// <summary>Handles one POST whose body is read.</summary>
internal delegate Task<Answer> PostHandler(HttpContext context, JsonElement body, KeepAnswer keep);

/// <summary>Maps the POSTs: each takes an <c>Idempotency-Key</c>, and a repetition gets the first answer.</summary>
/// <remarks>
/// A key belongs to the application token that used it: others who send the same key send another request. Whether the caller may do it at all
/// is decided before, with every repetition. Refusals (4xx) are answers too and are kept, but for those that say who may not, or not now
/// (401, 403, 429); after an internal error, or a caller who left before the effect, the key is free again. Answers are kept encrypted under
/// the master key, because some hold secrets: an application token, an activation code.
/// </remarks>
internal sealed class IdempotentPosts(IdempotencyKeys keys, MasterKey masterKey)
{
    private const string Header = "Idempotency-Key";
    private const string SecretName = "idempotent answer";

    public IEndpointConventionBuilder Map(WebApplication app, string route, PostHandler handler) =>
        app.MapPost(route, (HttpContext context) => AnswerAsync(context, handler)).WithMetadata(new TakesIdempotencyKey());

    /// <summary>A name that a request and its repetitions share, and no other request of anybody has; null where it carries no key.</summary>
    public static string? NameOf(HttpContext context) => context.Features.Get<IdempotencyAttempt>()?.Name.ToString("N");

    private async Task AnswerAsync(HttpContext context, PostHandler handler)
    {
        var body = await JsonBody.ReadBytesAsync(context).ConfigureAwait(false);
        var answer = context.Request.Headers[Header] is { Count: > 0 } key
            ? await OnceAsync(context, key, body, handler).ConfigureAwait(false)
            : await handler(context, JsonBody.Parse(body), static (_, _) => ValueTask.CompletedTask).ConfigureAwait(false);
        await answer.WriteAsync(context).ConfigureAwait(false);
    }

    private async Task<Answer> OnceAsync(HttpContext context, string? key, byte[] body, PostHandler handler)
    {
        if (!IdempotentRequest.IsValidKey(key))
        {
            throw ApiException.BadRequest($"{Header} must have 1 to {IdempotentRequest.MaxKeyLength} characters");
        }

        var path = context.Request.Path + context.Request.QueryString;
        var request = new IdempotentRequest(
            context.Caller().OrganisationId, context.Caller().TokenId, key!, context.Request.Method, path, IdempotentRequest.HashBody(body));
        return await keys.BeginAsync(request, context.RequestAborted).ConfigureAwait(false) switch
        {
            IdempotencyDecision.Run run => await FirstAsync(context, run.Attempt, body, handler).ConfigureAwait(false),
            IdempotencyDecision.Replay replay => FromStored(replay.Response),
            IdempotencyDecision.Mismatch => throw ApiException.Conflict($"This {Header} was used for another body within the last 24 hours"),
            IdempotencyDecision.OfVersionBefore => throw ApiException.Conflict(
                $"This {Header} was used before the server was upgraded, and it is not known by which application token: use another key"),
            _ => throw ApiException.Conflict($"The first request with this {Header} is still running"),
        };
    }

    private async Task<Answer> FirstAsync(HttpContext context, IdempotencyAttempt attempt, byte[] body, PostHandler handler)
    {
        context.Features.Set(attempt);
        try
        {
            var (answer, isKept) = await RunAsync(context, attempt, body, handler).ConfigureAwait(false);
            if (!isKept)
            {
                // Nothing was changed, so the answer may be kept on its own.
                await keys.CompleteAsync(attempt, ToStored(answer), CancellationToken.None).ConfigureAwait(false);
            }

            return answer;
        }
        catch
        {
            // Frees the key only while no answer is kept: an effect that was committed keeps it.
            await keys.AbandonAsync(attempt, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<(Answer Answer, bool IsKept)> RunAsync(HttpContext context, IdempotencyAttempt attempt, byte[] body, PostHandler handler)
    {
        var isKept = false;
        try
        {
            var answer = await handler(context, JsonBody.Parse(body), KeepAsync).ConfigureAwait(false);
            return (answer, isKept);
        }
        catch (ApiException e) when (IsKept(e.Status))
        {
            return (Answer.Of(e), false);
        }

        async ValueTask KeepAsync(DbSession session, Answer answer)
        {
            await IdempotencyKeys.CompleteAsync(session, attempt, ToStored(answer)).ConfigureAwait(false);
            isKept = true;
        }
    }

    /// <summary>Whether a refusal is the answer to its request, rather than to who asked, or when.</summary>
    private static bool IsKept(int status) => status is < StatusCodes.Status500InternalServerError
        and not (StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests);

    private StoredResponse ToStored(Answer answer) => new(answer.Status, answer.Headers, masterKey.Protect(SecretName, answer.Body.Span));

    private Answer FromStored(StoredResponse stored) =>
        new(stored.Status, masterKey.Unprotect(SecretName, stored.Body.Span)) { Headers = stored.Headers };
}

/// <summary>Marks the POSTs that are repeated safely.</summary>
internal sealed class TakesIdempotencyKey;
