using OpenEim.Manager.Operations;

namespace OpenEim.Server;

/// <summary>What happens without a request: operations of devices that do not poll come to their end.</summary>
internal sealed partial class BackgroundWork : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly ExpirySweep _expiry;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public BackgroundWork(ExpirySweep expiry, TimeProvider time, ILogger<BackgroundWork> logger)
    {
        (_expiry, _logger) = (expiry, logger);
        _running = RunAsync(time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await SweepAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The clean end.
        }
    }

    private async Task SweepAsync()
    {
        try
        {
            await _expiry.RunOnceAsync(_stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One failed sweep is logged and the next one tries again; the work must not end with it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Overdue operations could not be ended; the next sweep tries again")]
    private partial void LogFailed(Exception exception);
}
