using System.Globalization;
using OpenEim.Hosting.Settings;

namespace OpenEim.Smdp;

/// <summary>Reads <see cref="SmdpOptions"/> from configuration, section <c>OpenEimSmdp</c>. What it does not know it refuses: a setting with a typing error must not be ignored in silence.</summary>
public static class SmdpSettings
{
    private const string Section = "OpenEimSmdp";

    private static readonly Dictionary<string, Func<SmdpOptions, IConfigurationSection, SmdpOptions>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(SmdpOptions.Data)] = (options, value) => options with { Data = Text(value) },
        [nameof(SmdpOptions.Database)] = (options, value) => options with { Database = Text(value) },
        [nameof(SmdpOptions.NewDatabase)] = (options, value) => options with { NewDatabase = Flag(value) },
        [nameof(SmdpOptions.PlainHttpBehindProxy)] = (options, value) => options with { PlainHttpBehindProxy = Flag(value) },
        [nameof(SmdpOptions.MasterKey)] = (options, value) => options with { MasterKey = Text(value) },
        [nameof(SmdpOptions.Es9PlusUrl)] = (options, value) => options with { Es9PlusUrl = Url(value) },
        [nameof(SmdpOptions.Es2PlusUrl)] = (options, value) => options with { Es2PlusUrl = Url(value) },
        [nameof(SmdpOptions.Hosts)] = (options, value) => options with { Hosts = List(value) },
        [nameof(SmdpOptions.Pki)] = (options, value) => options with { Pki = Text(value) },
        [nameof(SmdpOptions.Crl)] = (options, value) => options with { Crl = Text(value) },
        [nameof(SmdpOptions.Quarantine)] = (options, value) => options with { Quarantine = Text(value) },
        [nameof(SmdpOptions.Oid)] = (options, value) => options with { Oid = Text(value) },
        [nameof(SmdpOptions.Es2PlusTrust)] = (options, value) => options with { Es2PlusTrust = List(value) },
        [nameof(SmdpOptions.ProgressUrl)] = (options, value) => options with { ProgressUrl = Url(value) },
        [nameof(SmdpOptions.RequesterIdentifier)] = (options, value) => options with { RequesterIdentifier = Text(value) },
        [nameof(SmdpOptions.SessionLifetime)] = (options, value) => options with { SessionLifetime = Time(value) },
        [nameof(SmdpOptions.OrderLifetime)] = (options, value) => options with { OrderLifetime = Time(value) },
        [nameof(SmdpOptions.MaxDownloads)] = (options, value) => options with { MaxDownloads = Number(value) },
        [nameof(SmdpOptions.MaxConfirmationFailures)] = (options, value) => options with { MaxConfirmationFailures = Number(value) },
        [nameof(SmdpOptions.MetricsUrl)] = (options, value) => options with { MetricsUrl = Url(value) },
        [nameof(SmdpOptions.OtlpEndpoint)] = (options, value) => options with { OtlpEndpoint = Url(value) },
        [nameof(SmdpOptions.TraceRatio)] = (options, value) => options with { TraceRatio = Ratio(value) },
        [nameof(SmdpOptions.LogFormat)] = (options, value) => options with { LogFormat = Format(value.Path, value.Value) },
        [nameof(SmdpOptions.ShutdownDelay)] = (options, value) => options with { ShutdownDelay = Time(value) },
        [nameof(SmdpOptions.ShutdownTimeout)] = (options, value) => options with { ShutdownTimeout = Time(value) },
    };

    /// <summary>Reads the options.</summary>
    /// <exception cref="SetupException">A setting is unknown, or its value is not of its kind.</exception>
    public static SmdpOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.GetSection(Section).GetChildren().Aggregate(
            new SmdpOptions(),
            (options, setting) => Known.TryGetValue(setting.Key, out var apply)
                ? apply(options, setting)
                : throw new SetupException($"The setting {setting.Path} is not known; known are {string.Join(", ", Known.Keys)}."));
    }

    /// <summary>Reads a URL.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public static Uri Url(string name, string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        ? url
        : throw new SetupException($"{name} is \"{text}\", which is not a URL such as https://127.0.0.1:8444.");

    /// <summary>Reads how the log is written.</summary>
    /// <exception cref="SetupException">It is neither.</exception>
    public static LogFormat Format(string name, string? text) => text?.ToUpperInvariant() switch
    {
        "TEXT" => LogFormat.Text,
        "JSON" => LogFormat.Json,
        _ => throw new SetupException($"{name} is \"{text}\", which is neither text nor json."),
    };

    private static Uri Url(IConfigurationSection setting) => Url(setting.Path, setting.Value);

    private static string Text(IConfigurationSection setting) =>
        setting.Value ?? throw new SetupException($"The setting {setting.Path} must be a text.");

    private static int Number(IConfigurationSection setting) =>
        int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is not a whole number.");

    private static double Ratio(IConfigurationSection setting) =>
        double.TryParse(setting.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio)
            ? ratio
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is not a number such as 0.1.");

    private static bool Flag(IConfigurationSection setting) =>
        bool.TryParse(setting.Value, out var flag)
            ? flag
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is neither true nor false.");

    private static TimeSpan Time(IConfigurationSection setting) =>
        TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var time)
            ? time
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is not a time such as 01:00:00.");

    /// <summary>A list, or in an environment variable one text with commas.</summary>
    private static string[] List(IConfigurationSection setting) => setting.Value is { } text
        ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [.. setting.GetChildren().Select(Text)];
}
