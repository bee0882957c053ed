using System.Diagnostics;
using System.Globalization;
using OpenEim.Hosting.Listeners;
using OpenEim.Manager.Esipa;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server.Esipa.Asn1;
using OpenEim.Server.Esipa.Json;
using OpenEim.Storage;
using HandleNotification = OpenEim.Protocol.Sgp32.HandleNotification;
using ProvideEimPackageResult = OpenEim.Protocol.Sgp32.ProvideEimPackageResult;

namespace OpenEim.Server.Esipa;

/// <summary>ESipa over HTTP (SGP.32 6.1): one POST for each call of a function, in the ASN.1 or the JSON binding.</summary>
internal sealed partial class EsipaEndpoint(EsipaFunctions functions, EsipaGuard guard, ActivitySource spans, ILogger<EsipaEndpoint> logger)
{
    /// <summary>The longest request that is read.</summary>
    public const int MaxRequestBytes = 256 * 1024;

    private const string V13 = "gsma/rsp/v1.3.0";

    private static readonly EsipaBinding[] Bindings = [new Asn1Binding(), new JsonBinding()];

    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (Array.Find(Bindings, known => known.Has(path)) is not { } binding)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (RspOverHttp.Refusal(context.Request, binding.MediaType) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        try
        {
            await AnswerAsync(context, binding, path).ConfigureAwait(false);
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

    private async Task AnswerAsync(HttpContext context, EsipaBinding binding, string path)
    {
        var (request, refusal) = binding.Read(path, await RspOverHttp.ReadAsync(context).ConfigureAwait(false));
        if (request is null)
        {
            await WriteAsync(context, binding, refusal!).ConfigureAwait(false);
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

        var look = poll is null ? PollAnswer.Package : await functions.GetEimPackage.LookAsync(poll, context.RequestAborted).ConfigureAwait(false);
        if (look == PollAnswer.Idle)
        {
            // The hottest path: no span, no scope of the log.
            var idle = await functions.GetEimPackage.AnswerAsync(poll!, look, ct: context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, binding, idle).ConfigureAwait(false);
            return;
        }

        BoundedLog.Begin(address);
        if (!guard.Limits.AdmitsWork(address))
        {
            Refuse(context, "address");
            return;
        }

        await AnswerInScopeAsync(context, binding, request, look).ConfigureAwait(false);
    }

    /// <summary>Too much: the IPA comes again later, as it does when the network fails.</summary>
    private void Refuse(HttpContext context, string limit)
    {
        guard.Telemetry.Refused(limit);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = "1";
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
        await RspOverHttp.RefuseAsync(context, malformed).ConfigureAwait(false);
    }

    private async Task AnswerInScopeAsync(HttpContext context, EsipaBinding binding, IBerMessage request, PollAnswer look)
    {
        using var span = spans.StartActivity(NameOf(request), ActivityKind.Server);
        var caller = CallerOf(context);
        context.TraceIdentifier = RequestIds.New();
        using var scope = RequestIds.Begin(logger, context.TraceIdentifier);
        try
        {
            switch (request)
            {
                case GetEimPackageRequest poll:
                    var answer = await functions.GetEimPackage.AnswerAsync(poll, look, caller, context.RequestAborted).ConfigureAwait(false);
                    await WriteAsync(context, binding, answer).ConfigureAwait(false);
                    break;
                case HandleNotification notification:
                    var error = await functions.HandleNotification.ExecuteAsync(notification, caller, context.RequestAborted).ConfigureAwait(false);
                    context.Response.Headers[RspOverHttp.ProtocolHeader] = context.Request.Headers[RspOverHttp.ProtocolHeader];
                    context.Response.StatusCode = StatusOf(error);
                    break;
                default:
                    await WriteAsync(
                        context, binding, await functions.ExecuteAsync(request, caller, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
                    break;
            }
        }
        catch
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>The HTTP status of a notification: 204 lets the card delete it, so one that was not stored gets another (docs/divergences.md).</summary>
    private static int StatusOf(ProvideEimPackageResultError? error) => error switch
    {
        null or ProvideEimPackageResultError.MissingEid => StatusCodes.Status204NoContent,
        ProvideEimPackageResultError.EidNotFound => StatusCodes.Status404NotFound,
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
            SpeaksV13 = context.Request.Headers[RspOverHttp.ProtocolHeader] == V13,
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

    private static Task WriteAsync(HttpContext context, EsipaBinding binding, IBerMessage answer) =>
        RspOverHttp.WriteAsync(context, binding.AnswerType, binding.Write(context.Request.Path.Value!, answer));

    [LoggerMessage(Level = LogLevel.Error, Message = "A device was turned away: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "ESipa: a request failed; correlation id {CorrelationId}")]
    private partial void LogFailed(Exception exception, string correlationId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ESipa: a malformed request from {Address}: {Reason}")]
    private partial void LogMalformed(string? address, string reason);
}
