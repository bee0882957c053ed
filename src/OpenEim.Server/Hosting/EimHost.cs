using System.Security.Cryptography.X509Certificates;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Packages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server.Api;
using OpenEim.Server.Esipa;
using OpenEim.Storage;
using OpenEim.Storage.Files;

namespace OpenEim.Server;

/// <summary>One running eIM: the REST API and ESipa on listeners of their own over one database. Several may run in one process.</summary>
public sealed class EimHost : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    private EimHost(ServerOptions options) => Options = options;

    /// <summary>How it was set up.</summary>
    public ServerOptions Options { get; }

    /// <summary>Where the REST API listens, the real port included.</summary>
    public Uri ApiUrl { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where ESipa listens, the real port included.</summary>
    public Uri EsipaUrl { get; private set; } = new("https://127.0.0.1");

    /// <summary>Who this eIM is.</summary>
    public EimIdentity Identity { get; private set; } = null!;

    /// <summary>The file with the application token that the first start made.</summary>
    public string ApplicationTokenPath { get; private set; } = "";

    /// <summary>The trusted roots and the eIM's own keys.</summary>
    public PkiDirectory Pki { get; private set; } = null!;

    /// <summary>The eUICCs, for whoever hosts this in his own process.</summary>
    public EuiccDirectory Euiccs { get; private set; } = null!;

    /// <summary>The operations, for whoever hosts this in his own process.</summary>
    public OperationBook Operations { get; private set; } = null!;

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

    /// <summary>Stops the listeners first, then flushes and closes what they used.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync().ConfigureAwait(false);
        }

        _parts.Clear();
        Pki?.Dispose();
    }

    private async Task OpenAsync(TimeProvider time, Action<ILoggingBuilder>? logging, CancellationToken ct)
    {
        var loggers = LoggerFactory.Create(builder => logging?.Invoke(builder));
        _parts.Add(new Closing(loggers));
        var folder = DataFolder.Open(Options.Data);
        Pki = PkiFolder.Open(folder.PkiPath, Options.Pki, new PkiOptions
        {
            Parts = PkiParts.Server,
            Now = time.GetUtcNow(),
            EimId = Options.EimId,
            Hosts = Hosts(),
        });
        var database = OpenDatabase(folder, loggers);
        _parts.Add(database);
        var masterKey = MasterKey.LoadOrCreate(folder.MasterKeyPath);
        _parts.Add(new Closing(masterKey));
        var secrets = new SecretStore(database, masterKey, time);
        var tokens = await ApplicationTokens.OpenAsync(database, secrets, time, ct).ConfigureAwait(false);
        ApplicationTokenPath = folder.PathOf("application-token");
        await new OrganisationStore(database, tokens, time).EnsureFirstAsync(
            Options.Organisation, Options.Administrator, token => DataFolder.WritePrivate(ApplicationTokenPath, token + "\n"), ct).ConfigureAwait(false);

        var transactionIds = new TransactionIds(await secrets.GetOrCreateAsync("transaction-id", 32, ct).ConfigureAwait(false));
        _parts.Add(new Closing(transactionIds));
        var eimOptions = new EimOptions { ResultPatience = Options.ResultPatience };
        var contacts = new ContactTimes(database, eimOptions.ContactFlush, time, loggers.CreateLogger<ContactTimes>());
        _parts.Add(contacts);
        var packages = await StartEsipaAsync(database, transactionIds, contacts, eimOptions, time, loggers, ct).ConfigureAwait(false);
        _parts.Add(new BackgroundWork(packages.Expiry, time, loggers.CreateLogger<BackgroundWork>()));

        Euiccs = new EuiccDirectory(database, time, Options.EimId, contacts.TryGet);
        Operations = new OperationBook(database, time);
        var key = await secrets.GetOrCreateAsync("auth-token", 32, ct).ConfigureAwait(false);
        var api = ApiApplication.Build(Options.ApiUrl, loggers, new ApiServices
        {
            AuthTokens = new AuthTokens(tokens, key, time),
            LoginGuard = new LoginGuard(time),
            Euiccs = Euiccs,
            Operations = Operations,
            Identity = Identity,
        });
        _parts.Add(api);
        await api.StartAsync(ct).ConfigureAwait(false);
        ApiUrl = ListenerOf(api);
    }

    private async Task<EimPackages> StartEsipaAsync(
        Database database, TransactionIds transactionIds, ContactTimes contacts, EimOptions eimOptions, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        // The listener's real port stands in the configuration that eUICCs get, so the engine is put together after the listener is up.
        EimPackages? packages = null;
        var certificate = Options.EsipaUrl.Scheme == Uri.UriSchemeHttps ? TlsCertificate(Pki.EimTls!) : null;
        var esipa = EsipaApplication.Build(Options.EsipaUrl, certificate, loggers, () => packages!);
        _parts.Add(esipa);
        await esipa.StartAsync(ct).ConfigureAwait(false);
        EsipaUrl = ListenerOf(esipa);
        var address = Options.EsipaHosts.Count > 0 && EsipaAddress.TryParse(Options.EsipaHosts[0], out var named) ? named : new EsipaAddress(EsipaUrl.Host, null);
        Identity = new EimIdentity(
            Options.EimId,
            address.ToFqdn(EsipaUrl.Port),
            Pki.Eim!.Key,
            Pki.Eim.Certificate.Encoded,
            new EimKeyData(PublicKey: Pki.EimTls!.Certificate.SubjectPublicKeyInfo));
        packages = new EimPackages(database, Identity, new RspTrust(Pki.Roots), transactionIds, contacts, eimOptions, time, loggers);
        return packages;
    }

    private static Database OpenDatabase(DataFolder folder, ILoggerFactory loggers)
    {
        try
        {
            var database = Database.Open(folder.PathOf("openeim.db"), new DatabaseOptions { LoggerFactory = loggers });
            database.Upgrade(typeof(EimPackages).Assembly);
            return database;
        }
        catch (StorageException e)
        {
            throw new SetupException(e.Message, e);
        }
    }

    private List<string> Hosts() =>
    [
        .. Options.EsipaHosts.Select(text => EsipaAddress.TryParse(text, out var address) ? address.Host : text),
        "localhost", "127.0.0.1", "::1",
    ];

    private static X509Certificate2 TlsCertificate(RspIdentity identity) =>
        X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());

    private static Uri ListenerOf(WebApplication app) => new(app.Urls.First());

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
