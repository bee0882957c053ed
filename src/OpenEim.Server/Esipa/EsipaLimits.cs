using System.Net;
using OpenEim.Hosting.Listeners;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Server.Esipa;

/// <summary>How much strangers may ask of ESipa. Nobody signs in there, so all that is known of a caller is its address and the EID that it names.</summary>
/// <remarks>
/// A device is limited by its EID *and* its address: an EID is no secret, and a stranger who names it from elsewhere must not use up what the
/// real device may ask. An address is limited by its requests that are not idle polls, since those are what costs work.
/// </remarks>
internal sealed class EsipaLimits
{
    // Eight bytes a slot, twice. Fleets of millions poll seldom: devices that share a slot do not come near the limit together.
    private const int DeviceSlots = 1 << 19;
    private const int AddressSlots = 1 << 16;
    private const int WarningsPerSecond = 1;
    private const int WarningsAtOnce = 10;

    private readonly RateTable? _devices;
    private readonly RateTable? _addresses;
    private readonly RateTable _warnings;

    public EsipaLimits(ServerOptions options, TimeProvider time)
    {
        _devices = options.EsipaDeviceRate == 0 ? null : new RateTable(options.EsipaDeviceRate, options.EsipaDeviceBurst, DeviceSlots, time);
        _addresses = options.EsipaAddressRate == 0 ? null : new RateTable(options.EsipaAddressRate, options.EsipaAddressBurst, AddressSlots, time);
        _warnings = new RateTable(WarningsPerSecond, WarningsAtOnce, AddressSlots, time);
    }

    /// <summary>Whether the device may go on; always where the request names no EID. Allocates nothing.</summary>
    public bool AdmitsDevice(Eid? eid, IPAddress? address) =>
        eid is not { } named || _devices is not { } devices || devices.Admit(new RateKey(named.ToNumber(), SourceAddress.Network(address)));

    /// <summary>Whether the address may have one more request that is not an idle poll.</summary>
    public bool AdmitsWork(IPAddress? address) => _addresses is not { } addresses || addresses.Admit(new RateKey(0, SourceAddress.Network(address)));

    /// <summary>Whether one more warning about this address is worth a line of the log.</summary>
    public bool IsWorthALine(IPAddress? address) => _warnings.Admit(new RateKey(0, SourceAddress.Network(address)));

    /// <summary>The EID that a request names, unproved.</summary>
    public static Eid? EidOf(IBerMessage request) => request switch
    {
        GetEimPackageRequest poll => poll.Eid,
        ProvideEimPackageResult result => result.Eid,
        HandleNotification { Result: { } result } => result.Eid,
        _ => null,
    };
}
