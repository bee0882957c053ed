using System.Net;

namespace OpenEim.Hosting.Settings;

/// <summary>What every host is told: where its data are, whom it believes, how it is watched and how it stops (docs/operations.md).</summary>
public abstract record CommonOptions
{
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromHours(1);

    /// <summary>Options with their defaults.</summary>
    /// <param name="data">The folder of the data, unless another is given.</param>
    protected CommonOptions(string data) => Data = data;

    /// <summary>Where everything is kept; made when it is missing.</summary>
    public string Data { get; init; }

    /// <summary>
    /// The database: <c>Host=…;Username=…;Database=…</c> or <c>postgres://…</c> for PostgreSQL, which several nodes may share. None: a
    /// SQLite file in the data folder.
    /// </summary>
    public string? Database { get; init; }

    /// <summary>Whether a new database is meant where the one of an earlier start is missing from the data folder.</summary>
    public bool NewDatabase { get; init; }

    /// <summary>Whether a proxy ends TLS before the listeners, so that those without mutual TLS may be plain HTTP beyond the loopback.</summary>
    public bool PlainHttpBehindProxy { get; init; }

    /// <summary>The file with the key under which secrets in the database are encrypted, the same for all nodes; none: one in the data folder.</summary>
    public string? MasterKey { get; init; }

    /// <summary>A folder with PEM files of the operator's own; what it lacks is kept in the data folder.</summary>
    public string? Pki { get; init; }

    /// <summary>A folder, or one file, with revocation lists (PEM or DER) of CIs and EUMs; read again when it changes. None: nothing is revoked.</summary>
    public string? Crl { get; init; }

    /// <summary>A file with lines, or a folder with such files or certificates, of EUMs and eUICCs that are not believed although their chain is good; read again when it changes.</summary>
    public string? Quarantine { get; init; }

    /// <summary>Where <c>/metrics</c> is served to Prometheus, on a listener of its own; null for nowhere. Port 0 takes a free one.</summary>
    public Uri? MetricsUrl { get; init; }

    /// <summary>
    /// Where traces and metrics are sent over OTLP, for instance http://127.0.0.1:4318; null for nowhere, unless the standard
    /// variable OTEL_EXPORTER_OTLP_ENDPOINT says where.
    /// </summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>Which share of the traces is sent, 0 to 1. Polls that are idle are never traced.</summary>
    public double TraceRatio { get; init; } = 1;

    /// <summary>How the process writes its log; has no effect where another process hosts this.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>How long requests are still served after the order to stop, while <c>/health/ready</c> already says no: the time that a balancer needs to notice.</summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>How long requests that have begun may take once the listeners are closed.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The address of a listener's URL.</summary>
    public static IPAddress AddressOf(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.Host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(url.DnsSafeHost);
    }

    /// <summary>Checks what stands here.</summary>
    /// <exception cref="SetupException">Something cannot be followed.</exception>
    protected void CheckCommon()
    {
        Refuse(string.IsNullOrWhiteSpace(Data), "Data must name a folder");
        Refuse(Database is not null && string.IsNullOrWhiteSpace(Database), "Database must be a connection string");
        Refuse(Pki is not null && !Directory.Exists(Pki), $"Pki names the folder {Pki}, which does not exist");
        Refuse(Crl is not null && !Path.Exists(Crl), $"Crl names {Crl}, which does not exist");
        Refuse(Quarantine is not null && !Path.Exists(Quarantine), $"Quarantine names {Quarantine}, which does not exist");
        if (MetricsUrl is { } metrics)
        {
            CheckListener(nameof(MetricsUrl), metrics);
            RefusePlain(nameof(MetricsUrl), metrics);
        }

        Refuse(
            OtlpEndpoint is { } otlp && (!otlp.IsAbsoluteUri || (otlp.Scheme != Uri.UriSchemeHttp && otlp.Scheme != Uri.UriSchemeHttps)),
            "OtlpEndpoint must be of the form http://host:port or https://host:port");
        Refuse(TraceRatio is not (>= 0 and <= 1), "TraceRatio must be 0 to 1");
        Refuse(ShutdownDelay < TimeSpan.Zero || ShutdownDelay > LongestShutdown, "ShutdownDelay must be 0 to 1 hour");
        Refuse(ShutdownTimeout <= TimeSpan.Zero || ShutdownTimeout > LongestShutdown, "ShutdownTimeout must be more than 0 and at most 1 hour");
    }

    /// <summary>Refuses a listener's URL that names no address of this machine.</summary>
    /// <exception cref="SetupException">It names none.</exception>
    protected static void CheckListener(string name, Uri url)
    {
        Refuse(
            !url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.PathAndQuery != "/",
            $"{name} must be of the form http://address:port or https://address:port");
        Refuse(
            url.Host != "localhost" && !IPAddress.TryParse(url.DnsSafeHost, out _),
            $"{name} must name an IP address of this machine, or localhost, to listen on");
    }

    /// <summary>Refuses plain HTTP beyond the loopback, unless a proxy ends TLS.</summary>
    /// <exception cref="SetupException">It is plain HTTP.</exception>
    protected void RefusePlain(string name, Uri url) => Refuse(
        url.Scheme == Uri.UriSchemeHttp && !IPAddress.IsLoopback(AddressOf(url)) && !PlainHttpBehindProxy,
        $"{name} is plain http, which is allowed on the loopback only; use https, or say that a proxy ends TLS before it (PlainHttpBehindProxy)");

    /// <summary>Refuses a listener with mutual TLS that is plain HTTP beyond the loopback: no proxy can show it the client's certificate.</summary>
    /// <exception cref="SetupException">It is.</exception>
    protected static void RefusePlainMutual(string name, Uri url, string advice) => Refuse(
        url.Scheme == Uri.UriSchemeHttp && !IPAddress.IsLoopback(AddressOf(url)), $"{name} is plain http, which is allowed on the loopback only; {advice}");

    /// <summary>Refuses with a sentence for the operator.</summary>
    /// <exception cref="SetupException">It is wrong.</exception>
    protected static void Refuse(bool isWrong, string sentence)
    {
        if (isWrong)
        {
            throw new SetupException(sentence + ".");
        }
    }
}
