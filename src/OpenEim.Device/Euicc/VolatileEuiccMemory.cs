using OpenEim.Device.Euicc.Memory;

namespace OpenEim.Device.Euicc;

/// <summary>A card's memory that lives as long as the process: for benchmarks, tests and throw-away fleets.</summary>
public sealed class VolatileEuiccMemory : IEuiccMemory
{
    private EuiccState? _state;
    private long _writes;

    /// <summary>How often the card has written.</summary>
    public long Writes => Volatile.Read(ref _writes);

    EuiccState? IEuiccMemory.Read() => _state;

    void IEuiccMemory.Write(EuiccState state)
    {
        _state = state;
        Interlocked.Increment(ref _writes);
    }
}
