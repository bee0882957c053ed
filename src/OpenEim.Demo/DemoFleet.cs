using System.Globalization;
using OpenEim.Device.Euicc;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;

namespace OpenEim.Demo;

/// <summary>The demo's devices: each with four profiles, the last of which has no network.</summary>
internal static class DemoFleet
{
    /// <summary>A UICC that is registered but takes no operations.</summary>
    public static readonly Eid NotIot = Eid.Parse("89049032000000000000000000999999");

    public static DeviceFleet Create(DemoOptions options, EimHost host, PkiDirectory pki, ILoggerFactory loggers)
    {
        var fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = Path.Combine(options.Data, "devices"),
                Count = options.Devices,
                Profiles = ProfilesOf,
                Pki = CardPki.From(pki, TimeProvider.System.GetUtcNow()),
                EimConfiguration = host.Identity.AddInitialEim(),
                Sgp32 = options.Sgp32,
                PollInterval = options.PollInterval,
                Ipa = new IpaOptions
                {
                    Esipa = options.Esipa,
                    EimAddress = host.EsipaUrl,
                    AllowPlainHttpOnLoopback = true,
                    PlainHttpToLoopbackSmdp = options.SmdpUrl.Scheme == Uri.UriSchemeHttp,
                    RetryDelay = TimeSpan.FromMilliseconds(500),
                },
            },
            TimeProvider.System,
            loggers);
        for (var index = 0; index < fleet.Devices.Count; index++)
        {
            var network = fleet.Devices[index].Network;
            if (network.Settings.DeadProfiles is null)
            {
                network.Settings = network.Settings with { DeadProfiles = [IccidOf(index, 4).ToString(), DemoSmdp.DeadIccids] };
            }
        }

        return fleet;
    }

    /// <summary>The n-th profile, counted from 1, of a device, counted from 0: 19 digits, the last one by Luhn.</summary>
    public static Iccid IccidOf(int device, int profile)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"898800000000{device + 1:D5}{profile}");
        return Iccid.WithCheckDigit(digits);
    }

    private static IReadOnlyList<ManufacturedProfile> ProfilesOf(int device) =>
    [
        new(IccidOf(device, 1)) { Name = "Home", ServiceProviderName = "Demo Mobile", State = ProfileState.Enabled, FallbackAllowed = true },
        new(IccidOf(device, 2)) { Name = "Travel", ServiceProviderName = "Roamwell", FallbackAllowed = true },
        new(IccidOf(device, 3)) { Name = "Backup", ServiceProviderName = "Steady Net", FallbackAllowed = true },
        new(IccidOf(device, 4)) { Name = "Dead network", ServiceProviderName = "Nowhere Tel" },
    ];
}
