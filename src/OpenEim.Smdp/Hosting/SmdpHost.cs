using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Security;
using OpenEim.Smdp.Es2Plus;
using OpenEim.Smdp.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Smdp.Telemetry;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Smdp;

/// <summary>One running SM-DP+: ES9+ and ES2+ on listeners of their own over one database. Several may run in one process.</summary>
public sealed partial class SmdpHost : IStoppable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(30);

    private readonly RunningHost _host;
    private readonly SmdpTelemetry _telemetry;
    private ProgressOutbox? _progress;
    private Action<Uri>? _startReporting;

    private SmdpHost(SmdpOptions options, TimeProvider? time, Action<ILoggingBuilder>? logging)
    {
        Options = options;
        _host = new RunningHost("openeim-smdp", options, time, logging);
        _telemetry = new SmdpTelemetry(_host.Telemetry.Meters);
        _host.Telemetry.Begin(options, _telemetry, _telemetry.Activities, SmdpTelemetry.Name);
    }

    /// <summary>How it was set up.</summary>
    public SmdpOptions Options { get; }

    /// <summary>Where ES9+ listens, the real port included.</summary>
    public Uri Es9PlusUrl { get; private set; } = new("https://127.0.0.1");

    /// <summary>Where ES2+ listens, the real port included.</summary>
    public Uri Es2PlusUrl { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where Prometheus reads <c>/metrics</c>, the real port included; null when it does not.</summary>
    public Uri? MetricsUrl { get; private set; }

    /// <summary>The address in activation codes.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The trusted roots and the SM-DP+'s own keys.</summary>
    public PkiDirectory Pki { get; private set; } = null!;

    /// <summary>The profiles, for whoever hosts this in his own process.</summary>
    public ProfileStock Profiles { get; private set; } = null!;

    /// <summary>Opens the data folder and starts both listeners.</summary>
    /// <exception cref="SetupException">It cannot start as it is set up.</exception>
    public static async Task<SmdpHost> StartAsync(
        SmdpOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new SmdpHost(options.Validated(), time, logging);
        try
        {
            await host.OpenAsync(ct).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Tells the operator's server of downloads from now on (ES2+ handleDownloadProgressInfo), as <see cref="SmdpOptions.ProgressUrl"/> does
    /// from the start: for whoever starts both in one process, where each would need the other's port first.
    /// </summary>
    /// <exception cref="InvalidOperationException">Somebody is told already.</exception>
    /// <exception cref="SetupException">The URL is neither https nor on the loopback.</exception>
    public void ReportTo(Uri operatorUrl)
    {
        _ = (Options with { ProgressUrl = operatorUrl }).Validated();
        var start = Interlocked.Exchange(ref _startReporting, null) ?? throw new InvalidOperationException("an operator is told already");
        start(operatorUrl);
    }

    /// <summary>Drains, then stops: <see cref="RunningHost.StopAsync"/>.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops at once, but in order: the listeners first, then what they used is closed.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Takes the addresses first, so that one that is taken ends the start and the real ports are known; serves last, when all is there.</summary>
    private async Task OpenAsync(CancellationToken ct)
    {
        var (es9Plus, es2Plus) = (_host.Bind(Options.Es9PlusUrl), _host.Bind(Options.Es2PlusUrl));
        var metrics = Options.MetricsUrl is { } url ? _host.Bind(url) : null;
        (Es9PlusUrl, Es2PlusUrl, MetricsUrl) = (es9Plus.Url, es2Plus.Url, metrics?.Url);
        var folder = DataFolder.Open(Options.Data);
        var database = await OpenDatabaseAsync(folder).ConfigureAwait(false);
        var masterKey = _host.Own(MasterKeyFile.LoadOrCreate(Options.MasterKey ?? folder.MasterKeyPath));
        var (vault, secrets) = (new PackageVault(masterKey), new SecretStore(database, masterKey, _host.Time));
        await RefuseAnotherSmdpAsync(secrets, database, ct).ConfigureAwait(false);
        Profiles = new ProfileStock(database, vault, _host.Time);
        var transactionIds = _host.Own(new TransactionIds(
            await secrets.GetOrCreateAsync("transaction id", 32, ct).ConfigureAwait(false), Options.SessionLifetime, _host.Time));
        _progress = new ProgressOutbox(Options.RequesterIdentifier, _host.Time);
        _startReporting = url => StartReporting(database, url);
        AddEs9Plus(es9Plus, database, vault, transactionIds, _progress);
        AddEs2Plus(es2Plus, database, vault);
        AddMetrics(metrics, database);
        var sweep = new Sweep(database, new FunctionCalls(database, _host.Time), _host.Time);
        _host.StartLoop("Sweeping what is over", SweepInterval, sweep.RunOnceAsync);
        if (Options.ProgressUrl is { } operatorUrl)
        {
            ReportTo(operatorUrl);
        }

        await _host.ServeAsync(ct).ConfigureAwait(false);
    }

    private async Task<Database> OpenDatabaseAsync(DataFolder folder)
    {
        SmdpStorage.Place.RefuseLost(Options, folder);
        Pki = _host.Own(PkiFolder.Read(folder.PkiPath, Options.Pki, new PkiOptions
        {
            Parts = PkiParts.Ci | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls,
            Now = _host.Time.GetUtcNow(),
            Hosts = [.. Options.Hosts.Select(SmdpAddresses.HostOf), "localhost", "127.0.0.1", "::1"],
            DpOid = Options.Oid,
        }));

        // Before keys are kept: beside them a missing database is one that was lost.
        var database = _host.Own(await SmdpStorage.Place.OpenAsync(
            Options, folder, new DatabaseOptions { LoggerFactory = _host.Loggers, Meter = _host.Telemetry.Storage, Time = _host.Time }).ConfigureAwait(false));
        PkiFolder.Keep(folder.PkiPath, Pki);
        return database;
    }

    private void AddEs9Plus(BoundAddress address, Database database, PackageVault vault, TransactionIds transactionIds, ProgressOutbox progress)
    {
        var identity = new SmdpIdentity(new SmdpAddresses(Options.Hosts, address.Url), Pki);
        Address = identity.Addresses.Primary;
        RevocationWatch.Start(_host, Options, identity.Trust, SmdpTelemetry.Name);
        var verification = new EuiccVerification(identity.Trust, _host.Time);
        var types = new ProfileTypes();
        var functions = new Es9PlusFunctions(
            new InitiateAuthentication(identity, transactionIds),
            new AuthenticateClient(database, identity, transactionIds, verification, types, progress, Options, _host.Time),
            new GetBoundProfilePackage(database, new ProfileBinding(identity), verification, vault, types, progress, Options, _telemetry, _host.Time),
            new HandleNotification(database, verification, progress, _host.Time, _host.Loggers.CreateLogger<HandleNotification>()),
            new CancelSession(database, identity, verification, progress, _host.Time));
        var endpoint = new Es9PlusEndpoint(functions, _telemetry, _host.Loggers.CreateLogger<Es9PlusEndpoint>());
        _host.Add(address, RspListener.Build("es9plus", address, TlsFor(address), null, _host, endpoint.HandleAsync));
    }

    private void AddEs2Plus(BoundAddress address, Database database, PackageVault vault)
    {
        var clients = address.IsHttps ? TlsTrust.Open(nameof(SmdpOptions.Es2PlusTrust), Options.Es2PlusTrust, _host.Time) : null;
        var endpoint = new Es2PlusEndpoint(
            new FunctionCalls(database, _host.Time), new ConfirmOrder(vault, Address, Options), Options, _telemetry, _host.Loggers.CreateLogger<Es2PlusEndpoint>());
        _host.Add(address, RspListener.Build("es2plus", address, TlsFor(address), clients, _host, endpoint.HandleAsync));
    }

    private void AddMetrics(BoundAddress? address, Database database)
    {
        if (_host.Telemetry.Metrics is not null)
        {
            _host.StartLoop("Measuring the backlog", Backlog.Interval, new Backlog(database, _telemetry).MeasureAsync);
            MetricsListener.Add(_host, address, address is null ? null : TlsFor(address));
        }
    }

    private X509Certificate2? TlsFor(BoundAddress address) => address.IsHttps ? TlsCertificate.Of(Pki.DpTls!) : null;

    private void StartReporting(Database database, Uri url)
    {
        var http = _host.Own(OperatorClient());
        var sender = new ProgressSender(database, http, url, _host.Time, _telemetry, _host.Loggers.CreateLogger<ProgressSender>());
        _host.StartLoop("Telling the operator", ProgressInterval, sender.RunOnceAsync);
        _progress!.Open();
    }

    /// <summary>Towards the operator this SM-DP+ is the TLS client, with the same certificate; the operator's server leads to the same roots.</summary>
    private HttpClient OperatorClient()
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.AllowTlsResume = false; // SGP.33-3 4.2.15
        if (Options.Es2PlusTrust.Count > 0)
        {
            var servers = TlsTrust.Open(nameof(SmdpOptions.Es2PlusTrust), Options.Es2PlusTrust, _host.Time);
            handler.SslOptions.ClientCertificates = [TlsCertificate.Of(Pki.DpTls!)];
            handler.SslOptions.CertificateChainPolicy = TlsTrust.NoDownloads();
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, sent, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && certificate is X509Certificate2 server && servers.IsTrustedServer(server, sent);
        }

        return new HttpClient(handler) { Timeout = ProgressTimeout };
    }
}
