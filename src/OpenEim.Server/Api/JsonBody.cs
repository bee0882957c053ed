using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>Reads and writes the API's JSON, and the headers that come with lists.</summary>
internal static class JsonBody
{
    public const string ContentType = "application/json; charset=utf-8";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    // Never embedded in a page, so angle brackets and the like need no escaping.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The shapes of what is answered most.</summary>
    public static ApiJson Shapes { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <exception cref="ApiException">400: the body is no JSON. 415: it is compressed.</exception>
    public static async ValueTask<JsonElement> ReadAsync(HttpContext context) => Parse(await ReadBytesAsync(context).ConfigureAwait(false));

    /// <exception cref="ApiException">415: the body is compressed.</exception>
    public static async ValueTask<byte[]> ReadBytesAsync(HttpContext context)
    {
        if (context.Request.Headers[HeaderNames.ContentEncoding] is { Count: > 0 } encoding && encoding != "identity")
        {
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, 1000, "BadRequest", "The body must not be compressed");
        }

        using var bytes = new MemoryStream((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, ApiApplication.MaxBodyBytes));
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return bytes.ToArray();
    }

    /// <exception cref="ApiException">400: the body is no JSON.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> body)
    {
        var text = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
        if (!Utf8.IsValid(text))
        {
            throw ApiException.BadRequest("The body is not valid UTF-8");
        }

        try
        {
            var element = JsonElement.Parse(text, Strict);
            if (text.IndexOf("\\u"u8) >= 0)
            {
                TouchTexts(element);
            }

            return element;
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest(text.Trim(" \t\r\n"u8).IsEmpty ? "The body is empty" : $"The body is not valid JSON: {ReasonOf(e)}");
        }
        catch (InvalidOperationException)
        {
            throw ApiException.BadRequest("The body is not valid JSON: an escape is half of a surrogate pair");
        }
    }

    /// <summary>What the parser found, and where in words: it counts from 0 and names its own fields.</summary>
    private static string ReasonOf(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message[..end]}");
    }

    public static byte[] Encode(JsonNode body) => Encoding.UTF8.GetBytes(body.ToJsonString(Readable));

    public static Task WriteAsync(HttpContext context, JsonNode body) => Answer.Of(context.Response.StatusCode, body).WriteAsync(context);

    public static Task WriteAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type) => Answer.Of(context.Response.StatusCode, body, type).WriteAsync(context);

    /// <exception cref="ApiException">400: a number is none.</exception>
    public static PageRequest PageOf(HttpRequest request)
    {
        var page = Number(request, "page", 1);
        var size = Number(request, "per_page", 100);
        return new PageRequest(Math.Max(page, 1), size < 1 ? 100 : (int)Math.Min(size, 1000))
        {
            After = Hint(request, "after"),
            Before = Hint(request, "before"),
        };
    }

    public static Task WriteListAsync<T, TJson>(HttpContext context, Page<T> page, Func<T, TJson> toJson, JsonTypeInfo<TJson[]> type)
    {
        var headers = context.Response.Headers;
        headers["X-Total-Count"] = Text(page.Total);
        headers["X-Total-Pages"] = Text(page.PageCount);
        headers["X-Current-Page"] = Text(page.Shown.Number);
        headers["X-Count-Per-Page"] = Text(page.Shown.Size);
        var query = context.Request.Query;
        if (query["q"].ToString() is { Length: > 0 } filter)
        {
            headers["X-Filter"] = Ascii(filter);
        }

        headers["X-Sort"] = query["sort"].ToString() is { Length: > 0 } sort ? Ascii(sort) : "id";
        headers.Link = string.Join(", ", Links(context.Request, page));
        return WriteAsync(context, [.. page.Items.Select(toJson)], type);
    }

    public static string Absolute(HttpRequest request, string path) => $"{request.Scheme}://{request.Host}{path}";

    /// <summary>An escape is looked at only when its text is asked for; half a surrogate pair must be found before.</summary>
    private static void TouchTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    TouchTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    TouchTexts(property.Value);
                }

                break;
        }
    }

    private static IEnumerable<string> Links<T>(HttpRequest request, Page<T> page)
    {
        var kept = string.Concat(request.Query
            .Where(pair => pair.Key is "q" or "sort")
            .Select(pair => $"&{pair.Key}={Uri.EscapeDataString(pair.Value.ToString())}"));
        var last = page.Shown with { Number = Math.Max(page.PageCount, 1) };
        return new (string Relation, PageRequest? To)[] { ("first", page.Shown with { Number = 1 }), ("prev", page.Previous), ("next", page.Next), ("last", last) }
            .Where(link => link.To is not null)
            .Select(link => $"<{Absolute(request, request.Path)}?page={link.To!.Number}&per_page={link.To.Size}{kept}{HintOf(link.To)}>; rel=\"{link.Relation}\"");
    }

    private static string HintOf(PageRequest page) => page switch
    {
        { After: { } after } => "&after=" + after,
        { Before: { } before } => "&before=" + before,
        _ => "",
    };

    private static string? Hint(HttpRequest request, string name) => request.Query[name].ToString() is { Length: > 0 } hint ? hint : null;

    private static long Number(HttpRequest request, string name, long fallback)
    {
        if (request.Query[name] is not [{ Length: > 0 } text, ..])
        {
            return fallback;
        }

        if (WholeNumber.TryParse(text, out var number))
        {
            return number;
        }

        // What is a number, but too large for one here, is clamped like any other.
        var digits = text[0] is '-' or '+' ? text.AsSpan(1) : text;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9') ? (text[0] == '-' ? long.MinValue : long.MaxValue)
            : throw ApiException.BadRequest($"{name} is not a whole number");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // A header holds printable ASCII only; what a caller wrote beyond that is echoed escaped.
    private static string Ascii(string text) => text.All(c => c is >= ' ' and < '\u007f') ? text : Uri.EscapeDataString(text);
}
