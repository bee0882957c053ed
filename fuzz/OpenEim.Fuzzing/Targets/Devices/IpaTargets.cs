using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Fuzzing.Mutation;

namespace OpenEim.Fuzzing.Targets.Devices;

/// <summary>The IPA of a new device before an eIM and an SM-DP+ that answer anything: a poll ends with an outcome, after a bounded number of requests.</summary>
internal sealed class IpaServersTarget(bool indirect) : FuzzTarget(
    indirect ? "ipa-servers" : "ipa-servers-direct",
    InputKind.HexLines,
    $"the IPA: answers of a hostile eIM{(indirect ? ", which also relays downloads" : " and SM-DP+")}, one a line")
{
    private readonly EimConnections _connections = new(TimeProvider.System);
    private HostileServer? _server;

    /// <inheritdoc/>
    public override int Weight => 5;

    /// <inheritdoc/>
    public override async Task StartAsync() => _server ??= await HostileServer.StartAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(byte[] input)
    {
        _server!.Load(HexLines.Read(input));
        using var device = new VirtualDevice(
            CardLab.NewMemory(indirect),
            new MemoryIpaStateStore(),
            new SimulatedNetwork(new NetworkSettings(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance),
            _connections,
            Options(),
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var report = await device.PollOnceAsync(CancellationToken.None).ConfigureAwait(false);
        if (_server.Requests > HostileServer.MostRequests)
        {
            throw new FindingException($"one poll made {_server.Requests} requests");
        }

        // Whatever the servers did, the card is well.
        _ = device.Inspect();
        return report.Packages > 0 || report.Outcome == PollOutcome.Idle;
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        _connections.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IpaOptions Options() => new()
    {
        AllowPlainHttpOnLoopback = true,
        PlainHttpToLoopbackSmdp = true,
        RetryDelay = TimeSpan.Zero,
        EimAddress = _server!.Address,
        SmdpRoots = [CardLab.Ci],
    };
}

/// <summary>The IPA over a card that answers anything: each call ends in a result or in the exceptions that it documents.</summary>
internal sealed class IpaCardTarget() : FuzzTarget("ipa-card", InputKind.HexLines, "the IPA: answers of a hostile card, one a line")
{
    /// <inheritdoc/>
    public override int Weight => 3;

    /// <inheritdoc/>
    public override Task<bool> RunAsync(byte[] input)
    {
        var card = new ScriptedCard(HexLines.Read(input));
        var functions = new EuiccFunctions(new IsdrChannel(card));
        Action[] calls =
        [
            () => functions.GetEid(), () => functions.GetEimConfigurationData(), () => Read(functions.PendingResults()), () => Read(functions.PendingNotifications()),
            () => functions.EnabledProfile(), () => functions.GetCerts(null), () => functions.GetConfiguredAddresses(), () => functions.GetEuiccInfo(0xBF22),
            () => functions.LoadEuiccPackage(new byte[300]), () => functions.Rollback(), () => functions.ExecuteFallback(), () => functions.ReturnFromFallback(),
            () => functions.ImmediateEnable(), () => functions.GetChallenge(), () => functions.LoadSegment(new byte[10]), () => functions.Remove(1),
        ];
        return Task.FromResult(calls.Select(call => Succeeds(card, call)).ToList().Contains(true));
    }

    private static void Read(IReadOnlyList<CardPackageResult> results)
    {
        foreach (var result in results)
        {
            _ = (result.EimId, result.Counter, result.SequenceNumber, result.TransactionId, result.Refusal, result.SwitchesProfile);
        }
    }

    private static void Read(IReadOnlyList<CardNotification> notifications)
    {
        foreach (var notification in notifications)
        {
            _ = (notification.SequenceNumber, notification.Address, notification.Iccid, notification.TransactionId, notification.IsSuccess, notification.Failure);
        }
    }

    private static bool Succeeds(ScriptedCard card, Action call)
    {
        card.Rewind();
        try
        {
            call();
            return true;
        }
        catch (CardException)
        {
            return false;
        }
    }

    /// <summary>Gives its answers in order, and then 6A82.</summary>
    private sealed class ScriptedCard(List<byte[]> answers) : ICard
    {
        private const int MostCommands = 5_000;
        private int _commands;

        public void Rewind() => _commands = 0;

        public ReadOnlyMemory<byte> Reset() => Array.Empty<byte>();

        public ReadOnlyMemory<byte> Transmit(ReadOnlyMemory<byte> command)
        {
            // TERMINAL CAPABILITY, MANAGE CHANNEL and SELECT are answered well, so that the script begins with the function.
            var instruction = command.Span[1];
            if (instruction is 0xAA or 0x70 or 0xA4)
            {
                return instruction == 0x70 ? new byte[] { 1, 0x90, 0 } : new byte[] { 0x90, 0 };
            }

            if (_commands > MostCommands)
            {
                throw new FindingException($"the IPA sent more than {MostCommands} commands for one call");
            }

            return _commands++ < answers.Count ? answers[_commands - 1] : new byte[] { 0x6A, 0x82 };
        }
    }
}
