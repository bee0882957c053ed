using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Security;
using OpenEim.Smdp.Es2Plus;
using OpenEim.Smdp.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Smdp;

/// <summary>One running SM-DP+: ES9+ and ES2+ on listeners of their own over one database. Several may run in one process.</summary>
public sealed partial class SmdpHost : IAsyncDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(30);

    private readonly List<IAsyncDisposable> _parts = [];
    private ProgressOutbox? _progress;
    private Action<Uri>? _startReporting;

    private SmdpHost(SmdpOptions options) => Options = options;

    /// <summary>How it was set up.</summary>
    public SmdpOptions Options { get; }

    /// <summary>Where ES9+ listens, the real port included.</summary>
    public Uri Es9PlusUrl { get; private set; } = new("https://127.0.0.1");

    /// <summary>Where ES2+ listens, the real port included.</summary>
    public Uri Es2PlusUrl { get; private set; } = new("http://127.0.0.1");

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
        var host = new SmdpHost(options.Validated());
        try
        {
            await host.OpenAsync(time ?? TimeProvider.System, logging, ct).ConfigureAwait(false);
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

    private async Task OpenAsync(TimeProvider time, Action<ILoggingBuilder>? logging, CancellationToken ct)
    {
        _time = time;
        var loggers = OpenLog(logging, time);
        var folder = DataFolder.Open(Options.Data);
        SmdpStorage.RefuseLost(Options, folder);
        Pki = PkiFolder.Read(folder.PkiPath, Options.Pki, new PkiOptions
        {
            Parts = PkiParts.Ci | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls,
            Now = time.GetUtcNow(),
            Hosts = [.. Options.Hosts.Select(SmdpAddresses.HostOf), "localhost", "127.0.0.1", "::1"],
            DpOid = Options.Oid,
        });

        // Before keys are kept: beside them a missing database is one that was lost.
        var database = SmdpStorage.Open(Options, folder, loggers, _shared.Telemetry.Storage, time);
        _parts.Add(database);
        PkiFolder.Keep(folder.PkiPath, Pki);
        var masterKey = MasterKeyFile.LoadOrCreate(Options.MasterKey ?? folder.MasterKeyPath);
        _parts.Add(new Closing(masterKey));
        var (vault, secrets) = (new PackageVault(masterKey), new SecretStore(database, masterKey, time));
        await RefuseAnotherSmdpAsync(secrets, database, ct).ConfigureAwait(false);
        Profiles = new ProfileStock(database, vault, time);
        var transactionIds = new TransactionIds(
            await secrets.GetOrCreateAsync("transaction id", 32, ct).ConfigureAwait(false), Options.SessionLifetime, time);
        _parts.Add(new Closing(transactionIds));
        _progress = new ProgressOutbox(Options.RequesterIdentifier, time);
        _startReporting = url => StartReporting(database, url, time, loggers);
        await StartEs9PlusAsync(database, vault, transactionIds, _progress, time, loggers, ct).ConfigureAwait(false);
        await StartEs2PlusAsync(database, vault, time, loggers, ct).ConfigureAwait(false);
        await StartMetricsAsync(database, time, loggers, ct).ConfigureAwait(false);
        var sweep = new Sweep(database, new FunctionCalls(database, time), time);
        _parts.Add(new BackgroundWork("Sweeping what is over", SweepInterval, sweep.RunOnceAsync, time, loggers.CreateLogger<BackgroundWork>()));
        if (Options.ProgressUrl is { } url)
        {
            ReportTo(url);
        }

        _shared.Readiness.Open(database);
    }

    private async Task StartEs9PlusAsync(
        Database database,
        PackageVault vault,
        TransactionIds transactionIds,
        ProgressOutbox progress,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken ct)
    {
        // The listener's real port stands in the address, so the functions are put together after the listener is up.
        Es9PlusFunctions? functions = null;
        var endpoint = new Es9PlusEndpoint(() => functions!, _shared.Telemetry.Functions, loggers.CreateLogger<Es9PlusEndpoint>());
        var app = RspListener.Build("es9plus", Options.Es9PlusUrl, Pki.DpTls!, null, _shared, context => endpoint.HandleAsync(context));
        Es9PlusUrl = await ListenAsync(app, Options.Es9PlusUrl, ct).ConfigureAwait(false);
        var identity = new SmdpIdentity(new SmdpAddresses(Options.Hosts, Es9PlusUrl), Pki);
        Address = identity.Addresses.Primary;
        WatchRevocations(identity.Trust, time, loggers);
        var verification = new EuiccVerification(identity.Trust, time);
        var types = new ProfileTypes();
        functions = new Es9PlusFunctions(
            new InitiateAuthentication(identity, transactionIds),
            new AuthenticateClient(database, identity, transactionIds, verification, types, progress, Options, time),
            new GetBoundProfilePackage(
                database, new ProfileBinding(identity), verification, vault, types, progress, Options, _shared.Telemetry.Functions, time),
            new HandleNotification(database, verification, progress, time, loggers.CreateLogger<HandleNotification>()),
            new CancelSession(database, identity, verification, progress, time));
    }

    private async Task StartEs2PlusAsync(Database database, PackageVault vault, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        var clients = Options.Es2PlusUrl.Scheme == Uri.UriSchemeHttps ? ClientTrust.Open(Options.Es2PlusTrust, time) : null;
        var endpoint = new Es2PlusEndpoint(
            new FunctionCalls(database, time), new ConfirmOrder(vault, () => Address, Options), Options, _shared.Telemetry.Functions, loggers.CreateLogger<Es2PlusEndpoint>());
        var app = RspListener.Build("es2plus", Options.Es2PlusUrl, Pki.DpTls!, clients, _shared, endpoint.HandleAsync);
        Es2PlusUrl = await ListenAsync(app, Options.Es2PlusUrl, ct).ConfigureAwait(false);
    }

    private void StartReporting(Database database, Uri url, TimeProvider time, ILoggerFactory loggers)
    {
        var http = OperatorClient(time);
        _parts.Add(new Closing(http));
        var sender = new ProgressSender(database, http, url, time, _shared.Telemetry.Functions, loggers.CreateLogger<ProgressSender>());
        _parts.Add(new BackgroundWork("Telling the operator", ProgressInterval, sender.RunOnceAsync, time, loggers.CreateLogger<BackgroundWork>()));
        _progress!.Open();
    }

    /// <summary>Towards the operator this SM-DP+ is the TLS client, with the same certificate; his server leads to the same roots.</summary>
    private HttpClient OperatorClient(TimeProvider time)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.AllowTlsResume = false; // SGP.33-3 4.2.15
        if (Options.Es2PlusTrust.Count > 0)
        {
            var servers = ClientTrust.Open(Options.Es2PlusTrust, time);
            handler.SslOptions.ClientCertificates = [RspListener.TlsCertificate(Pki.DpTls!)];

            // The callback decides; the platform's own chain check must not go looking where a stranger's certificate points it.
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && certificate is X509Certificate2 server && servers.IsTrustedServer(server);
        }

        return new HttpClient(handler) { Timeout = ProgressTimeout };
    }

    /// <summary>Lets what closes at once stand in one list with what closes in its own time.</summary>
    private sealed class Closing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
