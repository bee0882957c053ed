using OpenEim.Hosting.Listeners;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Telemetry;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>The five functions of ES9+.</summary>
internal sealed record Es9PlusFunctions(
    InitiateAuthentication InitiateAuthentication,
    AuthenticateClient AuthenticateClient,
    GetBoundProfilePackage GetBoundProfilePackage,
    HandleNotification HandleNotification,
    CancelSession CancelSession);

/// <summary>ES9+ over HTTP in its two bindings: JSON, one path for each function (SGP.22 6.5), and ASN.1, one path for all (SGP.22 6.6).</summary>
internal sealed partial class Es9PlusEndpoint(Es9PlusFunctions functions, SmdpTelemetry telemetry, ILogger<Es9PlusEndpoint> logger)
{
    private static readonly Es9PlusJsonContext Json = Es9PlusJsonContext.Default;

    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value;
        var isAsn1 = path == Es9PlusPaths.Asn1;
        if (!isAsn1 && path is not (Es9PlusPaths.InitiateAuthentication or Es9PlusPaths.AuthenticateClient
            or Es9PlusPaths.GetBoundProfilePackage or Es9PlusPaths.HandleNotification or Es9PlusPaths.CancelSession))
        {
            context.Response.StatusCode = HttpStatus.Status404NotFound;
            return;
        }

        var mediaType = isAsn1 ? RspOverHttp.Asn1MediaType : RspOverHttp.JsonMediaType;
        if (RspOverHttp.Refusal(context.Request, mediaType) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        using var call = telemetry.BeginEs9Plus(isAsn1 ? "unknown" : path![(path!.LastIndexOf('/') + 1)..]);
        var malformed = await RspOverHttp.AnswerAsync(
            context, mediaType, (body, ct) => isAsn1 ? AnswerAsn1Async(call, body, ct) : AnswerJsonAsync(call, path!, body, ct)).ConfigureAwait(false);
        if (malformed is not null)
        {
            call.Malformed();
            LogMalformed(context.Connection.RemoteIpAddress?.ToString(), malformed);
        }
    }

    private async ValueTask<byte[]?> AnswerJsonAsync(FunctionCall call, string path, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        try
        {
            var answer = await RunJsonAsync(path, body, ct).ConfigureAwait(false);
            call.Executed();
            return answer;
        }
        catch (FunctionFailedException e)
        {
            call.Refused(e.Code);
            LogFailed(path, e.Code, e.Message);

            // On failure the answers of all functions are alike: the header.
            return RspJson.Write(new CancelSessionResponseJson(e.ToHeader()), Json.CancelSessionResponseJson);
        }
    }

    private async ValueTask<byte[]?> RunJsonAsync(string path, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        switch (path)
        {
            case Es9PlusPaths.InitiateAuthentication:
                var initiate = RspJson.Read(body.Span, Json.InitiateAuthenticationRequestJson).ToMessage();
                return RspJson.Write(
                    InitiateAuthenticationResponseJson.From(functions.InitiateAuthentication.Execute(initiate)), Json.InitiateAuthenticationResponseJson);
            case Es9PlusPaths.AuthenticateClient:
                var client = RspJson.Read(body.Span, Json.AuthenticateClientRequestJson).ToMessage();
                return RspJson.Write(
                    AuthenticateClientResponseJson.From(await functions.AuthenticateClient.ExecuteAsync(client, ct).ConfigureAwait(false)),
                    Json.AuthenticateClientResponseJson);
            case Es9PlusPaths.GetBoundProfilePackage:
                var package = RspJson.Read(body.Span, Json.GetBoundProfilePackageRequestJson).ToMessage();
                return RspJson.Write(
                    GetBoundProfilePackageResponseJson.From(await functions.GetBoundProfilePackage.ExecuteAsync(package, ct).ConfigureAwait(false)),
                    Json.GetBoundProfilePackageResponseJson);
            case Es9PlusPaths.HandleNotification:
                var notification = RspJson.Read(body.Span, Json.HandleNotificationRequestJson).ToMessage();
                await functions.HandleNotification.ExecuteAsync(notification, ct).ConfigureAwait(false);
                return null;
            default:
                var cancel = RspJson.Read(body.Span, Json.CancelSessionRequestJson).ToMessage();
                await functions.CancelSession.ExecuteAsync(cancel, ct).ConfigureAwait(false);
                return RspJson.Write(new CancelSessionResponseJson(FunctionResponseHeader.Success), Json.CancelSessionResponseJson);
        }
    }

    private async ValueTask<byte[]?> AnswerAsn1Async(FunctionCall call, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var request = BerMessage.Decode<RemoteProfileProvisioningRequest>(body).Function;
        call.Named(NameOf(request));
        IBerMessage? answer;
        try
        {
            answer = await RunAsn1Async(request, ct).ConfigureAwait(false);
            call.Executed();
        }
        catch (FunctionFailedException e)
        {
            call.Refused(e.Code);
            LogFailed(request.GetType().Name, e.Code, e.Message);
            answer = Asn1Errors.Answer(request, e.Code);
        }

        return answer is null ? null : new RemoteProfileProvisioningResponse(answer).Encode();
    }

    /// <summary>As the JSON binding's paths have it.</summary>
    private static string NameOf(IBerMessage request) => request switch
    {
        InitiateAuthenticationRequest => "initiateAuthentication",
        AuthenticateClientRequest => "authenticateClient",
        GetBoundProfilePackageRequest => "getBoundProfilePackage",
        HandleNotificationEs9 => "handleNotification",
        CancelSessionRequestEs9 => "cancelSession",
        _ => "unknown",
    };

    private async ValueTask<IBerMessage?> RunAsn1Async(IBerMessage request, CancellationToken ct)
    {
        switch (request)
        {
            case InitiateAuthenticationRequest initiate:
                return new InitiateAuthenticationResponse(functions.InitiateAuthentication.Execute(initiate));
            case AuthenticateClientRequest client:
                return new AuthenticateClientResponseEs9(await functions.AuthenticateClient.ExecuteAsync(client, ct).ConfigureAwait(false));
            case GetBoundProfilePackageRequest package:
                return new GetBoundProfilePackageResponse(await functions.GetBoundProfilePackage.ExecuteAsync(package, ct).ConfigureAwait(false));
            case HandleNotificationEs9 notification:
                await functions.HandleNotification.ExecuteAsync(notification.PendingNotification, ct).ConfigureAwait(false);
                return null;
            case CancelSessionRequestEs9 cancel:
                await functions.CancelSession.ExecuteAsync(cancel, ct).ConfigureAwait(false);
                return new CancelSessionResponseEs9();
            default:
                throw new ProtocolException("this is no function of ES9+");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ES9+: a malformed request from {Address}: {Reason}")]
    private partial void LogMalformed(string? address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "ES9+ {Function} failed with {Code}: {Reason}")]
    private partial void LogFailed(string function, StatusCode code, string reason);
}
