using System.Diagnostics;
using System.Globalization;

namespace OpenEim.Benchmarks.Load;

/// <summary>Sends requests over many connections, tells of it each second, and sums it up.</summary>
/// <param name="options">How many, how long, how fast.</param>
/// <param name="send">Sends the request with that number, from 0; safe on many threads.</param>
internal sealed class LoadRun(LoadOptions options, Func<long, CancellationToken, Task<Outcome>> send)
{
    private readonly Tally _tally = new();
    private long _next = -1;
    private long _start;

    /// <summary>Runs until the time is over or it is stopped; what is under way then is waited for.</summary>
    /// <returns>The exit code: 1 when there were errors.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        _start = Stopwatch.GetTimestamp();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        over.CancelAfter(options.Duration);
        var senders = Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => Task.Run(() => SendAsync(over.Token), CancellationToken.None)));
        await TellAsync(senders).ConfigureAwait(false);
        await senders.ConfigureAwait(false);
        Console.WriteLine(_tally.Summary(Stopwatch.GetElapsedTime(_start)));
        if (Late() is > 0 and var late)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"behind     {late:N0} requests were due and not sent: more --connections, or a server that cannot keep up"));
        }

        return _tally.Errors > 0 ? 1 : 0;
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    private async Task TellAsync(Task senders)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var last = TimeSpan.Zero;
        while (await Task.WhenAny(senders, timer.WaitForNextTickAsync().AsTask()).ConfigureAwait(false) != senders)
        {
            var now = Elapsed;
            Console.WriteLine(_tally.TakeProgress(now, now - last));
            last = now;
        }
    }

    private async Task SendAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _next);
            if (await DueAsync(number, over).ConfigureAwait(false) is not { } due)
            {
                return;
            }

            // The client's own timeout ends it, not the end of the load: what was sent is counted.
            var outcome = await TryAsync(number).ConfigureAwait(false);
            _tally.Add(outcome, Elapsed - due);
        }
    }

    /// <summary>Waits for the time at which the request with that number is to be sent; null when the load is over before.</summary>
    private async Task<TimeSpan?> DueAsync(long number, CancellationToken over)
    {
        if (options.Rate is not { } rate)
        {
            return Elapsed;
        }

        var due = TimeSpan.FromSeconds(number / rate);
        var wait = due - Elapsed;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, over).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        }

        return over.IsCancellationRequested ? null : due;
    }

    private async Task<Outcome> TryAsync(long number)
    {
        try
        {
            return await send(number, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            return Outcome.Error(e.HttpRequestError.ToString());
        }
        catch (OperationCanceledException)
        {
            return Outcome.Error("timeout");
        }
        catch (IOException)
        {
            return Outcome.Error("the answer broke off");
        }
    }

    /// <summary>How many requests should have been sent by now beyond those that were.</summary>
    private long Late() => options.Rate is { } rate
        ? (long)(Math.Min(Elapsed.TotalSeconds, options.Duration.TotalSeconds) * rate) - _tally.Requests
        : 0;
}
