using System.Buffers;
using OpenEim.Protocol;

namespace OpenEim.Hosting.Listeners;

/// <summary>What ESipa, ES2+ and ES9+ have in common over HTTP (SGP.32 6.1.1, SGP.22 6.2): one POST, one message each way.</summary>
public static class RspOverHttp
{
    /// <summary>The media type of JSON bindings.</summary>
    public const string JsonMediaType = "application/json";

    /// <summary>The media type of ASN.1 bindings.</summary>
    public const string Asn1MediaType = "application/x-gsma-rsp-asn1";

    /// <summary>Where the version of the protocol stands.</summary>
    public const string ProtocolHeader = "X-Admin-Protocol";

    private const string ProtocolPrefix = "gsma/rsp/v";
    private const int MaxVersionLength = 32;

    /// <summary>The HTTP status of a request that no function sees; null when it may go on. Allocates nothing.</summary>
    public static int? Refusal(HttpRequest request, string mediaType)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!HttpMethods.IsPost(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        var found = request.ContentType.AsSpan();
        var parameters = found.IndexOf(';');
        if (!(parameters < 0 ? found : found[..parameters]).Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase))
        {
            return StatusCodes.Status415UnsupportedMediaType;
        }

        var protocol = request.Headers[ProtocolHeader];
        return protocol.Count > 1 || (protocol.Count == 1 && !IsProtocolVersion(protocol[0])) ? StatusCodes.Status400BadRequest : null;
    }

    /// <summary>Reads the body, gives it to <paramref name="answer"/> and writes what that returns; null is 204.</summary>
    /// <returns>Why the request was refused as malformed, or null.</returns>
    public static async Task<string?> AnswerAsync(
        HttpContext context, string mediaType, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<byte[]?>> answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(answer);
        try
        {
            var body = await ReadAsync(context).ConfigureAwait(false);
            var bytes = await answer(body, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, mediaType, bytes is null ? (ReadOnlyMemory<byte>?)null : bytes).ConfigureAwait(false);
            return null;
        }
        catch (ProtocolException e)
        {
            await RefuseAsync(context, e).ConfigureAwait(false);
            return e.Message;
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return e.Message;
        }
    }

    /// <summary>Answers a malformed request: 400, and why.</summary>
    public static Task RefuseAsync(HttpContext context, ProtocolException malformed)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(malformed);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(malformed.Message, context.RequestAborted);
    }

    /// <summary>The whole body. The listener has bounded it.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);

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

    /// <summary>Writes an answer, under the version that the request named; null is 204.</summary>
    public static async Task WriteAsync(HttpContext context, string mediaType, ReadOnlyMemory<byte>? answer)
    {
        ArgumentNullException.ThrowIfNull(context);
        var response = context.Response;
        response.Headers[ProtocolHeader] = context.Request.Headers[ProtocolHeader];
        if (answer is not { } bytes)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = mediaType;
        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes).ConfigureAwait(false);
    }

    // Any version, but printable and short, because the answer repeats it.
    private static bool IsProtocolVersion(ReadOnlySpan<char> text) => text.StartsWith(ProtocolPrefix, StringComparison.Ordinal)
        && text[ProtocolPrefix.Length..] is { Length: > 0 and <= MaxVersionLength } version && !version.ContainsAnyExceptInRange('!', '~');
}
