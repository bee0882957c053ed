using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>Reads and writes the API's JSON, and the headers that come with lists.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    // Never embedded in a page, so angle brackets and the like need no escaping.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static JsonNode? DateOrNull(DateTimeOffset? time) => time is { } present ? Date(present) : null;

    public static JsonObject Described(int id, IReadOnlyDictionary<int, string> descriptions) => new()
    {
        ["id"] = id,
        ["description"] = descriptions.TryGetValue(id, out var text) ? text : "Unknown",
    };

    /// <exception cref="ApiException">400: the body is no JSON.</exception>
    public static async ValueTask<JsonElement> ReadAsync(HttpContext context)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted).ConfigureAwait(false);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest($"The body is not valid JSON: {e.Message}");
        }
    }

    public static async Task WriteAsync(HttpContext context, JsonNode body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(body.ToJsonString(Readable), context.RequestAborted).ConfigureAwait(false);
    }

    /// <exception cref="ApiException">400: a number is none.</exception>
    public static PageRequest PageOf(HttpRequest request)
    {
        var page = Number(request, "page", 1);
        var size = Number(request, "per_page", 100);
        return new PageRequest(Math.Max(page, 1), size < 1 ? 100 : (int)Math.Min(size, 1000));
    }

    public static Task WriteListAsync<T>(HttpContext context, Page<T> page, Func<T, JsonNode> toJson)
    {
        var headers = context.Response.Headers;
        headers["X-Total-Count"] = Text(page.Total);
        headers["X-Total-Pages"] = Text(page.PageCount);
        headers["X-Current-Page"] = Text(page.Shown.Number);
        headers["X-Count-Per-Page"] = Text(page.Shown.Size);
        var query = context.Request.Query;
        if (query["q"] is [{ Length: > 0 } filter, ..])
        {
            headers["X-Filter"] = Ascii(filter);
        }

        headers["X-Sort"] = query["sort"] is [{ Length: > 0 } sort, ..] ? Ascii(sort) : "id";
        headers.Link = string.Join(", ", Links(context.Request, page.Shown, page.PageCount));
        return WriteAsync(context, new JsonArray([.. page.Items.Select(toJson)]));
    }

    public static string Absolute(HttpRequest request, string path) => $"{request.Scheme}://{request.Host}{path}";

    private static IEnumerable<string> Links(HttpRequest request, PageRequest shown, long pages)
    {
        var last = Math.Max(pages, 1);
        (string Relation, long Number)[] relations =
            [("first", 1), ("prev", shown.Number - 1), ("next", shown.Number + 1), ("last", last)];
        var kept = string.Concat(request.Query
            .Where(pair => pair.Key is "q" or "sort")
            .Select(pair => $"&{pair.Key}={Uri.EscapeDataString(pair.Value.ToString())}"));
        return relations
            .Where(relation => relation.Number >= 1 && relation.Number <= last)
            .Select(relation => $"<{Absolute(request, request.Path)}?page={relation.Number}&per_page={shown.Size}{kept}>; rel=\"{relation.Relation}\"");
    }

    private static long Number(HttpRequest request, string name, long fallback) => request.Query[name] is not [{ Length: > 0 } text, ..] ? fallback
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw ApiException.BadRequest($"{name} is not a number");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // A header holds printable ASCII only; what a caller wrote beyond that is echoed escaped.
    private static string Ascii(string text) => text.All(c => c is >= ' ' and < '\u007f') ? text : Uri.EscapeDataString(text);
}
