using Microsoft.Extensions.Logging;
using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Fleet;

/// <summary>A device in software: a card, an IPA, a modem, and where it has one, a folder that all of it lives in.</summary>
/// <remarks>What is not in the folder (or in the card's memory) is lost with the power, as in a real device.</remarks>
public sealed class VirtualDevice : IDisposable
{
    private readonly IEuiccMemory _memory;
    private readonly IIpaStateStore _ipaState;
    private readonly EimConnections _connections;
    private readonly bool _ownsConnections;
    private readonly IpaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private bool _switchedOff;
    private Powered? _powered;

    /// <summary>Takes a device whose card was manufactured into <paramref name="memory"/>; it starts with the first poll.</summary>
    /// <param name="memory">The card's memory.</param>
    /// <param name="ipaState">The IPA's memory.</param>
    /// <param name="network">The world around the device.</param>
    /// <param name="connections">Connections to share with other devices; null for the device's own.</param>
    /// <param name="options">How the IPA behaves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what the device does.</param>
    public VirtualDevice(
        IEuiccMemory memory,
        IIpaStateStore ipaState,
        SimulatedNetwork network,
        EimConnections? connections,
        IpaOptions options,
        TimeProvider time,
        ILogger logger)
    {
        (_memory, _ipaState, Network) = (memory, ipaState, network);
        (_options, _time, _logger) = (options, time, logger);
        (_connections, _ownsConnections) = (connections ?? new EimConnections(time), connections is null);
        _powered = Start();
        Eid = _powered.Card.Eid;
    }

    /// <summary>The card's EID.</summary>
    public Eid Eid { get; }

    /// <summary>The world around the device; it can be changed at any time.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Whether the device has power.</summary>
    public bool IsOn
    {
        get
        {
            lock (_gate)
            {
                return _powered is not null;
            }
        }
    }

    /// <summary>Looks into the card.</summary>
    public EuiccSnapshot Inspect()
    {
        lock (_gate)
        {
            if (_powered is { } powered)
            {
                return powered.Card.Inspect();
            }

            using var card = VirtualEuicc.Load(_memory);
            return card.Inspect();
        }
    }

    /// <summary>The personalised profile package of a downloaded profile, byte for byte; null for any other.</summary>
    public byte[]? ReadProfilePackage(Iccid iccid)
    {
        lock (_gate)
        {
            if (_powered is { } powered)
            {
                return powered.Card.ReadProfilePackage(iccid);
            }

            using var card = VirtualEuicc.Load(_memory);
            return card.ReadProfilePackage(iccid);
        }
    }

    /// <summary>One whole procedure until the eIM has nothing more; no timer is involved. A device that lost its power gets it back first, unless it was switched off.</summary>
    public async Task<PollReport> PollOnceAsync(CancellationToken cancellationToken)
    {
        if (Power() is not { } powered)
        {
            return new PollReport(PollOutcome.Off);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(powered.Cut.Token, cancellationToken);
        try
        {
            return await powered.Ipa.PollOnceAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CardRemovedException
            || (e is OperationCanceledException or ObjectDisposedException && powered.Cut.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            FleetLog.PowerLost(_logger, Eid);
            CutPower(powered);
            return new PollReport(PollOutcome.PowerLost);
        }
    }

    /// <summary>Takes the power away at once, whatever the device is doing, until <see cref="PowerOn"/>.</summary>
    public void PowerOff()
    {
        lock (_gate)
        {
            _switchedOff = true;
            CutPower(_powered);
        }
    }

    /// <summary>Gives the power back: the card is read from its memory, the IPA begins anew.</summary>
    public void PowerOn()
    {
        lock (_gate)
        {
            _switchedOff = false;
            _powered ??= Start();
        }
    }

    /// <summary>Returns from the fallback profile to the one before; the eIM hears of it with the next poll. Not to be called during a poll.</summary>
    /// <exception cref="InvalidOperationException">The device is off.</exception>
    public ReturnFromFallbackResult ReturnFromFallback() =>
        (Power() ?? throw new InvalidOperationException("the device is off")).Ipa.ReturnFromFallback();

    /// <summary>Takes the power away for good. The folder stays.</summary>
    public void Dispose()
    {
        PowerOff();
        if (_ownsConnections)
        {
            _connections.Dispose();
        }
    }

    private Powered? Power()
    {
        var off = Network.Settings.Off;
        lock (_gate)
        {
            if (off)
            {
                CutPower(_powered);
            }
            else if (!_switchedOff)
            {
                _powered ??= Start();
            }

            return _powered;
        }
    }

    private Powered Start()
    {
        var card = VirtualEuicc.Load(_memory);
        var channel = new IsdrChannel(card);
        channel.Reset();
        var modem = new Modem(channel, Network, _time, _logger);
        var ipa = new IotProfileAssistant(channel, modem, _connections, _ipaState, _options, _time, _logger)
        {
            Executed = CutPowerIfAsked,
            Installed = CutPowerIfAsked,
        };
        return new Powered(card, ipa, new CancellationTokenSource());
    }

    private void CutPowerIfAsked()
    {
        var settings = Network.Settings;
        if (settings.PowerCut)
        {
            Network.Settings = settings with { PowerCut = false };
            throw new CardRemovedException();
        }
    }

    private void CutPower(Powered? powered)
    {
        lock (_gate)
        {
            if (powered is not null && ReferenceEquals(powered, _powered))
            {
                _powered = null;
                powered.Dispose();
            }
        }
    }

    private sealed record Powered(VirtualEuicc Card, IotProfileAssistant Ipa, CancellationTokenSource Cut) : IDisposable
    {
        public void Dispose()
        {
            // The source itself is left to the collector: a poll may be about to look at its token.
            Cut.Cancel();
            Card.Dispose();
            Ipa.Dispose();
        }
    }
}
