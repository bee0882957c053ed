using OpenEim.Hosting.Settings;
using OpenEim.Manager.Exchanges;

namespace OpenEim.Server;

/// <summary>The settings of the eIM, section <c>OpenEim</c>: each is one row (docs/settings.md).</summary>
public static class ServerSettings
{
    /// <summary>All of them.</summary>
    public static HostSettings<ServerOptions> All { get; } = new(
        "OpenEim",
        new("The settings of the eIM", Service()),
        new("Listeners", Listeners()),
        new("Limits", Limits()),
        new("Devices that do not answer", Delivery()),
        new("Downloads and SM-DP+s", Downloads()),
        new("Trust", CommonSettings.Trust<ServerOptions>()),
        new("Watching and stopping", CommonSettings.WatchingAndStopping<ServerOptions>()));

    /// <summary>Reads what the configuration says.</summary>
    /// <exception cref="SetupException">A setting is unknown, or its value is not of its kind.</exception>
    public static ServerOptions Read(IConfiguration configuration) => All.Read(configuration);

    private static Setting<ServerOptions>[] Service() =>
    [
        .. CommonSettings.Place<ServerOptions>("the folder of the database, the master key, generated certificates and the first application token"),
        CommonSettings.Pki<ServerOptions>("a folder with your own `ci.pem`, `eim.pem`, `eim.key`, `eimtls.pem`, `eimtls.key`. Missing files are generated in `Data`"),
        new(
            nameof(ServerOptions.NewEimKey),
            null,
            "accepts a signing key other than the one that this database was used with. The eUICCs must know the new key",
            (options, value) => options with { NewEimKey = value.Flag() }),
        new(nameof(ServerOptions.EimId), "--eim-id", "the id that eUICCs know this eIM by, 1 to 128 characters", (options, value) => options with { EimId = value.Text() }),
        new(nameof(ServerOptions.Organisation), null, "the name of the organisation that the first start makes", (options, value) => options with { Organisation = value.Text() }),
        new(nameof(ServerOptions.Administrator), null, "the name of the administrator that the first start makes", (options, value) => options with { Administrator = value.Text() }),
        new("KeepOperations", null, "how long operations are kept, at least 31 days", (options, value) => options with { Retention = options.Retention with { Operations = value.Time() } })
        {
            Default = "`400.00:00:00`", See = "[postgresql.md](postgresql.md#history)",
        },
        new("KeepExchanges", null, "the same for packages and their results", (options, value) => options with { Retention = options.Retention with { Exchanges = value.Time() } })
        {
            Default = "`92.00:00:00`",
        },
        new("KeepNotifications", null, "the same for notifications", (options, value) => options with { Retention = options.Retention with { Notifications = value.Time() } })
        {
            Default = "`400.00:00:00`",
        },
    ];

    private static Setting<ServerOptions>[] Listeners() =>
    [
        new(
            nameof(ServerOptions.ApiUrl),
            "--api-url",
            "where the REST API listens: an IP address of this machine, or `localhost`. Plain HTTP is allowed on the loopback only",
            (options, value) => options with { ApiUrl = value.Url() }),
        new(nameof(ServerOptions.EsipaUrl), "--esipa-url", "where devices poll. Plain HTTP is allowed on the loopback only", (options, value) => options with { EsipaUrl = value.Url() }),
        new(
            nameof(ServerOptions.EsipaHosts),
            "--esipa-host",
            "names under which devices reach ESipa. The generated certificate has all of them. The initial configuration of cards has the first one, with its port",
            (options, value) => options with { EsipaHosts = value.List() }) { Form = OptionForm.Repeated, Default = "the listener's address" },
        CommonSettings.PlainHttpBehindProxy<ServerOptions>("`ApiUrl`, `EsipaUrl` and `MetricsUrl`"),
        new(
            nameof(ServerOptions.PublicUrl),
            "--public-url",
            "the URL under which callers reach the REST API. Links begin with it",
            (options, value) => options with { PublicUrl = value.Url() }) { See = "[operations.md](operations.md#the-rest-api)" },
        new(nameof(ServerOptions.TrustedProxies), null, "networks whose `X-Forwarded-*` headers are believed", (options, value) => options with { TrustedProxies = value.List() }),
        new(
            nameof(ServerOptions.CorsOrigins),
            null,
            "web pages from these origins may call the REST API, for instance `https://console.example.com`",
            (options, value) => options with { CorsOrigins = value.List() }),
    ];

