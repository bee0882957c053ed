using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Ipa;

/// <summary>The device's modem: it attaches with the profile that the card says is enabled.</summary>
/// <remarks>Without a simulated network, requests go over the host's own, and the modem only resets the card on a profile switch.</remarks>
public sealed class Modem
{
    private readonly IsdrChannel _channel;
    private readonly EuiccFunctions _card;
    private readonly SimulatedNetwork? _network;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Eid _eid;
    private bool _attached;

    /// <summary>Makes a modem over a card; it attaches when it is first used.</summary>
    public Modem(IsdrChannel channel, SimulatedNetwork? network, TimeProvider time, ILogger logger)
    {
        (_channel, _network, _time, _logger) = (channel, network, time, logger);
        _card = new EuiccFunctions(channel);
    }

    /// <summary>The profile that the modem is attached with; null when none was enabled.</summary>
    public Iccid? Profile { get; private set; }

    /// <summary>Reads which profile is enabled and attaches with it.</summary>
    /// <exception cref="CardException">The card does not tell.</exception>
    public void Attach()
    {
        _eid = _eid == default ? _card.GetEid() : _eid;
        Profile = _card.EnabledProfile();
        _attached = true;
        IpaLog.Attached(_logger, _eid, Profile?.ToString() ?? "none");
    }

    /// <summary>Whether another profile is enabled than the one that the modem is attached with.</summary>
    public bool HasToSwitch => _attached && _card.EnabledProfile() != Profile;

    /// <summary>Resets the card, which completes a profile switch, and attaches again.</summary>
    public void Reconnect()
    {
        _attached = false;
        _channel.Reset();
        Attach();
    }

    /// <summary>Sends what goes through <paramref name="inner"/> over the modem's network.</summary>
    public HttpMessageHandler Route(HttpMessageHandler inner) =>
        _network is null ? inner : new SimulatedNetworkHandler(_network, () => _attached ? Profile : AttachAndTell(), _time, inner);

    private Iccid? AttachAndTell()
    {
        Attach();
        return Profile;
    }
}
