using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Ipa.Downloads;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>The IPA: stands between the card and its eIMs (SGP.32 2.3). Start reading at <see cref="PollOnceAsync"/>.</summary>
/// <remarks>
/// What must survive is on the card, but for <see cref="IpaState"/>; an object made over the same card after a power cut goes on where the
/// one before was cut. One poll at a time.
/// </remarks>
public sealed class IotProfileAssistant : IDisposable
{
    private readonly IsdrChannel _channel;
    private readonly Modem _modem;
    private readonly EimConnections _connections;
    private readonly IpaMemory _memory;
    private readonly IpaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly EuiccFunctions _card;
    private readonly List<EimSession> _sessions = [];
    private byte[]? _configuration;
    private bool _configurationMayHaveChanged = true;
    private PackageProcedure? _procedure;
    private int _pollsWithoutNetwork;
    private Eid _eid;

    /// <summary>Makes an IPA; nothing is sent to the card yet.</summary>
    public IotProfileAssistant(
        IsdrChannel channel, Modem modem, EimConnections connections, IIpaStateStore store, IpaOptions options, TimeProvider time, ILogger logger)
    {
        (_channel, _modem, _connections, _memory) = (channel, modem, connections, new IpaMemory(store));
        (_options, _time, _logger) = (options, time, logger);
        _card = new EuiccFunctions(channel);
    }

    /// <summary>Called when the card has executed a package and nothing has been reported yet: the worst moment for a power cut.</summary>
    public Action? Executed { get; set; }

    /// <summary>Called when the card has ended the installation of a profile and nothing has been reported yet.</summary>
    public Action? Installed { get; set; }

    /// <summary>The card's EID.</summary>
    /// <exception cref="CardException">The card does not tell.</exception>
    public Eid Eid => _eid == default ? _eid = _card.GetEid() : _eid;

    /// <summary>
    /// One whole procedure with every eIM of the card: deliver what waits on the card, then take packages until the eIM has none. After
    /// too many polls without a network the fallback profile is enabled, and the eIM told, in the same poll.
    /// </summary>
    /// <returns>How it ended; failures of the eIM, the network and the card are outcomes, not exceptions.</returns>
    /// <exception cref="CardRemovedException">The card has lost its power.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public async Task<PollReport> PollOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = Eid;
            var report = await PollEimsAsync(cancellationToken).ConfigureAwait(false);
            _pollsWithoutNetwork = report.Outcome == PollOutcome.NoNetwork ? _pollsWithoutNetwork + 1 : 0;
            if (_options.FallbackAfterFailedPolls > 0 && _pollsWithoutNetwork >= _options.FallbackAfterFailedPolls && FallBack())
            {
                report = await PollEimsAsync(cancellationToken).ConfigureAwait(false);
            }

