using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Device.Euicc;
using OpenEim.Manager;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>The whole engine on a real database of either engine, with virtual cards that do the real cryptography, on a clock that the test turns.</summary>
internal sealed class EngineLab : IAsyncDisposable
{
    public const long Organisation = 1;

    public static readonly Iccid First = Iccid.Parse("8949000000000000001");
    public static readonly Iccid Second = Iccid.Parse("8949000000000000002");
    public static readonly Iccid Third = Iccid.Parse("8949000000000000003");

    private static readonly OperationCreator Operator = new(1, "operator");

    private readonly TransactionIds _transactionIds = new(new byte[16]);
    private readonly MasterKey _masterKey = MasterKey.FromBytes(new byte[MasterKey.Length]);
    private readonly RspHttp _http;
    private readonly RspTrust _trust;
    private readonly ILoggerFactory _loggers;
    private readonly EimOptions _options;
    private ContactTimes _contacts = null!;
    private EuiccIds _euiccIds = null!;
    private readonly RspIdentity _eim;
    private readonly Dictionary<Eid, long> _ids = [];

    public EngineLab(
        DbEngine engine, EcCurve curve = EcCurve.P256, bool plainHttp = false, bool indirect = true, SmdpReach? reach = null, EimOptions? options = null)
        : this(TestDatabase.Create(engine, typeof(Eim).Assembly), curve, plainHttp, indirect, reach, options)
    {
    }

    public EngineLab(
        TestDatabase data, EcCurve curve = EcCurve.P256, bool plainHttp = false, bool indirect = true, SmdpReach? reach = null, EimOptions? options = null)
    {
        _options = options ?? new EimOptions();
        Clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Pki = new TestPki(curve, Clock.GetUtcNow().AddDays(-1), Clock.GetUtcNow().AddYears(10));
        _eim = Pki.IssueEim("eim.test");
        _loggers = LoggerFactory.Create(logging => logging.AddProvider(Log));
        Identity = new EimIdentity("eim.test", "127.0.0.1", _eim.Key, _eim.Certificate.Encoded, null) { IndirectProfileDownload = indirect };
        _trust = new RspTrust([Pki.Ci.Certificate]);
        _http = new RspHttp(_trust, new RspHttpOptions { PlainHttpOnLoopback = plainHttp, Reach = reach ?? new SmdpReach([], [IPNetwork.Parse("127.0.0.0/8")]) }, Clock, _loggers.CreateLogger<RspHttp>());
        Downloads = new DownloadParts(new DownloadSecrets(_masterKey), new Es9PlusClient(_http));
        Data = data;
        Open();
    }

    public FakeTimeProvider Clock { get; }

    public Slices Slices { get; private set; } = null!;

    public TestDatabase Data { get; private set; }

    public TestPki Pki { get; }

    /// <summary>Whom the eIM believes.</summary>
    public RspTrust Trust => _trust;

    public EimIdentity Identity { get; }

    public Eim Eim { get; private set; } = null!;

    public DownloadParts Downloads { get; }

    /// <summary>What the devices' cards sign with.</summary>
    public Dictionary<Eid, ISigner> CardKeys { get; } = [];

    public EuiccDirectory Directory { get; private set; } = null!;

    public OperationBook Book { get; private set; } = null!;

    public LogCollector Log { get; } = new();

    public Database Database { get; private set; } = null!;

    /// <summary>Counts for this lab alone.</summary>
    public EimTelemetry Telemetry { get; } = new(new object());

    /// <summary>Another node over the same database.</summary>
    public Eim NewNode() =>
        new(Database, Identity, _trust, _transactionIds, _euiccIds, _contacts, Downloads, _options, Slices, Clock, _loggers, Telemetry);

    /// <summary>Goes on with another database, as after a restoration.</summary>
    public async Task GoOnWithAsync(TestDatabase other)
    {
        await CloseAsync();
        Data = other;
        Open();
    }

    /// <summary>A registered device with three profiles: the first enabled, the second allowed to be the fallback.</summary>
    public async Task<HandDrivenIpa> NewDeviceAsync(
        int number = 1, RspIdentity? identity = null, bool register = true, RspCertificate? eum = null, bool withToken = false)
    {
        var eid = Eid.Parse($"890490320000000000000000{number:D8}");
        identity ??= Pki.IssueEuicc(eid);
        CardKeys[eid] = identity.Key;
        var manufacture = CardOf(eid, identity, eum);
        if (withToken)
        {
            manufacture = manufacture with { Eims = [Identity.InitialConfiguration() with { AssociationToken = -1 }] };
        }

        var card = VirtualEuicc.Manufacture(manufacture, new VolatileEuiccMemory());
        if (register)
        {
            var entries = await Directory.RegisterAsync(Organisation, [new EuiccRegistration { Eid = eid, SupportedProfileType = 5 }]);
            _ids[eid] = entries[0].Id;
        }

        return new HandDrivenIpa(card, Eim);
    }

    /// <summary>As <see cref="NewDeviceAsync"/>, past first contact and with nothing left to do.</summary>
    public async Task<HandDrivenIpa> NewKnownDeviceAsync(int number = 1)
    {
        var device = await NewDeviceAsync(number);
        await device.RunAsync();
        return device;
    }

    /// <summary>Removes the eUICC and registers it again, for the same or another organisation; its card knows nothing of that.</summary>
    public async Task RegisterAgainAsync(HandDrivenIpa device, long organisation = Organisation)
    {
        Assert.Equal(EuiccChangeOutcome.Done, await new EuiccRecords(Database, _euiccIds, Clock).RemoveAsync(Organisation, _ids[device.Eid]));
        var entries = await Directory.RegisterAsync(organisation, [new EuiccRegistration { Eid = device.Eid, SupportedProfileType = 5 }]);
        _ids[device.Eid] = entries[0].Id;
    }

