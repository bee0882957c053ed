using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;

namespace OpenEim.Server;

/// <summary>What happens without a request: operations of devices that do not poll come to their end, and old answers are forgotten.</summary>
internal sealed partial class BackgroundWork : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PurgeInterval = TimeSpan.FromMinutes(10);

    private readonly ExpirySweep _expiry;
    private readonly IdempotencyKeys _answers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _purged;

    public BackgroundWork(ExpirySweep expiry, IdempotencyKeys answers, TimeProvider time, ILogger<BackgroundWork> logger)
    {
        (_expiry, _answers, _time, _logger) = (expiry, answers, time, logger);
        _purged = time.GetTimestamp();
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
        using var timer = new PeriodicTimer(Interval, _time);
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
            if (_time.GetElapsedTime(_purged) >= PurgeInterval)
            {
                await _answers.PurgeAsync(_stop.Token).ConfigureAwait(false);
                _purged = _time.GetTimestamp();
            }
        }
#pragma warning disable CA1031 // One failed sweep is logged and the next one tries again; the work must not end with it.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A sweep over what is overdue failed; the next one tries again")]
    private partial void LogFailed(Exception exception);
}
