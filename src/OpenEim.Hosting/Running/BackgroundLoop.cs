using OpenEim.Storage;

namespace OpenEim.Hosting.Running;

/// <summary>One kind of work that happens without a request, again and again.</summary>
public sealed partial class BackgroundLoop : IAsyncDisposable
{
    private readonly string _name;
    private readonly TimeSpan _interval;
    private readonly Func<CancellationToken, Task> _work;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public BackgroundLoop(string name, TimeSpan interval, Func<CancellationToken, Task> work, TimeProvider time, ILogger<BackgroundLoop> logger)
    {
        (_name, _interval, _work, _time, _logger) = (name, interval, work, time, logger);
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await WorkAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The clean end.
        }
    }

    private async Task WorkAsync()
    {
        try
        {
            await _work(_stop.Token).ConfigureAwait(false);
        }
        catch (StorageUnavailableException e)
        {
            LogPostponed(_name, e.Message);
        }
#pragma warning disable CA1031 // One failure is logged and the next round tries again; the work must not end with it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(e, _name);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Work} waits for the next round: {Reason}")]
    private partial void LogPostponed(string work, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Work} failed; the next round tries again")]
    private partial void LogFailed(Exception exception, string work);
}
