using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Server.Esipa;

/// <summary>ESipa's ASN.1 binding (SGP.32 6.1.2): one POST per function, the bare TLV, dispatched by its outer tag.</summary>
internal sealed partial class EsipaEndpoint(Func<EimPackages> packages, EsipaGuard guard, ActivitySource spans, ILogger<EsipaEndpoint> logger)
{
    /// <summary>The longest request that is read.</summary>
    public const int MaxRequestBytes = 256 * 1024;

    private const string Path = "/gsma/rsp2/asn1";
    private const string MediaType = "application/x-gsma-rsp-asn1";
    private const string ProtocolHeader = "X-Admin-Protocol";
    private const string V13 = "gsma/rsp/v1.3.0";

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
            if (Decode(message, out var request) is { } refusal)
            {
                await WriteAsync(context, refusal).ConfigureAwait(false);
                return;
            }

            var address = context.Connection.RemoteIpAddress;
            if (!guard.Limits.AdmitsDevice(EsipaLimits.EidOf(request), address))
            {
                Refuse(context, "device");
                return;
            }

            var poll = request as GetEimPackageRequest;
            if (poll is not null)
            {
                LastPoll.Remember(context, poll.Eid);
            }

            var look = poll is null ? PollAnswer.Package : await packages().LookAsync(poll, context.RequestAborted).ConfigureAwait(false);
            if (look == PollAnswer.Idle)
            {
                // The hottest path: no span, no scope of the log.
                await WriteAsync(context, await packages().AnswerAsync(poll!, look, ct: context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            }

            BoundedLog.Begin(address);
            if (!guard.Limits.AdmitsWork(address))
            {
                Refuse(context, "address");
                return;
            }

            await AnswerInScopeAsync(context, request, message, look).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            await FailAsync(context, e).ConfigureAwait(false);
        }
    }

    /// <summary>Too much: the IPA comes again later, as it does when the network fails.</summary>
    private void Refuse(HttpContext context, string limit)
    {
        guard.Telemetry.Refused(limit);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = "1";
    }

    /// <summary>Decodes a request.</summary>
    /// <returns>The answer to one whose EID is missing or wrong, which the functions have errors for; else null.</returns>
    private static byte[]? Decode(ReadOnlyMemory<byte> message, out IBerMessage request)
    {
        try
        {
            request = EsipaRequest.Decode(message);
            return null;
        }
        catch (ProtocolException) when (WrongEid.AnswerTo(message) is { } answer)
        {
            request = null!;
            return answer;
        }
    }

    private async Task FailAsync(HttpContext context, Exception exception)
    {
        var id = context.TraceIdentifier;
        using var scope = RequestIds.Begin(logger, id);
        BoundedLog.Begin(context.Connection.RemoteIpAddress);
        if (exception is StorageUnavailableException unavailable)
        {
            LogUnavailable(unavailable.Message);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return;
        }

        if (exception is not ProtocolException malformed)
        {
            LogFailed(exception, id);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        if (!guard.Limits.AdmitsWork(context.Connection.RemoteIpAddress))
        {
            Refuse(context, "address");
            return;
        }

        LogMalformed(context.Connection.RemoteIpAddress?.ToString(), malformed.Message);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(malformed.Message, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task AnswerInScopeAsync(HttpContext context, IBerMessage request, ReadOnlyMemory<byte> received, PollAnswer look)
    {
        using var span = spans.StartActivity(NameOf(request), ActivityKind.Server);
        var caller = CallerOf(context);
        context.TraceIdentifier = RequestIds.New();
        using var scope = RequestIds.Begin(logger, context.TraceIdentifier);
        try
        {
            if (request is HandleNotification notification
                && RefusalOf(await packages().HandleNotificationAsync(notification, caller, context.RequestAborted).ConfigureAwait(false)) is { } refused)
            {
                context.Response.StatusCode = refused;
                return;
            }

            var answer = request is GetEimPackageRequest poll
                ? await packages().AnswerAsync(poll, look, caller, context.RequestAborted).ConfigureAwait(false)
                : await AnswerAsync(request, received, caller, context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, answer).ConfigureAwait(false);
        }
        catch
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>The HTTP status of a notification that was not stored, null for 204, which lets the card delete it (docs/divergences.md).</summary>
    private static int? RefusalOf(ProvideEimPackageResultError? error) => error switch
    {
        ProvideEimPackageResultError.EidNotFound => StatusCodes.Status404NotFound,
        null or ProvideEimPackageResultError.MissingEid => null,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>Where the request comes from. The listener numbers the requests of a connection: behind the colon of its own trace identifier.</summary>
    private static EsipaCaller CallerOf(HttpContext context)
    {
        var number = context.TraceIdentifier.AsSpan(context.TraceIdentifier.LastIndexOf(':') + 1);
        return EsipaCaller.Of(
            context.Connection.RemoteIpAddress,
            context.Connection.Id,
            isEstablished: long.TryParse(number, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var request) && request > 1) with
        {
            LastPolled = LastPoll.EidOf(context),
            SpeaksV13 = context.Request.Headers[ProtocolHeader] == V13,
        };
    }

    private static string NameOf(IBerMessage request) => request switch
    {
        GetEimPackageRequest => "ESipa GetEimPackage",
        ProvideEimPackageResult => "ESipa ProvideEimPackageResult",
        HandleNotification => "ESipa HandleNotification",
        InitiateAuthenticationRequestEsipa => "ESipa InitiateAuthentication",
        AuthenticateClientRequestEsipa => "ESipa AuthenticateClient",
        GetBoundProfilePackageRequestEsipa => "ESipa GetBoundProfilePackage",
        CancelSessionRequestEsipa => "ESipa CancelSession",
        _ => "ESipa",
    };

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
    private async ValueTask<ReadOnlyMemory<byte>?> AnswerAsync(IBerMessage request, ReadOnlyMemory<byte> received, EsipaCaller caller, CancellationToken ct)
    {
        switch (request)
        {
            case ProvideEimPackageResult result:
                return (await packages().ProvideResultAsync(result, caller, ct).ConfigureAwait(false)).Encode();
            case HandleNotification:
                return null;
            case InitiateAuthenticationRequestEsipa initiate:
                return await packages().Relay.InitiateAuthenticationAsync(initiate, received, caller, ct).ConfigureAwait(false);
            case AuthenticateClientRequestEsipa authenticate:
                return await packages().Relay.AuthenticateClientAsync(authenticate, received, caller, ct).ConfigureAwait(false);
            case GetBoundProfilePackageRequestEsipa package:
                return await packages().Relay.GetBoundProfilePackageAsync(package, received, caller, ct).ConfigureAwait(false);
            case CancelSessionRequestEsipa cancel:
                return await packages().Relay.CancelSessionAsync(cancel, received, ct).ConfigureAwait(false);
            default:
                throw new ProtocolException("this eIM does not push packages, so it takes no TransferEimPackage response");
        }
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte>? answer)
    {
        var response = context.Response;
        response.Headers[ProtocolHeader] = context.Request.Headers[ProtocolHeader];
        if (answer is not { } bytes)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = MediaType;
        response.ContentLength = bytes.Length;
        await response.BodyWriter.WriteAsync(bytes).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A device was turned away: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "ESipa: a request failed; correlation id {CorrelationId}")]
    private partial void LogFailed(Exception exception, string correlationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ESipa: a malformed request from {Address}: {Reason}")]
    private partial void LogMalformed(string? address, string reason);
}
