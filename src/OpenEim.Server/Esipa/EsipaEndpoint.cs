using System.Buffers;
using OpenEim.Manager.Packages;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Server.Esipa;

/// <summary>ESipa's ASN.1 binding (SGP.32 6.1.2): one POST per function, the bare TLV, dispatched by its outer tag.</summary>
internal sealed partial class EsipaEndpoint(Func<EimPackages> packages, ILogger<EsipaEndpoint> logger)
{
    /// <summary>The longest request that is read.</summary>
    public const int MaxRequestBytes = 256 * 1024;

    private const string Path = "/gsma/rsp2/asn1";
    private const string MediaType = "application/x-gsma-rsp-asn1";
    private const string ProtocolHeader = "X-Admin-Protocol";

    public async Task HandleAsync(HttpContext context)
    {
        if (Refusal(context.Request) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        try
        {
            var message = await ReadAsync(context).ConfigureAwait(false);
            var answer = await AnswerAsync(EsipaRequest.Decode(message), message, context.RequestAborted).ConfigureAwait(false);
            context.Response.Headers[ProtocolHeader] = context.Request.Headers[ProtocolHeader];
            await WriteAsync(context.Response, answer).ConfigureAwait(false);
        }
        catch (ProtocolException e)
        {
            LogMalformed(context.Connection.RemoteIpAddress?.ToString(), e.Message);
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(e.Message, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
    }

    private static int? Refusal(HttpRequest request)
    {
        if (request.Path != Path)
        {
            return StatusCodes.Status404NotFound;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            return StatusCodes.Status405MethodNotAllowed;
        }

        var mediaType = request.ContentType.AsSpan();
        var parameters = mediaType.IndexOf(';');
        if (!(parameters < 0 ? mediaType : mediaType[..parameters]).Trim().Equals(MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return StatusCodes.Status415UnsupportedMediaType;
        }

        var protocol = request.Headers[ProtocolHeader];
        return protocol.Count > 1 || (protocol.Count == 1 && !protocol[0]!.StartsWith("gsma/rsp/v", StringComparison.Ordinal))
            ? StatusCodes.Status400BadRequest
            : null;
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

    /// <summary>The answer's bytes; null for the functions that have none.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> AnswerAsync(IBerMessage request, ReadOnlyMemory<byte> received, CancellationToken ct)
    {
        switch (request)
        {
            case GetEimPackageRequest poll:
                return await packages().GetEimPackageAsync(poll, ct).ConfigureAwait(false);
            case ProvideEimPackageResult result:
                return (await packages().ProvideResultAsync(result, ct).ConfigureAwait(false)).Encode();
            case HandleNotification notification:
                await packages().HandleNotificationAsync(notification, ct).ConfigureAwait(false);
                return null;
            case InitiateAuthenticationRequestEsipa initiate:
                return await packages().Relay.InitiateAuthenticationAsync(initiate, received, ct).ConfigureAwait(false);
            case AuthenticateClientRequestEsipa authenticate:
                return await packages().Relay.AuthenticateClientAsync(authenticate, received, ct).ConfigureAwait(false);
            case GetBoundProfilePackageRequestEsipa package:
                return await packages().Relay.GetBoundProfilePackageAsync(package, received, ct).ConfigureAwait(false);
            case CancelSessionRequestEsipa cancel:
                return await packages().Relay.CancelSessionAsync(cancel, received, ct).ConfigureAwait(false);
            default:
                throw new ProtocolException("this eIM does not push packages, so it takes no TransferEimPackage response");
        }
    }

    private static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte>? answer)
    {
        if (answer is not { } bytes)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = MediaType;
        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ESipa: a malformed request from {Address}: {Reason}")]
    private partial void LogMalformed(string? address, string reason);
}
