using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>What comes before the functions of every listener: the order to stop, health, and an id by which everything about one request is found.</summary>
/// <param name="name">The interface, as it stands in metrics.</param>
/// <param name="host">What the listeners share.</param>
/// <param name="logger">Hears of requests that failed.</param>
internal sealed partial class Requests(string name, HostParts host, ILogger<Requests> logger)
{
    private readonly KeyValuePair<string, object?> _tag = new("openeim.interface", name);

    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(_tag);
        host.Shutdown.Announce(context);
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path.StartsWithSegments("/health", out var which))
        {
            await TellHealthAsync(context, which).ConfigureAwait(false);
            return;
        }

        context.TraceIdentifier = (Activity.Current?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString();
        using var scope = logger.BeginScope(new Scope(context.TraceIdentifier));
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
            "/ready" => await host.Readiness.ReasonAgainstAsync(context.RequestAborted).ConfigureAwait(false) is { } reason
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

    [SuppressMessage("Naming", "CA1710", Justification = "What a log takes for a scope is a list of pairs.")]
    private sealed class Scope(string id) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => new("CorrelationId", id);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => $"CorrelationId:{id}";
    }
}
