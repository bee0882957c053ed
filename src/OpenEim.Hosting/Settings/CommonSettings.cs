namespace OpenEim.Hosting.Settings;

/// <summary>The rows of the settings that every host has.</summary>
public static class CommonSettings
{
    /// <summary>Where the data are.</summary>
    /// <param name="data">What the data folder holds.</param>
    public static IReadOnlyList<Setting<TOptions>> Place<TOptions>(string data)
        where TOptions : CommonOptions, new() =>
    [
        Row<TOptions>(nameof(CommonOptions.Data), "--data", data, (options, value) => options with { Data = value.Text() }) with { IsOfEveryCommand = true },
        Row<TOptions>(
            nameof(CommonOptions.Database),
            "--database",
            "PostgreSQL: `Host=…;Username=…;Database=…` or `postgres://…`",
            (options, value) => options with { Database = value.Text() }) with
        {
            Default = "a SQLite file in `Data`", See = "[postgresql.md](postgresql.md)", IsOfEveryCommand = true,
        },
        Switch<TOptions>(
            nameof(CommonOptions.NewDatabase),
            "--new-database",
            "makes a new database if the one of an earlier start is missing. Otherwise the server does not start",
            (options, value) => options with { NewDatabase = value.Flag() }) with { IsOfEveryCommand = true },
        Row<TOptions>(
            nameof(CommonOptions.MasterKey),
            "--master-key",
            "the file with the key of the database's secrets, the same for all nodes. The server makes it if it is missing",
            (options, value) => options with { MasterKey = value.Text() }) with { Default = "`master.key` in `Data`", IsOfEveryCommand = true },
    ];

    /// <summary>The operator's own keys.</summary>
    /// <param name="what">What the folder may hold.</param>
    public static Setting<TOptions> Pki<TOptions>(string what)
        where TOptions : CommonOptions, new() =>
        Row<TOptions>(nameof(CommonOptions.Pki), "--pki", what, (options, value) => options with { Pki = value.Text() });

    /// <summary>Whether a proxy ends TLS.</summary>
    /// <param name="listeners">Which listeners may be plain HTTP then.</param>
    public static Setting<TOptions> PlainHttpBehindProxy<TOptions>(string listeners)
        where TOptions : CommonOptions, new() =>
        Switch<TOptions>(
            nameof(CommonOptions.PlainHttpBehindProxy),
            "--plain-http-behind-proxy",
            $"a proxy ends TLS, so {listeners} may be plain HTTP beyond the loopback",
            (options, value) => options with { PlainHttpBehindProxy = value.Flag() }) with
        { See = "[operations.md](operations.md#what-a-start-refuses)" };

    /// <summary>Who is not believed.</summary>
    public static IReadOnlyList<Setting<TOptions>> Trust<TOptions>()
        where TOptions : CommonOptions, new() =>
    [
        Row<TOptions>(
            nameof(CommonOptions.Crl),
            "--crl",
            "a folder, or one file, with revocation lists of CIs and EUMs. It is read again when it changes",
            (options, value) => options with { Crl = value.Text() }) with { See = "[operations.md](operations.md#revocation-and-quarantine)" },
        Row<TOptions>(
            nameof(CommonOptions.Quarantine),
            "--quarantine",
            "a folder, or one file, with certificates and EIDs of EUMs and eUICCs that the server does not trust. It is read again when it changes",
            (options, value) => options with { Quarantine = value.Text() }),
    ];

    /// <summary>How it is watched and how it stops.</summary>
    public static IReadOnlyList<Setting<TOptions>> WatchingAndStopping<TOptions>()
        where TOptions : CommonOptions, new() =>
    [
        Row<TOptions>(
            nameof(CommonOptions.MetricsUrl),
            "--metrics-url",
            "where `/metrics` is served to Prometheus, for instance `http://127.0.0.1:9464`",
            (options, value) => options with { MetricsUrl = value.Url() }),
        Row<TOptions>(
            nameof(CommonOptions.OtlpEndpoint),
            "--otlp-endpoint",
            "where traces and metrics are sent over OTLP, for instance `http://127.0.0.1:4318`",
            (options, value) => options with { OtlpEndpoint = value.Url() }),
        Row<TOptions>(nameof(CommonOptions.TraceRatio), null, "the share of the traces that is sent, 0 to 1", (options, value) => options with { TraceRatio = value.Ratio() }),
        Row<TOptions>(nameof(CommonOptions.LogFormat), "--log-format", "`text` or `json`", (options, value) => options with { LogFormat = value.Choice<LogFormat>() }),
        Row<TOptions>(
            nameof(CommonOptions.ShutdownDelay),
            "--shutdown-delay",
            "how long the server goes on serving requests after the signal to stop",
            (options, value) => options with { ShutdownDelay = value.Time() }) with
        {
            ApplyOption = (options, value) => (TOptions)((CommonOptions)options with { ShutdownDelay = value.Seconds() }), OptionNote = "(seconds)",
            OptionHelp = "Seconds for which the server goes on serving requests after the signal to stop (default: 0).",
        },
        Row<TOptions>(
            nameof(CommonOptions.ShutdownTimeout),
            null,
            "how long requests that have begun may take after that",
            (options, value) => options with { ShutdownTimeout = value.Time() }),
    ];

    // A copy of a record is of its own type, whatever the type of the variable.
    private static Setting<TOptions> Row<TOptions>(string name, string? option, string what, Func<CommonOptions, SettingValue, CommonOptions> apply)
        where TOptions : CommonOptions, new() =>
        new(name, option, what, (options, value) => (TOptions)apply(options, value));

    private static Setting<TOptions> Switch<TOptions>(string name, string option, string what, Func<CommonOptions, SettingValue, CommonOptions> apply)
        where TOptions : CommonOptions, new() =>
        Row<TOptions>(name, option, what, apply) with { Form = OptionForm.Switch };
}
