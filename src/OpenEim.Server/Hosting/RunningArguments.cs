using System.CommandLine;
using System.Globalization;
using OpenEim.Hosting.Settings;

namespace OpenEim.Server;

/// <summary>The options of the command line about how the server is watched, whom it believes and how it stops.</summary>
internal sealed class RunningArguments
{
    private readonly Option<string?> _metricsUrl = new("--metrics-url") { Description = "Where /metrics is served to Prometheus, for instance http://127.0.0.1:9464; plain http on the loopback only (default: nowhere)." };
    private readonly Option<string?> _otlpEndpoint = new("--otlp-endpoint") { Description = "Where traces and metrics are sent over OTLP, for instance http://127.0.0.1:4318 (default: nowhere)." };
    private readonly Option<string?> _logFormat = new("--log-format") { Description = "text or json (default: text)." };
    private readonly Option<double?> _delay = new("--shutdown-delay") { Description = "Seconds for which requests are still served after the order to stop (default: 0)." };

    private readonly Option<bool> _plain = new("--plain-http-behind-proxy") { Description = "A proxy ends TLS before the listeners, which may then be plain http beyond the loopback; not those with mutual TLS." };

    private readonly Option<string?> _crl = new("--crl") { Description = "A folder, or one file, with revocation lists (PEM or DER) of CIs and EUMs; read again when it changes (default: none)." };
    private readonly Option<string?> _quarantine = new("--quarantine") { Description = "A file with lines of serial, key or eid, or a folder with such files or certificates, of EUMs and eUICCs that are not believed; read again when it changes (default: none)." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_metricsUrl);
        command.Add(_otlpEndpoint);
        command.Add(_logFormat);
        command.Add(_delay);
        command.Add(_plain);
        command.Add(_crl);
        command.Add(_quarantine);
    }

    /// <summary>What was given there comes before the configuration.</summary>
    /// <exception cref="SetupException">A value is not of its kind.</exception>
    public ServerOptions Apply(ParseResult arguments, ServerOptions options) => options with
    {
        MetricsUrl = arguments.GetValue(_metricsUrl) is { } metrics ? ServerSettings.Url("--metrics-url", metrics) : options.MetricsUrl,
        OtlpEndpoint = arguments.GetValue(_otlpEndpoint) is { } otlp ? ServerSettings.Url("--otlp-endpoint", otlp) : options.OtlpEndpoint,
        LogFormat = arguments.GetValue(_logFormat) is { } format ? ServerSettings.Format("--log-format", format) : options.LogFormat,
        Crl = arguments.GetValue(_crl) ?? options.Crl,
        Quarantine = arguments.GetValue(_quarantine) ?? options.Quarantine,
        PlainHttpBehindProxy = options.PlainHttpBehindProxy || arguments.GetValue(_plain),
        ShutdownDelay = arguments.GetValue(_delay) is { } seconds ? Seconds("--shutdown-delay", seconds) : options.ShutdownDelay,
    };

    private static TimeSpan Seconds(string name, double seconds) => seconds is >= 0 and <= 3600
        ? TimeSpan.FromSeconds(seconds)
        : throw new SetupException(string.Create(CultureInfo.InvariantCulture, $"{name} is {seconds}, which is not 0 to 3600 seconds."));
}
