namespace OpenEim.Smdp;

/// <summary>How the process writes its log.</summary>
public enum LogFormat
{
    /// <summary>A line of text for people.</summary>
    Text,

    /// <summary>A line of JSON, with the correlation id of the request among its scopes.</summary>
    Json,
}

/// <summary>How it is watched and how it stops (docs/operations.md).</summary>
public sealed partial record SmdpOptions
{
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromHours(1);

    /// <summary>Where <c>/metrics</c> is served to Prometheus, on a listener of its own; null for nowhere. Port 0 takes a free one.</summary>
    public Uri? MetricsUrl { get; init; }

    /// <summary>
    /// Where traces and metrics are sent over OTLP, for instance http://127.0.0.1:4318; null for nowhere, unless the standard
    /// variable OTEL_EXPORTER_OTLP_ENDPOINT says where.
    /// </summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Which share of the traces is sent, 0 to 1.</summary>
    public double TraceRatio { get; init; } = 1;

    /// <summary>How the process writes its log; has no effect where another process hosts this.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>How long requests are still served after the order to stop, while <c>/health/ready</c> already says no: the time that a balancer needs to notice.</summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>How long requests that have begun may take once the listeners are closed.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    private void CheckRunning()
    {
        if (MetricsUrl is { } metrics)
        {
            CheckForm(nameof(MetricsUrl), metrics);
            RefusePlain(nameof(MetricsUrl), metrics);
        }

        Refuse(
            OtlpEndpoint is { } otlp && (!otlp.IsAbsoluteUri || (otlp.Scheme != Uri.UriSchemeHttp && otlp.Scheme != Uri.UriSchemeHttps)),
            "OtlpEndpoint must be of the form http://host:port or https://host:port");
        Refuse(TraceRatio is not (>= 0 and <= 1), "TraceRatio must be 0 to 1");
        Refuse(ShutdownDelay < TimeSpan.Zero || ShutdownDelay > LongestShutdown, "ShutdownDelay must be 0 to 1 hour");
        Refuse(ShutdownTimeout <= TimeSpan.Zero || ShutdownTimeout > LongestShutdown, "ShutdownTimeout must be more than 0 and at most 1 hour");
    }
}
