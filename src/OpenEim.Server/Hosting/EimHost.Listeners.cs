using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Listeners;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Stock;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server.Api;
using OpenEim.Server.Es2Callback;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>Where it listens.</summary>
public sealed partial class EimHost
{
    /// <summary>Where the REST API listens, the real port included.</summary>
    public Uri ApiUrl { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where ESipa listens, the real port included.</summary>
    public Uri EsipaUrl { get; private set; } = new("https://127.0.0.1");

    /// <summary>Where SM-DP+s tell the progress of downloads, the real port included; null when they do not.</summary>
    public Uri? Es2CallbackUrl { get; private set; }

    /// <summary>Where Prometheus reads <c>/metrics</c>, the real port included; null when it does not.</summary>
    public Uri? MetricsUrl { get; private set; }

    internal IReadOnlyList<Endpoint> ApiEndpoints { get; private set; } = [];

    private Addresses Bind()
    {
        var addresses = new Addresses(
            _host.Bind(Options.EsipaUrl),
            _host.Bind(Options.ApiUrl),
            Options.Es2CallbackUrl is { } callback ? _host.Bind(callback) : null,
            Options.MetricsUrl is { } metrics ? _host.Bind(metrics) : null);
        (EsipaUrl, ApiUrl) = (addresses.Esipa.Url, addresses.Api.Url);
        (Es2CallbackUrl, MetricsUrl) = (addresses.Es2Callback?.Url, addresses.Metrics?.Url);
        return addresses;
    }

    private EimIdentity CreateIdentity()
    {
        var address = Options.EsipaHosts.Count > 0 && EsipaAddress.TryParse(Options.EsipaHosts[0], out var named) ? named : new EsipaAddress(EsipaUrl.Host, null);
        return new EimIdentity(
            Options.EimId,
            address.ToFqdn(EsipaUrl.Port),
            Pki.Eim!.Key,
            Pki.Eim.Certificate.Encoded,
            new EimKeyData(PublicKey: Pki.EimTls!.Certificate.SubjectPublicKeyInfo))
        {
            IndirectProfileDownload = Options.IndirectDownload,
        };
    }

    private void AddApi(BoundAddress address, ApiServices services)
    {
        var api = ApiApplication.Build(Options, address, TlsFor(address), _host, services);
        ApiEndpoints = [.. ((IEndpointRouteBuilder)api).DataSources.SelectMany(source => source.Endpoints)];
        _host.Add(address, api);
    }

    private void AddEs2Callback(BoundAddress? address, Database database, RspTrust trust)
    {
        if (address is not null)
        {
            var progress = new StockProgress(database, _host.Time, _host.Loggers.CreateLogger<StockProgress>());
            _host.Add(address, new Es2CallbackApplication(progress, trust, _host.Time).Build(address, TlsFor(address), _host));
        }
    }

    private void AddMetrics(BoundAddress? address, Database database)
    {
        if (_host.Telemetry.Metrics is not null)
        {
            _host.StartLoop("Measuring the backlog", Backlog.Interval, new Backlog(database, _telemetry, _host.Time).MeasureAsync);
            MetricsListener.Add(_host, address, address is null ? null : TlsFor(address));
        }
    }

    private X509Certificate2? TlsFor(BoundAddress address) => address.IsHttps ? TlsCertificate.Of(Pki.EimTls!) : null;

    private List<string> Hosts() =>
    [
        .. Options.EsipaHosts.Select(text => EsipaAddress.TryParse(text, out var address) ? address.Host : text),
        "localhost", "127.0.0.1", "::1",
    ];

    private sealed record Addresses(BoundAddress Esipa, BoundAddress Api, BoundAddress? Es2Callback, BoundAddress? Metrics);
}