    public EuiccManufacture CardOf(Eid eid, RspIdentity identity, RspCertificate? eum = null) => new()
    {
        Eid = eid,
        PrivateKey = identity.Key.ToPkcs8(),
        EuiccCertificate = identity.Certificate.Encoded,
        EumCertificate = (eum ?? Pki.Eum.Certificate).Encoded,
        CiKeyIds = [Pki.Ci.Certificate.SubjectKeyIdentifier!.Value],
        Eims = [Identity.InitialConfiguration()],
        DefaultSmdpAddress = "smdp.test",
        RootSmdsAddress = "smds.test",
        Profiles =
        [
            new ManufacturedProfile(First) { Name = "First", State = ProfileState.Enabled },
            new ManufacturedProfile(Second) { Name = "Second", FallbackAllowed = true },
            new ManufacturedProfile(Third) { Name = "Third" },
        ],
    };

    public async Task<Guid> ScheduleAsync(HandDrivenIpa device, OperationAction action, Iccid? iccid = null, bool rollback = false, int validity = 86400)
    {
        var entries = await ScheduleAllAsync(device, new NewOperation
        {
            Action = action,
            Iccid = iccid?.ToString(),
            Rollback = rollback,
            Validity = TimeSpan.FromSeconds(validity),
        });
        return entries[0];
    }

    public async Task<IReadOnlyList<Guid>> ScheduleAllAsync(HandDrivenIpa device, params NewOperation[] operations)
    {
        var entries = await Book.ScheduleAsync(Organisation, _ids[device.Eid], Operator, operations);
        return [.. entries!.Select(entry => entry.Id)];
    }

    public async Task<OperationBookEntry> ReadAsync(HandDrivenIpa device, Guid operation) =>
        await Book.FindAsync(Organisation, _ids[device.Eid], operation) ?? throw new InvalidOperationException("no such operation");

    public async Task ListOperationsAsync(HandDrivenIpa device)
    {
        foreach (var sort in new[] { null, "-creation_date", "status", "-finalization_date" })
        {
            Assert.NotNull(await Book.ListAsync(Organisation, _ids[device.Eid], "status:1|2", sort, new PageRequest(1, 10)));
        }
    }

    public Task<EuiccChangeOutcome> ChangeAsync(HandDrivenIpa device, EuiccChange change) =>
        new EuiccRecords(Database, new EuiccIds(), Clock).ChangeAsync(Organisation, _ids[device.Eid], change, TestContext.Current.CancellationToken);

    public Task FlushContactsAsync()
    {
        foreach (var eid in _ids.Keys)
        {
            _contacts.Touch(eid, Clock.GetUtcNow().ToUnixTimeMilliseconds());
        }

        return _contacts.FlushAsync();
    }

    public async Task<CancelResult> CancelAsync(HandDrivenIpa device, Guid operation) => await Book.CancelAsync(Organisation, _ids[device.Eid], operation);

    public async Task<EuiccDirectoryEntry> ReadAsync(HandDrivenIpa device) =>
        await Directory.FindAsync(Organisation, _ids[device.Eid]) ?? throw new InvalidOperationException("no such eUICC");

    /// <summary>The default SM-DP+ and the root SM-DS of the card, as the eIM knows them.</summary>
    public async Task<string> AddressesAsync(HandDrivenIpa device) => await Database.ReadAsync(
        session => session.QueryFirstOrDefaultAsync<string>(
            "SELECT COALESCE(default_smdp_address, '-') || ' ' || COALESCE(root_smds_address, '-') FROM euicc_data WHERE eid = @eid",
            new { eid = device.Eid.ToBytes() })) ?? "nothing";

    /// <summary>That the last warning says this.</summary>
    public void AssertWarned(string reason)
    {
        var warning = Log.Lines.LastOrDefault(line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.Contains(reason, warning, StringComparison.Ordinal);
    }

    /// <summary>What the background does, also after the clock has gone on.</summary>
    public async Task<int> SweepAsync()
    {
        await Slices.RefreshAsync();
        return await Eim.Expiry.RunOnceAsync(TestContext.Current.CancellationToken);
    }

    public async Task<string> ProfilesAsync(HandDrivenIpa device) => string.Join(
        ", ",
        (await ReadAsync(device)).Profiles.Select(profile => $"{profile.Iccid[^1]} {profile.Status}{(profile.FallbackAttribute == true ? " fallback" : "")}"));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _http.Dispose();
        _masterKey.Dispose();
        _transactionIds.Dispose();
        Telemetry.Dispose();
        Log.Dispose();
    }

    private void Open()
    {
        Database = Data.Open();
        _contacts = new ContactTimes(Database, TimeSpan.FromSeconds(5), Clock, _loggers.CreateLogger<ContactTimes>());
        Slices = new Slices(Database, Clock, "node");
        Slices.RefreshAsync().GetAwaiter().GetResult();
        _euiccIds = new EuiccIds();
        Eim = NewNode();
        Directory = new EuiccDirectory(Database, Clock, "eim.test", _contacts.TryGet);
        Book = new OperationBook(Database, Downloads.Secrets, _euiccIds, Clock);
    }

    private async Task CloseAsync()
    {
        await _contacts.DisposeAsync();
        await Database.DisposeAsync();
        await Data.DisposeAsync();
    }
}

/// <summary>Keeps what was logged, so that a test can read why something was refused.</summary>
internal sealed class LogCollector : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

    public void Dispose()
    {
    }
}