    private static Setting<ServerOptions>[] Limits() =>
    [
        new(nameof(ServerOptions.RequestsPerSecond), null, "requests of one application token in a second, on average", (options, value) => options with { RequestsPerSecond = value.Number() })
        {
            See = "[operations.md](operations.md#the-rest-api)",
        },
        new(nameof(ServerOptions.RequestBurst), null, "requests of one application token at once", (options, value) => options with { RequestBurst = value.Number() }),
        new(nameof(ServerOptions.ListsPerToken), null, "long lists that one application token reads at the same time", (options, value) => options with { ListsPerToken = value.Number() }),
        new(nameof(ServerOptions.ListsPerOrganisation), null, "the same for a whole organisation", (options, value) => options with { ListsPerOrganisation = value.Number() }),
        new(nameof(ServerOptions.EsipaNetworks), null, "networks that devices may come from", (options, value) => options with { EsipaNetworks = value.List() })
        {
            Default = "anywhere", See = "[security.md](security.md#limits-of-the-esipa-listener)",
        },
        new(nameof(ServerOptions.EsipaClientRoots), null, "a PEM file with the roots of devices' client certificates", (options, value) => options with { EsipaClientRoots = value.Text() }),
        new(nameof(ServerOptions.EsipaDeviceRate), null, "requests of one device in a second; 0 switches the limit off", (options, value) => options with { EsipaDeviceRate = value.Number() }),
        new(nameof(ServerOptions.EsipaDeviceBurst), null, "requests of one device at once", (options, value) => options with { EsipaDeviceBurst = value.Number() }),
        new(
            nameof(ServerOptions.EsipaAddressRate),
            null,
            "requests of one address in a second that are not idle polls; 0 switches the limit off",
            (options, value) => options with { EsipaAddressRate = value.Number() }),
        new(nameof(ServerOptions.EsipaAddressBurst), null, "requests of one address at once", (options, value) => options with { EsipaAddressBurst = value.Number() }),
        new(nameof(ServerOptions.EsipaConnections), null, "open connections of devices; 0 switches the limit off", (options, value) => options with { EsipaConnections = value.Number() }),
        new(
            nameof(ServerOptions.EsipaConnectionsPerAddress),
            null,
            "the same for one address",
            (options, value) => options with { EsipaConnectionsPerAddress = value.Number() }),
        new(
            nameof(ServerOptions.AllowV10),
            null,
            "`off`, `auto` or `on`: who may begin a download without naming its eUICC",
            (options, value) => options with { AllowV10 = value.Choice<AllowV10>() }) { See = "[operations.md](operations.md#devices-of-sgp32-v10)" },
        new(
            nameof(ServerOptions.V10SessionsPerAddress),
            null,
            "such downloads of one address in a minute, 1 to 10000",
            (options, value) => options with { V10SessionsPerAddress = value.Number() }),
        new(
            nameof(ServerOptions.V10SessionsPerOperation),
            null,
            "such downloads in a minute for each download that waits, 1 to 10000. Half of them are for addresses that have begun none in this minute",
            (options, value) => options with { V10SessionsPerOperation = value.Number() }),
    ];

    private static Setting<ServerOptions>[] Delivery() =>
    [
        new(
            nameof(ServerOptions.ResultPatience),
            null,
            "how long a device has for its answer: no package is given up before, and a delivered operation whose `validity_period` ends sooner waits as long",
            (options, value) => options with { ResultPatience = value.Time() }),
        new(
            nameof(ServerOptions.PackageHold),
            null,
            "how long the first hold of a package is; each next hold is twice as long",
            (options, value) => options with { PackageHold = value.Time() }),
        new(nameof(ServerOptions.PackageHoldLimit), null, "the longest hold", (options, value) => options with { PackageHoldLimit = value.Time() }),
        new(
            nameof(ServerOptions.UnansweredRounds),
            null,
            "after how many rounds without an answer an operation fails, 1 to 100",
            (options, value) => options with { UnansweredRounds = value.Number() }),
        new(
            nameof(ServerOptions.DownloadErrorRounds),
            null,
            "after how many unsigned reports of a device a download fails, 1 to 100",
            (options, value) => options with { DownloadErrorRounds = value.Number() }),
    ];

    private static Setting<ServerOptions>[] Downloads() =>
    [
        new(
            nameof(ServerOptions.IndirectDownload),
            "--direct-download",
            "devices download through the eIM where they can. Otherwise they go to the SM-DP+ themselves",
            (options, value) => options with { IndirectDownload = value.Flag() })
        {
            Form = OptionForm.Switch, ApplyOption = (options, _) => options with { IndirectDownload = false }, OptionNote = "switches it off",
            OptionHelp = "Devices download profiles from the SM-DP+ themselves, not through the eIM.",
        },
        new(nameof(ServerOptions.SmdpHosts), "--smdp-host", "the eIM calls only these SM-DP+s; `*.example.com` stands for all names below one", (options, value) => options with { SmdpHosts = value.List() })
        {
            Form = OptionForm.Repeated, Default = "every name", See = "[operations.md](operations.md#sm-dps-that-the-eim-calls)",
        },
        new(
            nameof(ServerOptions.SmdpPrivateNetworks),
            "--smdp-private-network",
            "networks that are not public in which the eIM calls SM-DP+s all the same. For an SM-DP+ on the same machine: `127.0.0.0/8`",
            (options, value) => options with { SmdpPrivateNetworks = value.List() }) { Form = OptionForm.Repeated },
        new(
            nameof(ServerOptions.SmdpRoots),
            "--smdp-roots",
            "a PEM file with roots of the web's CAs that SM-DP+s' TLS certificates may lead to",
            (options, value) => options with { SmdpRoots = value.Text() }),
        new(
            nameof(ServerOptions.SmdpPlainHttp),
            null,
            "the eIM speaks plain HTTP with SM-DP+s on the loopback, for demonstrations and tests",
            (options, value) => options with { SmdpPlainHttp = value.Flag() }),
        new(
            nameof(ServerOptions.Es2PlusUrl),
            "--es2plus-url",
            "the SM-DP+ that the eIM orders profiles from: scheme, host and port of its ES2+. Plain HTTP is allowed on the loopback only",
            (options, value) => options with { Es2PlusUrl = value.Url() }),
        new(
            nameof(ServerOptions.Es2PlusRequesterId),
            null,
            "how the eIM names itself to that SM-DP+",
            (options, value) => options with { Es2PlusRequesterId = value.Text() }) { Default = "`EimId`" },
        new(
            nameof(ServerOptions.SmdpAddress),
            null,
            "the address of that SM-DP+ in activation codes, unless the SM-DP+ tells another one",
            (options, value) => options with { SmdpAddress = value.Text() }) { Default = "host and port of `Es2PlusUrl`" },
        new(
            nameof(ServerOptions.Es2CallbackUrl),
            "--es2-callback-url",
            "where that SM-DP+ reports the progress of downloads to the eIM: mutual TLS; plain HTTP is allowed on the loopback only",
            (options, value) => options with { Es2CallbackUrl = value.Url() }),
    ];
}
