using OpenEim.Hosting.Settings;

namespace OpenEim.Smdp;

/// <summary>The settings of the SM-DP+, section <c>OpenEimSmdp</c>: each is one row (docs/smdp.md).</summary>
public static class SmdpSettings
{
    /// <summary>All of them.</summary>
    public static HostSettings<SmdpOptions> All { get; } = new(
        "OpenEimSmdp",
        new SettingGroup<SmdpOptions>("Settings",
        [
            .. CommonSettings.Place<SmdpOptions>("the folder of the database, the master key and generated certificates"),
            .. Listeners(),
            CommonSettings.PlainHttpBehindProxy<SmdpOptions>("`Es9PlusUrl` and `MetricsUrl`"),
            .. Keys(),
            .. CommonSettings.Trust<SmdpOptions>(),
            .. Orders(),
            .. CommonSettings.WatchingAndStopping<SmdpOptions>(),
        ]));

    /// <summary>Reads what the configuration says.</summary>
    /// <exception cref="SetupException">A setting is unknown, or its value is not of its kind.</exception>
    public static SmdpOptions Read(IConfiguration configuration) => All.Read(configuration);

    private static Setting<SmdpOptions>[] Listeners() =>
    [
        new(
            nameof(SmdpOptions.Es9PlusUrl),
            "--es9plus-url",
            "where devices and eIMs come. Plain HTTP is allowed on the loopback, or behind a proxy",
            (options, value) => options with { Es9PlusUrl = value.Url() }),
        new(
            nameof(SmdpOptions.Es2PlusUrl),
            "--es2plus-url",
            "where operators come. Plain HTTP is allowed on the loopback only; https needs `Es2PlusTrust`",
            (options, value) => options with { Es2PlusUrl = value.Url() }),
        new(
            nameof(SmdpOptions.Hosts),
            "--host",
            "names under which devices reach ES9+. The generated certificate has all of them. Activation codes have the first one, with its port unless that is 443",
            (options, value) => options with { Hosts = value.List() }) { Form = OptionForm.Repeated, Default = "the listener's address" },
    ];

    private static Setting<SmdpOptions>[] Keys() =>
    [
        CommonSettings.Pki<SmdpOptions>(
            "a folder with your own `ci.pem`, and `dpauth`, `dppb`, `dptls` as `.pem` and `.key`. Missing files are generated if `ci.key` is there. Keys are for their owner alone (mode 600)"),
        new(nameof(SmdpOptions.Oid), null, "the OID in generated certificates", (options, value) => options with { Oid = value.Text() }),
        new(
            nameof(SmdpOptions.Es2PlusTrust),
            "--es2plus-trust",
            "PEM files with the roots of operators' certificates",
            (options, value) => options with { Es2PlusTrust = value.List() }) { Form = OptionForm.Repeated },
    ];

    private static Setting<SmdpOptions>[] Orders() =>
    [
        new(
            nameof(SmdpOptions.ProgressUrl),
            "--progress-url",
            "the operator's server that hears of downloads (ES2+ `handleDownloadProgressInfo`)",
            (options, value) => options with { ProgressUrl = value.Url() }),
        new(
            nameof(SmdpOptions.RequesterIdentifier),
            null,
            "how the SM-DP+ names itself to the operator",
            (options, value) => options with { RequesterIdentifier = value.Text() }),
        new(
            nameof(SmdpOptions.SessionLifetime),
            null,
            "how long a device may take from its first message to its last",
            (options, value) => options with { SessionLifetime = value.Time() }),
        new(nameof(SmdpOptions.OrderLifetime), null, "how long a released profile may be downloaded", (options, value) => options with { OrderLifetime = value.Time() }),
        new(nameof(SmdpOptions.MaxDownloads), null, "how often one order is delivered without a result", (options, value) => options with { MaxDownloads = value.Number() }),
        new(
            nameof(SmdpOptions.MaxConfirmationFailures),
            null,
            "how many wrong confirmation codes end an order",
            (options, value) => options with { MaxConfirmationFailures = value.Number() }),
    ];
}
