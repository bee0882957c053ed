using System.Security.Cryptography;
using System.Text;

namespace OpenEim.Manager.Organisations;

/// <summary>A request that carries an <c>Idempotency-Key</c>, as its repetitions are recognised.</summary>
/// <param name="OrganisationId">Whose application token it is.</param>
/// <param name="TokenId">The application token. Keys of different tokens never meet, so that nobody gets an answer that was another's.</param>
/// <param name="Key">The caller's, 1 to <see cref="MaxKeyLength"/> characters.</param>
/// <param name="Method">The same key on another route is another request.</param>
/// <param name="Path">Path and query.</param>
/// <param name="BodyHash">From <see cref="HashBody"/>.</param>
public sealed record IdempotentRequest(
    long OrganisationId, long TokenId, string Key, string Method, string Path, ReadOnlyMemory<byte> BodyHash)
{
    /// <summary>The longest key.</summary>
    public const int MaxKeyLength = 255;

    /// <summary>SHA-256 of key, method and path: what a database finds the request by, however long they are.</summary>
    internal byte[] Hash => SHA256.HashData(Encoding.UTF8.GetBytes($"{Method}\n{Key.Length}\n{Key}{Path}"));

    /// <summary>Whether the caller's key can be used; otherwise the request is malformed.</summary>
    public static bool IsValidKey(string? key) => key is { Length: > 0 and <= MaxKeyLength };

    /// <summary>SHA-256 of the body's bytes as they came.</summary>
    public static byte[] HashBody(ReadOnlySpan<byte> body) => SHA256.HashData(body);
}

/// <summary>The answer that repetitions get.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Those that belong to the answer itself: Location, Link.</param>
/// <param name="Body">As it was sent.</param>
public sealed record StoredResponse(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>What to do with a request that carries a key.</summary>
public abstract record IdempotencyDecision
{
    private IdempotencyDecision()
    {
    }

    /// <summary>First of its kind: run it, then complete or abandon the attempt.</summary>
    public sealed record Run(IdempotencyAttempt Attempt) : IdempotencyDecision;

    /// <summary>A repetition: send this and run nothing.</summary>
    public sealed record Replay(StoredResponse Response) : IdempotencyDecision;

    /// <summary>The first is still running: 409, the caller may ask again.</summary>
    public sealed record InProgress : IdempotencyDecision;

    /// <summary>The key was used for another body: 409.</summary>
    public sealed record Mismatch : IdempotencyDecision;

    /// <summary>Somebody of the organisation used the key with the version before, which did not note who: 409.</summary>
    public sealed record OfVersionBefore : IdempotencyDecision;
}

/// <summary>The right to store the answer to a request.</summary>
/// <param name="Request">Which.</param>
/// <param name="Id">This attempt's own.</param>
/// <param name="Name">What all attempts at the request share, and no request that uses the key again after its answer is forgotten.</param>
public sealed record IdempotencyAttempt(IdempotentRequest Request, Guid Id, Guid Name);
