using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Manager;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Stock;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Security;
using OpenEim.Server.Api;
using OpenEim.Server.Esipa;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server;

/// <summary>One running eIM: the REST API and ESipa on listeners of their own over one database. Several may run in one process.</summary>
public sealed partial class EimHost : IStoppable
{
    /// <summary>The file with the application token that the first start made.</summary>
    internal const string ApplicationTokenName = "application-token";

    private readonly RunningHost _host;
    private readonly EimTelemetry _telemetry;

    private EimHost(ServerOptions options, TimeProvider? time, Action<ILoggingBuilder>? logging)
    {
        Options = options;
        ListTurns = new ListTurns(new ListLimits(options.ListsPerToken, options.ListsPerOrganisation));
        _host = new RunningHost("openeim-server", options, time, logging);
        _telemetry = new EimTelemetry(_host.Telemetry.Meters);
        _host.Telemetry.Begin(options, _telemetry, _telemetry.Activities, EimTelemetry.Name, EsipaTelemetry.Name);
    }

    /// <summary>How it was set up.</summary>
    public ServerOptions Options { get; }

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

    internal ListTurns ListTurns { get; }

    internal Database Database { get; private set; } = null!;

    /// <summary>Opens the data folder and starts both listeners.</summary>
    /// <exception cref="SetupException">It cannot start as it is set up.</exception>
    public static async Task<EimHost> StartAsync(
        ServerOptions options, TimeProvider? time = null, Action<ILoggingBuilder>? logging = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new EimHost(options.Validated(), time, logging);
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

    /// <summary>Takes the addresses first, so that one that is taken ends the start and the real ports are known; serves last, when all is there.</summary>
    private async Task OpenAsync(CancellationToken ct)
    {
        var addresses = Bind();
        var folder = DataFolder.Open(Options.Data);
        var database = await OpenDatabaseAsync(folder).ConfigureAwait(false);
        var masterKey = _host.Own(MasterKeyFile.LoadOrCreate(Options.MasterKey ?? folder.MasterKeyPath));
        var secrets = new SecretStore(database, masterKey, _host.Time);
        await RefuseAnotherEimAsync(secrets, ct).ConfigureAwait(false);
        ApplicationTokens = await Manager.Organisations.ApplicationTokens.OpenAsync(database, secrets, _host.Time, ct).ConfigureAwait(false);
        ApplicationTokenPath = folder.PathOf(ApplicationTokenName);
        Organisations = new OrganisationStore(database, ApplicationTokens, _host.Time);
        await Organisations.EnsureFirstAsync(Options.Organisation, Options.Administrator, HandOver, ct).ConfigureAwait(false);

        var transactionIds = _host.Own(new TransactionIds(await secrets.GetOrCreateAsync("transaction-id", 32, ct).ConfigureAwait(false)));
        var eimOptions = EngineOptions();
        var contacts = _host.Own(new ContactTimes(database, eimOptions.ContactFlush, _host.Time, _host.Loggers.CreateLogger<ContactTimes>()));
        var trust = new RspTrust(Pki.Roots);
        RevocationWatch.Start(_host, Options, trust, EimTelemetry.Name);
        var downloads = OpenDownloads(trust, masterKey);
        var slices = await LeaseSlicesAsync(database, ct).ConfigureAwait(false);
        var ids = new EuiccIds();
        var guard = EsipaGuard.Create(Options, _host);
        var eim = new Eim(
            database, Identity, trust, transactionIds, ids, contacts, downloads, eimOptions, slices, _host.Time, guard.Log, _telemetry);
        var answers = new IdempotencyKeys(database, _host.Time);
        var logins = new LoginGuard(database, _host.Time);
        StartLoops(database, eim, slices, ct => Task.WhenAll(answers.PurgeAsync(ct), logins.PurgeAsync(ct)));

        Euiccs = new EuiccDirectory(database, _host.Time, Options.EimId, contacts.TryGet, ListTurns);
        Operations = new OperationBook(database, downloads.Secrets, ids, _host.Time, _telemetry, ListTurns);
        BulkScheduler = new BulkScheduler(database, downloads.Secrets, _host.Time, _host.Loggers.CreateLogger<BulkScheduler>(), _telemetry);
        var orders = OpenOrders(database, trust, downloads.Secrets);
        StartForwarding(database, downloads, slices);
        AddEs2Callback(addresses.Es2Callback, database, trust);
        AddMetrics(addresses.Metrics, database);
        _host.Add(addresses.Esipa, EsipaApplication.Build(Options, addresses.Esipa, TlsFor(addresses.Esipa), _host, guard, eim.Esipa, _telemetry.Activities));
        AddApi(addresses.Api, new ApiServices
        {
            AuthTokens = new AuthTokens(ApplicationTokens, await secrets.GetOrCreateAsync("auth-token", 32, ct).ConfigureAwait(false), _host.Time),
            LoginGuard = logins,
            Euiccs = Euiccs,
            EuiccRecords = new EuiccRecords(database, ids, _host.Time),
            Registrations = new RegistrationReader(trust, _host.Time),
            Operations = Operations,
            BulkScheduler = BulkScheduler,
            Stock = new StockBook(database, downloads.Secrets, ListTurns),
            StockOrders = orders,
            Identity = Identity,
            Posts = new IdempotentPosts(answers, masterKey),
            Readiness = _host.Readiness,
            Time = _host.Time,
        });
        await _host.ServeAsync(ct).ConfigureAwait(false);
    }
}
