using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager;
using OpenEim.Manager.Background;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server.Api;
using OpenEim.Server.Esipa;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server;

/// <summary>One running eIM: the REST API and ESipa on listeners of their own over one database. Several may run in one process.</summary>
public sealed partial class EimHost : IAsyncDisposable
{
    /// <summary>The file with the application token that the first start made.</summary>
    internal const string ApplicationTokenName = "application-token";

    private readonly List<IAsyncDisposable> _parts = [];

    private EimHost(ServerOptions options)
    {
        Options = options;
        ListTurns = new ListTurns(new ListLimits(options.ListsPerToken, options.ListsPerOrganisation));
    }

    /// <summary>How it was set up.</summary>
    public ServerOptions Options { get; }

    /// <summary>Where the REST API listens, the real port included.</summary>
    public Uri ApiUrl { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where ESipa listens, the real port included.</summary>
    public Uri EsipaUrl { get; private set; } = new("https://127.0.0.1");

    /// <summary>Where SM-DP+s tell the progress of downloads, the real port included; null when they do not.</summary>
    public Uri? Es2CallbackUrl { get; private set; }

    /// <summary>Who this eIM is.</summary>
    public EimIdentity Identity { get; private set; } = null!;

    /// <summary>The file with the application token that the first start made.</summary>
    public string ApplicationTokenPath { get; private set; } = "";

    /// <summary>The trusted roots and the eIM's own keys.</summary>
    public PkiDirectory Pki { get; private set; } = null!;

    /// <summary>The eUICCs, for whoever hosts this in his own process.</summary>
    public EuiccDirectory Euiccs { get; private set; } = null!;

    /// <summary>The organisations and their members, for whoever hosts this in his own process.</summary>
    public OrganisationStore Organisations { get; private set; } = null!;

    /// <summary>The application tokens, for whoever hosts this in his own process.</summary>
    public ApplicationTokens ApplicationTokens { get; private set; } = null!;

    /// <summary>The operations, for whoever hosts this in his own process.</summary>
    public OperationBook Operations { get; private set; } = null!;

    /// <summary>Schedules on many eUICCs at once.</summary>
    public BulkScheduler BulkScheduler { get; private set; } = null!;

    internal IReadOnlyList<Endpoint> ApiEndpoints { get; private set; } = [];

    internal Readiness? Readiness { get; private set; }

    internal ListTurns ListTurns { get; }

    internal Database Database { get; private set; } = null!;

    /// <summary>Opens the data folder and starts both listeners.</summary>
    /// <exception cref="SetupException">It cannot start as it is set up.</exception>
    public static async Task<EimHost> StartAsync(
        ServerOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        var host = new EimHost(options.Validated());
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

    private async Task OpenAsync(TimeProvider time, Action<ILoggingBuilder>? logging, CancellationToken ct)
    {
        _time = time;
        var loggers = OpenLog(logging);
        var folder = DataFolder.Open(Options.Data);
        EimDatabase.RefuseLost(Options, folder);
        Pki = PkiFolder.Read(folder.PkiPath, Options.Pki, new PkiOptions
        {
            Parts = PkiParts.Server,
            Now = time.GetUtcNow(),
            EimId = Options.EimId,
            Hosts = Hosts(),
        });

        // Before keys are kept: beside them a missing database is one that was lost.
        var database = Database = EimDatabase.Open(Options, folder, loggers, _shared.Telemetry.Storage, time);
        _parts.Add(database);
        PkiFolder.Keep(folder.PkiPath, Pki);
        var masterKey = MasterKeyFile.LoadOrCreate(Options.MasterKey ?? folder.MasterKeyPath);
        _parts.Add(new Closing(masterKey));
        var secrets = new SecretStore(database, masterKey, time);
        await RefuseAnotherEimAsync(secrets, ct).ConfigureAwait(false);
        ApplicationTokens = await Manager.Organisations.ApplicationTokens.OpenAsync(database, secrets, time, ct).ConfigureAwait(false);
        ApplicationTokenPath = folder.PathOf(ApplicationTokenName);
        Organisations = new OrganisationStore(database, ApplicationTokens, time);
        await Organisations.EnsureFirstAsync(Options.Organisation, Options.Administrator, HandOver, ct).ConfigureAwait(false);

        var transactionIds = new TransactionIds(await secrets.GetOrCreateAsync("transaction-id", 32, ct).ConfigureAwait(false));
        _parts.Add(new Closing(transactionIds));
        var eimOptions = new EimOptions
        {
            ResultPatience = Options.ResultPatience,
            AllowV10 = Options.AllowV10,
            V10SessionsPerAddress = Options.V10SessionsPerAddress,
            V10SessionsPerOperation = Options.V10SessionsPerOperation,
            Hold = Options.PackageHold,
            HoldLimit = Options.PackageHoldLimit,
            UnansweredRounds = Options.UnansweredRounds,
            DownloadErrorRounds = Options.DownloadErrorRounds,
        };
        var contacts = new ContactTimes(database, eimOptions.ContactFlush, time, loggers.CreateLogger<ContactTimes>());
        _parts.Add(contacts);
        var trust = new RspTrust(Pki.Roots);
        WatchRevocations(trust, time, loggers);
        var downloads = OpenDownloads(trust, masterKey, time, loggers);
        var slices = await LeaseSlicesAsync(database, time, loggers, ct).ConfigureAwait(false);
        var ids = new EuiccIds();
        var eim = await StartEsipaAsync(database, trust, transactionIds, ids, contacts, downloads, eimOptions, slices, time, ct).ConfigureAwait(false);
        var answers = new IdempotencyKeys(database, time);
        StartLoop("Ending overdue operations", TimeSpan.FromSeconds(2), eim.Expiry.RunOnceAsync, time, loggers);
        var guard = new LoginGuard(database, time);
        StartLoop(
            "Forgetting old answers",
            TimeSpan.FromMinutes(10),
            ct => slices.HoldsFirst ? Task.WhenAll(answers.PurgeAsync(ct), guard.PurgeAsync(ct)) : Task.CompletedTask,
            time,
            loggers);
        StartLoop(
            "Forgetting history", TimeSpan.FromHours(1), new History(database, Options.Retention, slices, time, loggers.CreateLogger<History>()).RunOnceAsync, time, loggers);

        Euiccs = new EuiccDirectory(database, time, Options.EimId, contacts.TryGet, ListTurns);
        Operations = new OperationBook(database, downloads.Secrets, ids, time, _shared.Telemetry.Eim, ListTurns);
        BulkScheduler = new BulkScheduler(database, downloads.Secrets, time, loggers.CreateLogger<BulkScheduler>(), _shared.Telemetry.Eim);
        var orders = OpenOrders(database, trust, downloads.Secrets, time, loggers);
        StartForwarding(database, downloads, slices, time, loggers);
        await StartEs2CallbackAsync(database, trust, time, loggers, ct).ConfigureAwait(false);
        await StartMetricsAsync(database, time, loggers, ct).ConfigureAwait(false);
        Readiness = new Readiness(database, _shutdown, time, loggers.CreateLogger<Readiness>());
        await StartApiAsync(
            new ApiServices
            {
                AuthTokens = new AuthTokens(ApplicationTokens, await secrets.GetOrCreateAsync("auth-token", 32, ct).ConfigureAwait(false), time),
                LoginGuard = guard,
                Euiccs = Euiccs,
                EuiccRecords = new EuiccRecords(database, ids, time),
                Registrations = new RegistrationReader(trust, time),
                Operations = Operations,
                BulkScheduler = BulkScheduler,
                Stock = new StockBook(database, downloads.Secrets, ListTurns),
                StockOrders = orders,
                Identity = Identity,
                Posts = new IdempotentPosts(answers, masterKey),
                Readiness = Readiness,
                Time = time,
            },
            ct).ConfigureAwait(false);
    }

    private async Task StartApiAsync(ApiServices services, CancellationToken ct)
    {
        var certificate = Options.ApiUrl.Scheme == Uri.UriSchemeHttps ? TlsCertificate(Pki.EimTls!) : null;
        var api = ApiApplication.Build(Options, certificate, _shared, services);
        ApiUrl = await ListenAsync(api, Options.ApiUrl, ct).ConfigureAwait(false);
        ApiEndpoints = [.. ((IEndpointRouteBuilder)api).DataSources.SelectMany(source => source.Endpoints)];
    }

    private async Task<Eim> StartEsipaAsync(
        Database database, RspTrust trust, TransactionIds transactionIds, EuiccIds ids, ContactTimes contacts, DownloadParts downloads, EimOptions eimOptions,
        Slices slices, TimeProvider time, CancellationToken ct)
    {
        // The listener's real port stands in the configuration that eUICCs get, so the engine is put together after the listener is up.
        Eim? eim = null;
        var certificate = Options.EsipaUrl.Scheme == Uri.UriSchemeHttps ? TlsCertificate(Pki.EimTls!) : null;
        var guard = EsipaGuard.Create(Options, _shared, time);
        var esipa = EsipaApplication.Build(Options, certificate, _shared, guard, time, () => eim!.Esipa);
        EsipaUrl = await ListenAsync(esipa, Options.EsipaUrl, ct).ConfigureAwait(false);
        var address = Options.EsipaHosts.Count > 0 && EsipaAddress.TryParse(Options.EsipaHosts[0], out var named) ? named : new EsipaAddress(EsipaUrl.Host, null);
        Identity = new EimIdentity(
            Options.EimId,
            address.ToFqdn(EsipaUrl.Port),
            Pki.Eim!.Key,
            Pki.Eim.Certificate.Encoded,
            new EimKeyData(PublicKey: Pki.EimTls!.Certificate.SubjectPublicKeyInfo))
        {
            IndirectProfileDownload = Options.IndirectDownload,
        };
        eim = new Eim(database, Identity, trust, transactionIds, ids, contacts, downloads, eimOptions, slices, time, guard.Log, _shared.Telemetry.Eim);
        return eim;
    }

    private void StartLoop(string name, TimeSpan interval, Func<CancellationToken, Task> work, TimeProvider time, ILoggerFactory loggers) =>
        _parts.Add(new BackgroundLoop(name, interval, work, time, loggers.CreateLogger<BackgroundLoop>()));


    private List<string> Hosts() =>
    [
        .. Options.EsipaHosts.Select(text => EsipaAddress.TryParse(text, out var address) ? address.Host : text),
        "localhost", "127.0.0.1", "::1",
    ];

    private static X509Certificate2 TlsCertificate(RspIdentity identity) =>
        X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());

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
