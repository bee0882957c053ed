using System.Diagnostics;

namespace OpenEim.Benchmarks.Reports;

/// <summary>Measures rates side by side: in rounds within one run, so that a noisy machine hits all of them.</summary>
internal static class Turns
{
    /// <summary>Warms ours up, then takes turns of the reference and ours, each of which runs for the time given and returns its rate per second.</summary>
    /// <param name="run">How long, and how often.</param>
    /// <param name="reference">What ours is held against.</param>
    /// <param name="ours">What is measured.</param>
    /// <param name="share">The share of the usual time that is enough for them.</param>
    public static async Task<Comparison> TakeAsync(
        BenchRun run, Func<TimeSpan, Task<double>> reference, Func<TimeSpan, Task<double>> ours, double share = 1)
    {
        await WarmUpAsync(run, ours, share).ConfigureAwait(false);
        await reference(run.Duration * share / run.Rounds).ConfigureAwait(false);
        return (await TakeAsync(run, reference, [ours], run.Rounds, share).ConfigureAwait(false))[0];
    }

    /// <summary>Several of a kind take turns with one reference; they are warm already.</summary>
    public static async Task<IReadOnlyList<Comparison>> TakeAsync(
        BenchRun run, Func<TimeSpan, Task<double>> reference, IReadOnlyList<Func<TimeSpan, Task<double>>> ours, int roundCount, double share = 1)
    {
        var slice = run.Duration * share / run.Rounds;
        var rounds = ours.Select(_ => new List<(Rate Ours, Rate Reference)>()).ToList();
        for (var round = 0; round < roundCount; round++)
        {
            var beside = await TimeAsync(run, reference, slice).ConfigureAwait(false);
            foreach (var (contender, results) in ours.Zip(rounds))
            {
                results.Add((await TimeAsync(run, contender, slice).ConfigureAwait(false), beside));
            }
        }

        return [.. rounds.Select(Median)];
    }

    /// <summary>Runs it until the runtime has compiled what is hot.</summary>
    public static async Task WarmUpAsync(BenchRun run, Func<TimeSpan, Task<double>> what, double share = 1)
    {
        var most = run.WarmUp * share;
        var spent = run.ProcessorTime();
        var start = Stopwatch.GetTimestamp();
        while (run.ProcessorTime() - spent < most && Stopwatch.GetElapsedTime(start) < most)
        {
            run.Stop.ThrowIfCancellationRequested();
            await what(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
    }

    /// <summary>Runs for a while what returns its rate per second.</summary>
    public static async Task<Rate> TimeAsync(BenchRun run, Func<TimeSpan, Task<double>> what, TimeSpan slice)
    {
        run.Stop.ThrowIfCancellationRequested();
        var start = Stopwatch.GetTimestamp();
        var spent = run.ProcessorTime();
        var perSecond = await what(slice).ConfigureAwait(false);
        var count = perSecond * Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Rate(perSecond, (run.ProcessorTime() - spent).TotalMicroseconds / count);
    }

    private static Comparison Median(List<(Rate Ours, Rate Reference)> rounds)
    {
        var median = rounds.OrderBy(round => round.Ours.PerSecond / round.Reference.PerSecond).ElementAt(rounds.Count / 2);
        var processor = rounds.Select(round => round.Reference.ProcessorMicroseconds / round.Ours.ProcessorMicroseconds).Order().ElementAt(rounds.Count / 2);
        return new Comparison(median.Ours.PerSecond, median.Reference.PerSecond, processor);
    }
}

/// <summary>How fast something went, and the processor time that was spent on each.</summary>
internal readonly record struct Rate(double PerSecond, double ProcessorMicroseconds);
