using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>What happens without a request, again and again: one failed run is logged and the next one tries again.</summary>
internal sealed partial class BackgroundWork : IAsyncDisposable
{
    private readonly string _name;
    private readonly Func<CancellationToken, Task> _run;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public BackgroundWork(string name, TimeSpan interval, Func<CancellationToken, Task> run, TimeProvider time, ILogger logger)
    {
        (_name, _run, _logger) = (name, run, logger);
        _running = RunAsync(interval, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(TimeSpan interval, TimeProvider time)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await RunOnceAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The clean end.
        }
    }

    private async Task RunOnceAsync()
    {
        try
        {
            await _run(_stop.Token).ConfigureAwait(false);
        }
        catch (StorageUnavailableException e)
        {
            LogPostponed(_name, e.Message);
        }
#pragma warning disable CA1031 // Whatever the cause, it is logged and the next run tries again; the work must not end with it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(e, _name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} waits for the next round: {Reason}")]
    private partial void LogPostponed(string work, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} failed; the next run tries again")]
    private partial void LogFailed(Exception exception, string work);
}
