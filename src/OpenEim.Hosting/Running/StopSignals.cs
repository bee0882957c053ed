using System.Runtime.InteropServices;

namespace OpenEim.Hosting.Running;

/// <summary>The orders to stop that reach a process: Ctrl-C and SIGTERM. The first asks for an orderly end, another one ends it at once.</summary>
public sealed class StopSignals : IDisposable
{
    private const int SignalExit = 128;
    private const int Sigint = 2;
    private const int Sigterm = 15;

    private readonly CancellationTokenSource _first = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    /// <summary>Cancelled by the first order.</summary>
    public CancellationToken First => _first.Token;

    /// <summary>Waits for the first order.</summary>
    public async Task WaitAsync()
    {
        var ordered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = First.Register(ordered.SetResult);
        await ordered.Task.ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _first.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _first.Cancel();
        }
        else
        {
            Environment.Exit(SignalExit + (context.Signal == PosixSignal.SIGINT ? Sigint : Sigterm));
        }
    }
}
