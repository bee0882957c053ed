using OpenEim.Device.Euicc.Apdus;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc;

/// <summary>An eUICC in software: a card that takes APDUs and gives APDUs, with its state in non-volatile memory.</summary>
/// <remarks>Safe to call from many threads; like a card it works on one command at a time.</remarks>
public sealed class VirtualEuicc : ICard, IDisposable
{
    // Offers T=0, as readers such as vpcd want it. TS 3B direct; T0 9F: TD1 and TA1 follow, 15 historical bytes; TA1 96 (Fi 512, Di 32);
    // TD1 80: T=0, TD2 follows; TD2 1F: T=15, TA3 follows; TA3 C7: clock stop, classes A to C; TCK A8, as T=15 is indicated (ISO/IEC 7816-3 8.2).
    private static readonly byte[] Atr = Convert.FromHexString("3B9F96801FC78031E073FE211B664F45694D560100A8");

    private readonly Lock _lock = new();
    private readonly EuiccCore _core;
    private readonly ApduInterpreter _interpreter;
    private bool _unpowered;

    private VirtualEuicc(IEuiccMemory memory, EuiccState state)
    {
        _core = new EuiccCore(memory, state);
        _interpreter = new ApduInterpreter(_core);
        Eid = Eid.Parse(state.Identity.Eid);
    }

    /// <summary>The card's identity.</summary>
    public Eid Eid { get; }

    /// <summary>Lets a test cut the power: called at each point, it returns whether the power fails there.</summary>
    /// <remarks>The command then ends in <see cref="CardRemovedException"/>, and so does every other one until <see cref="Reset"/>.</remarks>
    public Func<PowerFailurePoint, bool>? PowerFailure
    {
        get => _core.PowerFailure;
        set => _core.PowerFailure = value;
    }

    /// <summary>Whether the enabled profile has changed and the card wants the device to start it: a proactive REFRESH. A reset ends it.</summary>
    public bool ProactiveRefreshPending
    {
        get
        {
            lock (_lock)
            {
                return _core.RefreshPending;
            }
        }
    }

    /// <summary>Makes a card as a factory does and writes it to its memory, replacing what was there.</summary>
    /// <exception cref="ArgumentException">The parts do not fit together.</exception>
    /// <exception cref="Protocol.ProtocolException">The key or a certificate is malformed.</exception>
    public static VirtualEuicc Manufacture(EuiccManufacture spec, IEuiccMemory memory)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(memory);
        var state = Factory.Make(spec);
        memory.Write(state);
        return new VirtualEuicc(memory, state);
    }

    /// <summary>Takes a card that was manufactured before.</summary>
    /// <exception cref="InvalidDataException">The memory holds no card, or one that this program cannot read.</exception>
    public static VirtualEuicc Load(IEuiccMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new VirtualEuicc(memory, memory.Read() ?? throw new InvalidDataException("the memory holds no card"));
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Reset()
    {
        lock (_lock)
        {
            _unpowered = false;
            _core.Reset();
            _interpreter.Reset();
            return Atr;
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Transmit(ReadOnlyMemory<byte> command)
    {
        lock (_lock)
        {
            if (_unpowered)
            {
                throw new CardRemovedException();
            }

            try
            {
                return _interpreter.Execute(command);
            }
            catch (CardRemovedException)
            {
                _unpowered = true;
                throw;
            }
        }
    }

    /// <summary>Looks inside.</summary>
    public EuiccSnapshot Inspect()
    {
        lock (_lock)
        {
            var state = _core.State;
            var results = state.Pending.Count(item => item.IsPackageResult);
            return new EuiccSnapshot(
                Eid,
                [.. state.Profiles.Select(Snapshot)],
                [.. state.Eims.Select(eim => new EimSnapshot(eim.EimId, eim.Counter, eim.AssociationToken))],
                state.NextSequenceNumber,
                results,
                state.Pending.Length - results,
                state.ExecutedPackages,
                state.DefaultSmdpAddress,
                ParseOptional(state.Rollback?.Iccid),
                ParseOptional(state.ReturnIccid))
            {
                FreeMemory = state.FreeMemory(),
                Journal = state.Journal,
            };
        }
    }

    /// <summary>The personalised profile package of a downloaded profile, byte for byte; null for any other.</summary>
    public byte[]? ReadProfilePackage(Iccid iccid)
    {
        lock (_lock)
        {
            return _core.State.FindProfile(iccid)?.Package?.ToArray();
        }
    }

    /// <summary>Wipes the card's key from this process. The card's memory is left as it is.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _unpowered = true;
            _core.Dispose();
        }
    }

    private static ProfileSnapshot Snapshot(StoredProfile profile) => new(
        Iccid.Parse(profile.Iccid),
        profile.Enabled ? ProfileState.Enabled : ProfileState.Disabled,
        profile.FallbackAllowed,
        profile.FallbackAttribute);

    private static Iccid? ParseOptional(string? iccid) => iccid is null ? null : Iccid.Parse(iccid);
}
