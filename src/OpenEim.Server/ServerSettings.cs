using System.Globalization;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Packages;

namespace OpenEim.Server;

/// <summary>Reads <see cref="ServerOptions"/> from configuration, section <c>OpenEim</c>. What it does not know it refuses: a setting with a typing error must not be ignored in silence.</summary>
public static class ServerSettings
{
    private const string Section = "OpenEim";

    private static readonly Dictionary<string, Func<ServerOptions, IConfigurationSection, ServerOptions>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ServerOptions.Data)] = (options, value) => options with { Data = Text(value) },
        [nameof(ServerOptions.Database)] = (options, value) => options with { Database = Text(value) },
        [nameof(ServerOptions.NewDatabase)] = (options, value) => options with { NewDatabase = Flag(value) },
        [nameof(ServerOptions.PlainHttpBehindProxy)] = (options, value) => options with { PlainHttpBehindProxy = Flag(value) },
        [nameof(ServerOptions.MasterKey)] = (options, value) => options with { MasterKey = Text(value) },
        [nameof(ServerOptions.NewEimKey)] = (options, value) => options with { NewEimKey = Flag(value) },
        ["KeepOperations"] = (options, value) => options with { Retention = options.Retention with { Operations = Time(value) } },
        ["KeepExchanges"] = (options, value) => options with { Retention = options.Retention with { Exchanges = Time(value) } },
        ["KeepNotifications"] = (options, value) => options with { Retention = options.Retention with { Notifications = Time(value) } },
        [nameof(ServerOptions.ApiUrl)] = (options, value) => options with { ApiUrl = Url(value) },
        [nameof(ServerOptions.EsipaUrl)] = (options, value) => options with { EsipaUrl = Url(value) },
        [nameof(ServerOptions.EimId)] = (options, value) => options with { EimId = Text(value) },
        [nameof(ServerOptions.EsipaHosts)] = (options, value) => options with { EsipaHosts = List(value) },
        [nameof(ServerOptions.Pki)] = (options, value) => options with { Pki = Text(value) },
        [nameof(ServerOptions.Crl)] = (options, value) => options with { Crl = Text(value) },
        [nameof(ServerOptions.Quarantine)] = (options, value) => options with { Quarantine = Text(value) },
        [nameof(ServerOptions.CorsOrigins)] = (options, value) => options with { CorsOrigins = List(value) },
        [nameof(ServerOptions.TrustedProxies)] = (options, value) => options with { TrustedProxies = List(value) },
        [nameof(ServerOptions.PublicUrl)] = (options, value) => options with { PublicUrl = Url(value) },
        [nameof(ServerOptions.ListsPerToken)] = (options, value) => options with { ListsPerToken = Number(value) },
        [nameof(ServerOptions.ListsPerOrganisation)] = (options, value) => options with { ListsPerOrganisation = Number(value) },
        [nameof(ServerOptions.RequestsPerSecond)] = (options, value) => options with { RequestsPerSecond = Number(value) },
        [nameof(ServerOptions.RequestBurst)] = (options, value) => options with { RequestBurst = Number(value) },
        [nameof(ServerOptions.EsipaNetworks)] = (options, value) => options with { EsipaNetworks = List(value) },
        [nameof(ServerOptions.EsipaClientRoots)] = (options, value) => options with { EsipaClientRoots = Text(value) },
        [nameof(ServerOptions.EsipaDeviceRate)] = (options, value) => options with { EsipaDeviceRate = Number(value) },
        [nameof(ServerOptions.EsipaDeviceBurst)] = (options, value) => options with { EsipaDeviceBurst = Number(value) },
        [nameof(ServerOptions.EsipaAddressRate)] = (options, value) => options with { EsipaAddressRate = Number(value) },
        [nameof(ServerOptions.EsipaAddressBurst)] = (options, value) => options with { EsipaAddressBurst = Number(value) },
        [nameof(ServerOptions.EsipaConnections)] = (options, value) => options with { EsipaConnections = Number(value) },
        [nameof(ServerOptions.AllowV10)] = (options, value) => options with { AllowV10 = Choice<AllowV10>(value) },
        [nameof(ServerOptions.V10SessionsPerAddress)] = (options, value) => options with { V10SessionsPerAddress = Number(value) },
        [nameof(ServerOptions.V10SessionsPerOperation)] = (options, value) => options with { V10SessionsPerOperation = Number(value) },
        [nameof(ServerOptions.EsipaConnectionsPerAddress)] = (options, value) => options with { EsipaConnectionsPerAddress = Number(value) },
        [nameof(ServerOptions.ResultPatience)] = (options, value) => options with { ResultPatience = Time(value) },
        [nameof(ServerOptions.PackageHold)] = (options, value) => options with { PackageHold = Time(value) },
        [nameof(ServerOptions.PackageHoldLimit)] = (options, value) => options with { PackageHoldLimit = Time(value) },
        [nameof(ServerOptions.UnansweredRounds)] = (options, value) => options with { UnansweredRounds = Number(value) },
        [nameof(ServerOptions.DownloadErrorRounds)] = (options, value) => options with { DownloadErrorRounds = Number(value) },
        [nameof(ServerOptions.IndirectDownload)] = (options, value) => options with { IndirectDownload = Flag(value) },
        [nameof(ServerOptions.SmdpRoots)] = (options, value) => options with { SmdpRoots = Text(value) },
        [nameof(ServerOptions.SmdpHosts)] = (options, value) => options with { SmdpHosts = List(value) },
        [nameof(ServerOptions.SmdpPrivateNetworks)] = (options, value) => options with { SmdpPrivateNetworks = List(value) },
        [nameof(ServerOptions.SmdpPlainHttp)] = (options, value) => options with { SmdpPlainHttp = Flag(value) },
        [nameof(ServerOptions.SmdpAddress)] = (options, value) => options with { SmdpAddress = Text(value) },
        [nameof(ServerOptions.Es2PlusUrl)] = (options, value) => options with { Es2PlusUrl = Url(value) },
        [nameof(ServerOptions.Es2PlusRequesterId)] = (options, value) => options with { Es2PlusRequesterId = Text(value) },
        [nameof(ServerOptions.Es2CallbackUrl)] = (options, value) => options with { Es2CallbackUrl = Url(value) },
        [nameof(ServerOptions.MetricsUrl)] = (options, value) => options with { MetricsUrl = Url(value) },
        [nameof(ServerOptions.OtlpEndpoint)] = (options, value) => options with { OtlpEndpoint = Url(value) },
        [nameof(ServerOptions.TraceRatio)] = (options, value) => options with { TraceRatio = Ratio(value) },
        [nameof(ServerOptions.LogFormat)] = (options, value) => options with { LogFormat = Format(value.Path, value.Value) },
        [nameof(ServerOptions.ShutdownDelay)] = (options, value) => options with { ShutdownDelay = Time(value) },
        [nameof(ServerOptions.ShutdownTimeout)] = (options, value) => options with { ShutdownTimeout = Time(value) },
        [nameof(ServerOptions.Organisation)] = (options, value) => options with { Organisation = Text(value) },
        [nameof(ServerOptions.Administrator)] = (options, value) => options with { Administrator = Text(value) },
    };

    /// <summary>Reads the options.</summary>
    /// <exception cref="SetupException">A setting is unknown, or its value is not of its kind.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.GetSection(Section).GetChildren().Aggregate(
            new ServerOptions(),
            (options, setting) => Known.TryGetValue(setting.Key, out var apply)
                ? apply(options, setting)
                : throw new SetupException($"The setting {setting.Path} is not known; known are {string.Join(", ", Known.Keys)}."));
    }

    /// <summary>Reads a listener's URL.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public static Uri Url(string name, string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        ? url
        : throw new SetupException($"{name} is \"{text}\", which is not a URL such as http://127.0.0.1:8080.");

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

    private static T Choice<T>(IConfigurationSection setting) where T : struct, Enum =>
        Array.Find(Enum.GetNames<T>(), name => name.Equals(setting.Value, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is none of {string.Join(", ", Enum.GetNames<T>())}.");

    private static TimeSpan Time(IConfigurationSection setting) =>
        TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var time)
            ? time
            : throw new SetupException($"The setting {setting.Path} is \"{setting.Value}\", which is not a time such as 00:15:00.");

    /// <summary>A list, or in an environment variable one text with commas.</summary>
    private static string[] List(IConfigurationSection setting) => setting.Value is { } text
        ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [.. setting.GetChildren().Select(Text)];
}
