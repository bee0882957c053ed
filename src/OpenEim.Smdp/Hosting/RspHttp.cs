using System.Buffers;
using System.Text.RegularExpressions;
using OpenEim.Protocol;

namespace OpenEim.Smdp;

/// <summary>What ES2+ and ES9+ have in common over HTTP (SGP.22 6.2).</summary>
internal static partial class RspHttp
{
    /// <summary>The longest request that is read, in bytes.</summary>
    public const int MaxRequestBytes = 64 * 1024;

    public const string JsonMediaType = "application/json";
    public const string Asn1MediaType = "application/x-gsma-rsp-asn1";

    private const string ProtocolHeader = "X-Admin-Protocol";

    /// <summary>The HTTP status of a request that no function sees; null when it may go on.</summary>
    public static int? Refusal(HttpRequest request, string mediaType)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return HttpStatus.Status405MethodNotAllowed;
        }

        var found = request.ContentType.AsSpan();
        var parameters = found.IndexOf(';');
        if (!(parameters < 0 ? found : found[..parameters]).Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase))
        {
            return HttpStatus.Status415UnsupportedMediaType;
        }

        var protocol = request.Headers[ProtocolHeader];
        return protocol.Count > 1 || (protocol.Count == 1 && !ProtocolVersion().IsMatch(protocol[0]!)) ? HttpStatus.Status400BadRequest : null;
    }

    /// <summary>Reads the body, gives it to <paramref name="answer"/> and writes what that returns; null is 204.</summary>
    /// <returns>Why the request was refused as malformed, or null.</returns>
    public static async Task<string?> AnswerAsync(
        HttpContext context, string mediaType, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]?>> answer)
    {
        try
        {
            var body = await ReadAsync(context).ConfigureAwait(false);
            var bytes = await answer(body, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, mediaType, bytes).ConfigureAwait(false);
            return null;
        }
        catch (ProtocolException e)
        {
            context.Response.StatusCode = HttpStatus.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(e.Message, context.RequestAborted).ConfigureAwait(false);
            return e.Message;
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return e.Message;
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        // The records keep slices of what was received, so the bytes must outlive the request's buffers.
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                var message = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return message;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task WriteAsync(HttpContext context, string mediaType, byte[]? answer)
    {
        var response = context.Response;
        response.Headers[ProtocolHeader] = context.Request.Headers[ProtocolHeader];
        if (answer is null)
        {
            response.StatusCode = HttpStatus.Status204NoContent;
            return;
        }

        response.ContentType = mediaType;
        response.ContentLength = answer.Length;
        await response.BodyWriter.WriteAsync(answer).ConfigureAwait(false);
    }

    [GeneratedRegex(@"^gsma/rsp/v[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$", RegexOptions.CultureInvariant)]
    private static partial Regex ProtocolVersion();
}
