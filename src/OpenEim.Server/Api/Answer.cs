using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace OpenEim.Server.Api;

/// <summary>A complete answer, made before it is sent, so that it can be kept for repetitions of the request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">JSON in UTF-8.</param>
internal sealed record Answer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Those that belong to the answer itself: Link, Location.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static Answer Of<T>(int status, T value, JsonTypeInfo<T> type) => new(status, JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static Answer Of(int status, JsonNode value) => new(status, JsonBody.Encode(value));

    public static Answer Of(ApiException error) => Of(error.Status, error.ToJson());

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentType = JsonBody.ContentType;
        context.Response.ContentLength = Body.Length;
        await context.Response.Body.WriteAsync(Body, context.RequestAborted).ConfigureAwait(false);
    }
}
