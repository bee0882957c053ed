namespace OpenEim.Fuzzing.Running;

/// <summary>Ends the process when one input runs too long: a loop without an end cannot be left in any other way.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly Action<byte[]> _keep;
    private readonly Timer _timer;
    private byte[]? _input;
    private long _started;

    /// <summary>Begins to watch.</summary>
    /// <param name="limit">The longest time for one input.</param>
    /// <param name="keep">Keeps the input and reports it.</param>
    public Watchdog(TimeSpan limit, Action<byte[]> keep)
    {
        (_limit, _keep) = (limit, keep);
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>An input begins; null when none runs.</summary>
    public void Watch(byte[]? input)
    {
        Volatile.Write(ref _started, Environment.TickCount64);
        Volatile.Write(ref _input, input);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Volatile.Read(ref _input) is { } input && Environment.TickCount64 - Volatile.Read(ref _started) > _limit.TotalMilliseconds)
        {
            _keep(input);
            Environment.Exit(2);
        }
    }
}
