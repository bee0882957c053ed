using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>What comes before the functions of every listener: health, and an id by which everything about one request is found.</summary>
/// <param name="readiness">Whether requests should come.</param>
/// <param name="logger">Hears of requests that failed.</param>
internal sealed partial class Requests(Readiness readiness, ILogger<Requests> logger)
{
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/health", out var which))
        {
            await TellHealthAsync(context, which).ConfigureAwait(false);
            return;
        }

        context.TraceIdentifier = RequestIds.New();
        using var scope = RequestIds.Begin(logger, context.TraceIdentifier);
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (StorageUnavailableException e) when (!context.Response.HasStarted)
        {
            LogUnavailable(e.Message);
            context.Response.StatusCode = HttpStatus.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
        }
        catch (Exception e) when (e is not (OperationCanceledException or BadHttpRequestException) && !context.Response.HasStarted)
        {
            LogFailed(e, context.TraceIdentifier);
            context.Response.StatusCode = HttpStatus.Status500InternalServerError;
        }
    }

    /// <summary>GET /health/live: the process answers. GET /health/ready: it can do its work, or 503 with the reason why not.</summary>
    private async Task TellHealthAsync(HttpContext context, PathString which)
    {
        var (status, text) = which.Value switch
        {
            "/live" => (HttpStatus.Status200OK, "live"),
            "/ready" => await readiness.ReasonAgainstAsync(context.RequestAborted).ConfigureAwait(false) is { } reason
                ? (HttpStatus.Status503ServiceUnavailable, reason)
                : (HttpStatus.Status200OK, "ready"),
            _ => (HttpStatus.Status404NotFound, ""),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request was turned away: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed; correlation id {CorrelationId}")]
    private partial void LogFailed(Exception exception, string correlationId);
}
