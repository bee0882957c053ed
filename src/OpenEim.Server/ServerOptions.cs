using System.Net;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;

namespace OpenEim.Server;

/// <summary>How the server is set up. Made by <see cref="ServerSettings"/>, or directly by whoever hosts it in another process.</summary>
public sealed partial record ServerOptions : CommonOptions
{
    /// <summary>Options with their defaults.</summary>
    public ServerOptions()
        : base("openeim-data")
    {
    }

    /// <summary>Whether a signing key other than the one that this database was used with is meant: eUICCs must have been told of it.</summary>
    public bool NewEimKey { get; init; }

    /// <summary>How long operations, packages and notifications are kept.</summary>
    public Retention Retention { get; init; } = Retention.Default;

    /// <summary>Where the REST API listens. Port 0 takes a free one.</summary>
    public Uri ApiUrl { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>Where ESipa listens; plain HTTP only on the loopback. Port 0 takes a free one.</summary>
    public Uri EsipaUrl { get; init; } = new("https://127.0.0.1:8443");

    /// <summary>The id that eUICCs know this eIM by.</summary>
    public string EimId { get; init; } = "openeim";

    /// <summary>
    /// The names under which devices reach ESipa: they stand in a generated certificate, and the first, with a port where
    /// that differs from the listener's, is the address in the initial configuration. None: the listener's own.
    /// </summary>
    public IReadOnlyList<string> EsipaHosts { get; init; } = [];

    /// <summary>Web pages from these origins may call the REST API.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Reverse proxies, in CIDR notation, whose X-Forwarded headers are believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Where callers reach the REST API, for instance https://eim.example.com: the beginning of all links. None: the address that the request
    /// came to, or what a trusted proxy says; the name in a request's Host header is believed only where it is this machine's own.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>How many REST requests per second one application token may make for long.</summary>
    public int RequestsPerSecond { get; init; } = 1_000;

    /// <summary>How many REST requests one application token may make at once.</summary>
    public int RequestBurst { get; init; } = 5_000;

    /// <summary>How many lists that may take long one application token may read at the same time, on each server.</summary>
    public int ListsPerToken { get; init; } = 4;

    /// <summary>How many of them all tokens of one organisation may read at the same time; as many again may wait.</summary>
    public int ListsPerOrganisation { get; init; } = 8;

    /// <summary>How long a device has for its answer: no package is given up before, and a delivered operation whose validity ends sooner waits as long.</summary>
    public TimeSpan ResultPatience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether devices may download profiles through the eIM; those that can do both are told to. Otherwise they go to the SM-DP+ themselves.</summary>
    public bool IndirectDownload { get; init; } = true;

    /// <summary>A PEM file with roots that SM-DP+s' TLS certificates may lead to beside the CIs.</summary>
    public string? SmdpRoots { get; init; }

    /// <summary>The only SM-DP+s that are called, by name; <c>*.example.com</c> for all names below one. None: every name.</summary>
    public IReadOnlyList<string> SmdpHosts { get; init; } = [];

    /// <summary>Networks, in CIDR notation, in which SM-DP+s are called although they are not of the public internet.</summary>
    public IReadOnlyList<string> SmdpPrivateNetworks { get; init; } = [];

    /// <summary>Whether SM-DP+s on the loopback are spoken to in plain HTTP: for demonstrations and tests.</summary>
    public bool SmdpPlainHttp { get; init; }

    /// <summary>The SM-DP+ to order profiles from: scheme, host and port of its ES2+. None: profiles are not ordered.</summary>
    public Uri? Es2PlusUrl { get; init; }

    /// <summary>Who we are to that SM-DP+; none: the eIM's id.</summary>
    public string? Es2PlusRequesterId { get; init; }

    /// <summary>The SM-DP+'s address in activation codes, unless it tells another; none: host and port of Es2PlusUrl.</summary>
    public string? SmdpAddress { get; init; }

    /// <summary>Where SM-DP+s tell the progress of downloads: mutual TLS, plain HTTP only on the loopback. None: they do not. Port 0 takes a free one.</summary>
    public Uri? Es2CallbackUrl { get; init; }

    /// <summary>The name of the organisation that the first start makes.</summary>
    public string Organisation { get; init; } = "OpenEim";

    /// <summary>The name of the administrator that the first start makes.</summary>
    public string Administrator { get; init; } = "Administrator";

    /// <summary>Checks that all of it can be followed.</summary>
    /// <exception cref="SetupException">Something cannot; the message says what and why.</exception>
    public ServerOptions Validated()
    {
        CheckCommon();
        Refuse(
            Retention.Operations < Retention.Shortest || Retention.Exchanges < Retention.Shortest || Retention.Notifications < Retention.Shortest,
            $"KeepOperations, KeepExchanges and KeepNotifications must be at least {Retention.Shortest.TotalDays} days");
        Refuse(EimId.Length is 0 or > 128, "EimId must have 1 to 128 characters");
        Refuse(RequestsPerSecond < 1, "RequestsPerSecond must be at least 1");
        Refuse(RequestBurst < RequestsPerSecond, "RequestBurst must be at least RequestsPerSecond");
        Refuse(ListsPerToken < 1, "ListsPerToken must be at least 1");
        Refuse(ListsPerOrganisation < ListsPerToken, "ListsPerOrganisation must be at least ListsPerToken");
        Refuse(
            PublicUrl is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/" || url.UserInfo.Length > 0),
            "PublicUrl must be of the form https://host or https://host:port");
        Refuse(ResultPatience < TimeSpan.Zero, "ResultPatience must not be negative");
        Refuse(string.IsNullOrWhiteSpace(Organisation) || string.IsNullOrWhiteSpace(Administrator), "Organisation and Administrator must not be empty");
        CheckListener(nameof(ApiUrl), ApiUrl);
        CheckListener(nameof(EsipaUrl), EsipaUrl);
        RefusePlain(nameof(ApiUrl), ApiUrl);
        RefusePlain(nameof(EsipaUrl), EsipaUrl);
        var esipa = AddressOf(EsipaUrl);
        Refuse(
            EsipaHosts.Count == 0 && (esipa.Equals(IPAddress.Any) || esipa.Equals(IPAddress.IPv6Any)),
            "EsipaHosts must give the name under which devices reach ESipa, since EsipaUrl listens on all addresses");
        CheckSmdp();
        CheckEsipa();
        CheckDelivery();
        foreach (var host in EsipaHosts)
        {
            Refuse(!EsipaAddress.TryParse(host, out _), $"EsipaHosts holds \"{host}\", which is not a host name or IP address with or without a port");
        }

        foreach (var origin in CorsOrigins)
        {
            Refuse(
                !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin,
                $"CorsOrigins holds \"{origin}\", which is not an origin such as https://console.example.com");
        }

        foreach (var proxy in TrustedProxies)
        {
            Refuse(!IPNetwork.TryParse(proxy, out _), $"TrustedProxies holds \"{proxy}\", which is not a network such as 10.0.0.0/8");
        }

        return this;
    }

    private void CheckSmdp()
    {
        Refuse(SmdpRoots is not null && !File.Exists(SmdpRoots), $"SmdpRoots names the file {SmdpRoots}, which does not exist");
        Refuse(
            SmdpAddress is not null && !OpenEim.Protocol.Identifiers.SmdpAddress.TryParse(SmdpAddress, out _),
            $"SmdpAddress is \"{SmdpAddress}\", which is not a host name with or without a port");
        Refuse(
            Es2PlusUrl is { } es2 && (!es2.IsAbsoluteUri || es2.PathAndQuery != "/" || (es2.Scheme != Uri.UriSchemeHttps && !(es2.Scheme == Uri.UriSchemeHttp && es2.IsLoopback))),
            "Es2PlusUrl must be of the form https://host:port; plain http is allowed on the loopback only");
        foreach (var host in SmdpHosts)
        {
            Refuse(!SmdpReach.IsHost(host), $"SmdpHosts holds \"{host}\", which is neither a host name nor one with *. before it");
        }

        foreach (var network in SmdpPrivateNetworks)
        {
            Refuse(!IPNetwork.TryParse(network, out _), $"SmdpPrivateNetworks holds \"{network}\", which is not a network such as 10.0.0.0/8");
        }

        if (Es2CallbackUrl is { } callback)
        {
            CheckListener(nameof(Es2CallbackUrl), callback);
            RefusePlainMutual(nameof(Es2CallbackUrl), callback, "use https");
        }
    }
}
