using System.Net;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Security;

namespace OpenEim.Smdp;

/// <summary>How the SM-DP+ is set up. Made by <see cref="SmdpSettings"/>, or directly by whoever hosts it in another process.</summary>
public sealed record SmdpOptions : CommonOptions
{
    /// <summary>Options with their defaults.</summary>
    public SmdpOptions()
        : base("openeim-smdp-data")
    {
    }

    /// <summary>Where ES9+ listens, for devices and eIMs; plain HTTP only on the loopback. Port 0 takes a free one.</summary>
    public Uri Es9PlusUrl { get; init; } = new("https://127.0.0.1:8444");

    /// <summary>Where ES2+ listens, for operators; plain HTTP only on the loopback. Port 0 takes a free one.</summary>
    public Uri Es2PlusUrl { get; init; } = new("http://127.0.0.1:8445");

    /// <summary>
    /// The names under which devices reach ES9+: they stand in a generated certificate, and the first, with a port where that
    /// differs from 443, is the address in activation codes. None: the listener's own.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The OID in generated SM-DP+ certificates.</summary>
    public string Oid { get; init; } = TestPki.DefaultDpOid;

    /// <summary>PEM files with the roots that operators' client certificates lead to. Needed where ES2+ is https.</summary>
    public IReadOnlyList<string> Es2PlusTrust { get; init; } = [];

    /// <summary>The operator's server, whose handleDownloadProgressInfo hears of downloads; null when nobody wants to.</summary>
    public Uri? ProgressUrl { get; init; }

    /// <summary>How this SM-DP+ names itself to the operator.</summary>
    public string RequesterIdentifier { get; init; } = "openeim-smdp";

    /// <summary>How long a device may take from the first message to the last.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a released profile may be downloaded.</summary>
    public TimeSpan OrderLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How often the package of one order may be delivered.</summary>
    public int MaxDownloads { get; init; } = 10;

    /// <summary>How many wrong confirmation codes end an order.</summary>
    public int MaxConfirmationFailures { get; init; } = 3;

    /// <summary>Checks that all of it can be followed.</summary>
    /// <exception cref="SetupException">Something cannot; the message says what and why.</exception>
    public SmdpOptions Validated()
    {
        CheckCommon();
        Refuse(string.IsNullOrWhiteSpace(RequesterIdentifier), "RequesterIdentifier must not be empty");
        Refuse(SessionLifetime <= TimeSpan.Zero, "SessionLifetime must be positive");
        Refuse(OrderLifetime <= TimeSpan.Zero, "OrderLifetime must be positive");
        Refuse(MaxDownloads < 1, "MaxDownloads must be at least 1");
        Refuse(MaxConfirmationFailures < 1, "MaxConfirmationFailures must be at least 1");
        CheckListener(nameof(Es9PlusUrl), Es9PlusUrl);
        CheckListener(nameof(Es2PlusUrl), Es2PlusUrl);
        RefusePlain(nameof(Es9PlusUrl), Es9PlusUrl);
        RefusePlainMutual(nameof(Es2PlusUrl), Es2PlusUrl, "use https, by which operators show their certificates");
        var es9 = AddressOf(Es9PlusUrl);
        Refuse(
            Hosts.Count == 0 && (es9.Equals(IPAddress.Any) || es9.Equals(IPAddress.IPv6Any)),
            "Hosts must give the name under which devices reach ES9+, since Es9PlusUrl listens on all addresses");
        Refuse(
            Es2PlusUrl.Scheme == Uri.UriSchemeHttps && Es2PlusTrust.Count == 0,
            "Es2PlusTrust must name a PEM file with the roots of the operators' client certificates, since Es2PlusUrl is https");
        foreach (var host in Hosts)
        {
            Refuse(!SmdpAddresses.IsHost(host), $"Hosts holds \"{host}\", which is not a host name or IP address with or without a port");
        }

        Refuse(
            ProgressUrl is { } url && url.Scheme != Uri.UriSchemeHttps && !(url.Scheme == Uri.UriSchemeHttp && url.IsLoopback),
            "ProgressUrl must be https; plain http is allowed on the loopback only");
        return this;
    }
}
