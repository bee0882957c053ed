using System.Collections;
using System.Diagnostics;

namespace OpenEim.Hosting.Listeners;

/// <summary>The id by which everything about one request is found: in its answer, in every line of the log, in its trace.</summary>
public static class RequestIds
{
    /// <summary>A caller may bring an id of their own, and reads the request's in the answer.</summary>
    public const string Header = "X-Request-Id";

    private const int MaxLength = 128;

    /// <summary>The trace's id, or where there is no trace one like it.</summary>
    public static string New() => (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();

    /// <summary>Whether a caller's id may stand in logs: 1 to 128 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</summary>
    public static bool IsValid(string? id) => id is { Length: > 0 and <= MaxLength }
        && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    /// <summary>Gives the request its id, for REST.</summary>
    public static void Use(IApplicationBuilder app, ILogger logger) => app.Use(async (context, next) =>
    {
        var told = context.Request.Headers[Header];
        var id = told.Count == 1 && IsValid(told[0]) ? told[0]! : New();
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        using (Begin(logger, id))
        {
            await next(context);
        }
    });

    /// <summary>What is logged until the end of the scope bears the id.</summary>
    public static IDisposable? Begin(ILogger logger, string id) => logger.BeginScope(new Scope(id, Activity.Current?.TraceId.ToHexString()));

    private sealed class Scope(string id, string? trace) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        // The trace's id stands apart only where the caller brought another.
        public int Count => trace is null || trace == id ? 1 : 2;

        public KeyValuePair<string, object?> this[int index] => index == 0 ? new("CorrelationId", id) : new("TraceId", trace);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            for (var i = 0; i < Count; i++)
            {
                yield return this[i];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"CorrelationId:{id}";
    }
}
