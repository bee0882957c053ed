using System.CommandLine;
using System.Globalization;
using OpenEim.Storage.Files;

namespace OpenEim.Smdp;

/// <summary>The options of the command line about how the SM-DP+ is watched and how it stops.</summary>
internal sealed class RunningArguments
{
    private readonly Option<string?> _metricsUrl = new("--metrics-url") { Description = "Where /metrics is served to Prometheus, for instance http://127.0.0.1:9464 (default: nowhere)." };
    private readonly Option<string?> _otlpEndpoint = new("--otlp-endpoint") { Description = "Where traces and metrics are sent over OTLP, for instance http://127.0.0.1:4318 (default: nowhere)." };
    private readonly Option<string?> _logFormat = new("--log-format") { Description = "text or json (default: text)." };
    private readonly Option<double?> _delay = new("--shutdown-delay") { Description = "Seconds for which requests are still served after the order to stop (default: 0)." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_metricsUrl);
        command.Add(_otlpEndpoint);
        command.Add(_logFormat);
        command.Add(_delay);
    }

    /// <summary>What was given there comes before the configuration.</summary>
    /// <exception cref="SetupException">A value is not of its kind.</exception>
    public SmdpOptions Apply(ParseResult arguments, SmdpOptions options) => options with
    {
        MetricsUrl = arguments.GetValue(_metricsUrl) is { } metrics ? SmdpSettings.Url("--metrics-url", metrics) : options.MetricsUrl,
        OtlpEndpoint = arguments.GetValue(_otlpEndpoint) is { } otlp ? SmdpSettings.Url("--otlp-endpoint", otlp) : options.OtlpEndpoint,
        LogFormat = arguments.GetValue(_logFormat) is { } format ? SmdpSettings.Format("--log-format", format) : options.LogFormat,
        ShutdownDelay = arguments.GetValue(_delay) is { } seconds ? Seconds("--shutdown-delay", seconds) : options.ShutdownDelay,
    };

    private static TimeSpan Seconds(string name, double seconds) => seconds is >= 0 and <= 3600
        ? TimeSpan.FromSeconds(seconds)
        : throw new SetupException(string.Create(CultureInfo.InvariantCulture, $"{name} is {seconds}, which is not 0 to 3600 seconds."));
}