            return report;
        }
        catch (CardException e)
        {
            // Nothing is lost: the card still has it, and the next poll begins with a fresh look at the card.
            IpaLog.CardFailed(_logger, _eid, e.Message);
            _configurationMayHaveChanged = true;
            return new PollReport(PollOutcome.CardFailed);
        }
    }

    /// <summary>ReturnFromFallback, BF5E: enables the profile that was enabled before the fallback, and tells the eIM with the next poll.</summary>
    /// <exception cref="CardException">The card refuses the command itself.</exception>
    public ReturnFromFallbackResult ReturnFromFallback()
    {
        var before = State;
        Remember(StateChangeCause.Fallback);
        var result = _card.ReturnFromFallback();
        IpaLog.ReturnedFromFallback(_logger, Eid, result);
        if (result == ReturnFromFallbackResult.Ok)
        {
            _modem.Reconnect();
        }
        else
        {
            Save(before);
        }

        return result;
    }

    /// <summary>Ends the clients; connections and card stay.</summary>
    public void Dispose() => CloseSessions();

    private IpaState State => _memory.State;

    private async Task<PollReport> PollEimsAsync(CancellationToken cancellationToken)
    {
        RefreshSessions();
        if (_sessions.Count == 0)
        {
            IpaLog.NoEim(_logger, Eid);
            return new PollReport(PollOutcome.NoEim);
        }

        var cause = State.PendingCause;
        var told = 0;
        PollReport? worst = null;
        foreach (var session in _sessions)
        {
            var report = await PollAsync(session, cause, () => told++, cancellationToken).ConfigureAwait(false);
            if (worst is null || report.Outcome != PollOutcome.Idle)
            {
                worst = report;
            }
        }

        if (cause is not null && told == _sessions.Count)
        {
            Save(State with { PendingCause = null });
        }

        return worst!;
    }

    private async Task<PollReport> PollAsync(EimSession session, StateChangeCause? cause, Action told, CancellationToken cancellationToken)
    {
        try
        {
            return await Procedure.RunAsync(session, cause, told, cancellationToken).ConfigureAwait(false);
        }
        catch (EsipaException e)
        {
            IpaLog.PollFailed(_logger, Eid, session.Eim.EimId, e.Failure, e.Message);
            return new PollReport(e.Failure switch
            {
                EsipaFailure.NoNetwork => PollOutcome.NoNetwork,
                EsipaFailure.Refused => PollOutcome.Refused,
                EsipaFailure.Malformed => PollOutcome.Malformed,
                _ => PollOutcome.Unreachable,
            });
        }
    }

    private PackageProcedure Procedure => _procedure ??= MakeProcedure();

    private PackageProcedure MakeProcedure()
    {
        var messages = new EimMessages(Eid, _options.Version);
        var delivery = new ResultDelivery(Eid, _card, _modem, messages, _options, _logger);
        var download = new DownloadProcedure(Eid, _card, _modem, _connections, _memory, delivery, messages, _options, _time, _logger)
        {
            Loaded = () => Installed?.Invoke(),
        };
        return new PackageProcedure(Eid, _channel, _card, _modem, delivery, download, messages, _options, _logger)
        {
            Executed = () => Executed?.Invoke(),
            Loaded = PackageLoaded,
        };
    }

    private void PackageLoaded()
    {
        // addEim, updateEim and deleteEim change whom to poll; the running procedure ends with the eIM that it began with.
        _configurationMayHaveChanged = true;
        foreach (var session in _sessions)
        {
            session.MayHavePending = true;
        }
    }

    private bool FallBack()
    {
        IpaLog.FallingBack(_logger, Eid, _pollsWithoutNetwork);
        _pollsWithoutNetwork = 0;

        // Remembered before it happens: told once too often is harmless, a switch that nobody hears of is not.
        var before = State;
        Remember(StateChangeCause.Fallback);
        var result = _card.ExecuteFallback();
        IpaLog.FallbackDone(_logger, Eid, result);
        if (result != ExecuteFallbackResult.Ok)
        {
            Save(before);
            return false;
        }

        _modem.Reconnect();
        foreach (var session in _sessions)
        {
            session.MayHavePending = true;
        }

        return true;
    }

    private void Remember(StateChangeCause cause) => Save(State with { PendingCause = cause });

    private void Save(IpaState state) => _memory.Save(state);

    private void RefreshSessions()
    {
        if (!_configurationMayHaveChanged)
        {
            return;
        }

        var configuration = _card.GetEimConfigurationData();
        var encoded = configuration.Encoded.ToArray();
        if (_configuration is null || !encoded.AsSpan().SequenceEqual(_configuration))
        {
            CloseSessions();
            foreach (var eim in configuration.Eims)
            {
                Open(eim);
            }

            _configuration = encoded;
        }

        _configurationMayHaveChanged = false;
    }

    private void Open(EimConfigurationData eim)
    {
        var polled = eim.SupportedProtocols is null || eim.SupportedProtocols.Value.HasFlag(EimSupportedProtocols.RetrieveHttps);
        var address = _options.EimAddress ?? Address(eim.EimFqdn);
        if (!polled || address is null)
        {
            return;
        }

        try
        {
            var route = _modem.Route(_connections.Open(address, eim.TrustedPublicKeyDataTls));
            _sessions.Add(new EimSession(eim, new EsipaClient(route, address, _options, _time, _logger)));
        }
        catch (EsipaException e)
        {
            IpaLog.PollFailed(_logger, Eid, eim.EimId, e.Failure, e.Message);
        }
    }

    // eimFqdn is a host, with a port where it is not 443; some eIMs put a whole address there.
    private static Uri? Address(string? fqdn) =>
        Uri.TryCreate(fqdn?.Contains("://", StringComparison.Ordinal) == true ? fqdn : $"https://{fqdn}", UriKind.Absolute, out var address) ? address : null;

    private void CloseSessions()
    {
        foreach (var session in _sessions)
        {
            session.Dispose();
        }

        _sessions.Clear();
    }
}
