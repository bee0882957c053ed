using OpenEim.Hosting.Listeners;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Telemetry;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>ES2+ over HTTP (SGP.22 6.5.2.1 to 6.5.2.4): who may connect was decided by TLS.</summary>
internal sealed partial class Es2PlusEndpoint
{
    private delegate Task<byte[]> Function(ReadOnlyMemory<byte> body, CancellationToken ct);

    private readonly Dictionary<string, Function> _functions;
    private readonly SmdpTelemetry _telemetry;
    private readonly ILogger _logger;

    public Es2PlusEndpoint(FunctionCalls calls, ConfirmOrder confirmOrder, SmdpOptions options, SmdpTelemetry telemetry, ILogger<Es2PlusEndpoint> logger)
    {
        var json = Es2PlusJsonContext.Default;
        _telemetry = telemetry;
        _logger = logger;
        _functions = new Dictionary<string, Function>(StringComparer.Ordinal)
        {
            [Es2PlusPaths.DownloadOrder] = (body, ct) =>
            {
                var request = RspJson.Read(body.Span, json.DownloadOrderRequestJson).ToRequest();
                return calls.RunAsync(nameof(DownloadOrder), request.Header, body, async (session, now) =>
                    RspJson.Write(await DownloadOrder.ExecuteAsync(session, request, now).ConfigureAwait(false), json.DownloadOrderResponseJson), ct);
            },
            [Es2PlusPaths.ConfirmOrder] = (body, ct) =>
            {
                var request = RspJson.Read(body.Span, json.ConfirmOrderRequestJson).ToRequest();
                return calls.RunAsync(nameof(ConfirmOrder), request.Header, body, async (session, now) =>
                    RspJson.Write(await confirmOrder.ExecuteAsync(session, request, now).ConfigureAwait(false), json.ConfirmOrderResponseJson), ct);
            },
            [Es2PlusPaths.CancelOrder] = (body, ct) =>
            {
                var request = RspJson.Read(body.Span, json.CancelOrderRequestJson).ToRequest();
                return calls.RunAsync(nameof(CancelOrder), request.Header, body, async (session, now) =>
                    RspJson.Write(await CancelOrder.ExecuteAsync(session, request, now).ConfigureAwait(false), json.HeaderOnlyResponseJson), ct);
            },
            [Es2PlusPaths.ReleaseProfile] = (body, ct) =>
            {
                var request = RspJson.Read(body.Span, json.ReleaseProfileRequestJson).ToRequest();
                return calls.RunAsync(nameof(ReleaseProfile), request.Header, body, async (session, now) =>
                    RspJson.Write(
                        await ReleaseProfile.ExecuteAsync(session, request, options.OrderLifetime, now).ConfigureAwait(false), json.HeaderOnlyResponseJson), ct);
            },
        };
    }

    public async Task HandleAsync(HttpContext context)
    {
        if (!_functions.TryGetValue(context.Request.Path, out var function))
        {
            context.Response.StatusCode = HttpStatus.Status404NotFound;
            return;
        }

        if (RspOverHttp.Refusal(context.Request, RspOverHttp.JsonMediaType) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var path = context.Request.Path.Value!;
        using var call = _telemetry.BeginEs2Plus(path[(path.LastIndexOf('/') + 1)..]);
        if (await RspOverHttp.AnswerAsync(context, RspOverHttp.JsonMediaType, (body, ct) => AnswerAsync(call, path, function, body, ct)).ConfigureAwait(false) is { } reason)
        {
            call.Malformed();
            LogMalformed(context.Connection.RemoteIpAddress?.ToString(), reason);
        }
    }

    private async ValueTask<byte[]?> AnswerAsync(FunctionCall call, string path, Function function, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        try
        {
            var answer = await function(body, ct).ConfigureAwait(false);
            call.Executed();
            return answer;
        }
        catch (FunctionFailedException e)
        {
            call.Refused(e.Code);
            LogFailed(path, e.Code, e.Message);
            return RspJson.Write(new HeaderOnlyResponseJson(e.ToHeader()), Es2PlusJsonContext.Default.HeaderOnlyResponseJson);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ES2+: a malformed request from {Address}: {Reason}")]
    private partial void LogMalformed(string? address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "ES2+ {Function} failed with {Code}: {Reason}")]
    private partial void LogFailed(string function, StatusCode code, string reason);
}
