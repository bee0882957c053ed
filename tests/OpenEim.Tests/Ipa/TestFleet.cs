using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>A fake eIM and one real virtual device, or more, that poll it; nothing happens unless a test says so.</summary>
internal sealed class TestFleet : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Iccid First = Iccid.Parse("8988280000000000011");
    public static readonly Iccid Second = Iccid.Parse("8988280000000000029");
    public static readonly Iccid Fallback = Iccid.Parse("8988280000000000037");

    private readonly TestPki _pki;
    private readonly string? _folder;
    private FleetOptions _options;

    private TestFleet(TestPki pki, FakeEim eim, FleetOptions options, string? folder)
    {
        (_pki, Eim, _options, _folder) = (pki, eim, options, folder);
        Fleet = DeviceFleet.Create(options, Time, NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Time { get; } = new(Now);

    public FakeEim Eim { get; }

    public DeviceFleet Fleet { get; private set; }

    public VirtualDevice Device => Fleet.Devices[0];

    public Eid Eid => Device.Eid;

    public TestPki Pki => _pki;

    public static async Task<TestFleet> StartAsync(
        Func<FleetOptions, FleetOptions>? change = null, bool inFolder = false, Func<FakeEim, TestPki, EimKeyData>? pin = null)
    {
        var pki = new TestPki(EcCurve.P256, Now.AddDays(-1), Now.AddYears(10));
        var eim = await FakeEim.StartAsync(pki);
        var folder = inFolder ? Directory.CreateTempSubdirectory("openeim-fleet-").FullName : null;
        var options = new FleetOptions
        {
            Folder = folder,
            Count = 1,
            Profiles = _ => Profiles,
            Pki = CardPki.From(pki),
            EimConfiguration = eim.Configuration(pin?.Invoke(eim, pki)).Encode(),
            DefaultSmdpAddress = "smdp.test",
            RootSmdsAddress = "smds.test",
            Ipa = new IpaOptions { RetryDelay = TimeSpan.Zero },
        };
        return new TestFleet(pki, eim, change is null ? options : change(options), folder);
    }

    public Task<PollReport> PollAsync() => Device.PollOnceAsync(TestContext.Current.CancellationToken);

    public void SetNetwork(params Iccid[] deadProfiles) =>
        Device.Network.Settings = Device.Network.Settings with { DeadProfiles = [.. deadProfiles.Select(iccid => iccid.ToString())] };

    /// <summary>Ends the process, so to speak: all objects go, new ones find the folder.</summary>
    public void Restart(Func<FleetOptions, FleetOptions>? change = null)
    {
        Fleet.Dispose();
        _options = change is null ? _options : change(_options);
        Fleet = DeviceFleet.Create(_options, Time, NullLoggerFactory.Instance);
    }

    public string FileOf(string name) => Path.Combine(_folder!, Eid.ToString(), name);

    public async ValueTask DisposeAsync()
    {
        Fleet.Dispose();
        await Eim.DisposeAsync();
        _pki.Dispose();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static ManufacturedProfile[] Profiles =>
    [
        new(First) { Name = "first", State = ProfileState.Enabled, NotificationConfigurations = [All] },
        new(Second) { Name = "second", NotificationConfigurations = [All] },
        new(Fallback) { Name = "fallback", FallbackAllowed = true, FallbackAttribute = true },
    ];

    private static NotificationConfiguration All =>
        new(NotificationEvents.Install | NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, "smdp.test");
}
