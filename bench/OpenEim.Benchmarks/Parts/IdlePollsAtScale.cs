using System.Diagnostics;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Idle polls of large fleets, and of fleets with a long history, beside those of a small one.</summary>
internal static class IdlePollsAtScale
{
    private const int Rounds = 3;

    /// <summary>Of the reference's slices, longer than others, as ours are.</summary>
    private const double ReferenceShare = 4;

    private static readonly FleetSize Small = new(1_000);

    public static async Task MeasureAsync(BenchRun run)
    {
        FleetSize[] sizes = run.IsQuick
            ? [new(20_000), new(100_000), new(1_000, 100)]
            : [new(100_000), new(5_000_000), new(100_000, 100)];
        foreach (var engine in run.Engines)
        {
            await MeasureAsync(run, engine, sizes).ConfigureAwait(false);
        }
    }

    private static async Task MeasureAsync(BenchRun run, IEngine engine, FleetSize[] sizes)
    {
        var small = await run.Fleets.GetAsync(engine, Small).ConfigureAwait(false);
        var ours = new List<Func<TimeSpan, Task<double>>>();
        foreach (var size in sizes)
        {
            var setup = await run.Fleets.GetAsync(engine, size).ConfigureAwait(false);
            ours.Add(_ => PollAsync(run, setup, size.Euiccs, Time(run, size)));
        }

        await using var host = await small.StartAsync("http", run.Stop).ConfigureAwait(false);
        Task<double> ReferenceAsync(TimeSpan slice) => PollClient.PollAsync(host.EsipaUrl, Small.Euiccs, slice);
        await Turns.WarmUpAsync(run, ReferenceAsync).ConfigureAwait(false);
        var comparisons = await Turns.TakeAsync(run, ReferenceAsync, ours, Rounds, ReferenceShare).ConfigureAwait(false);
        foreach (var (size, comparison) in sizes.Zip(comparisons))
        {
            run.Add(Measurement.Of($"idle polls, {engine.Name}, {size}, beside itself at {Small.Euiccs:N0}", comparison, 0.9));
        }
    }

    /// <summary>
    /// Contact times of many devices are gathered for a minute. In these times most devices of the fleet have polled, or as many as do in a
    /// minute: so each pays for one row about as often as it does day and night.
    /// </summary>
    private static TimeSpan Time(BenchRun run, FleetSize size) =>
        run.IsQuick ? run.Duration / run.Rounds : TimeSpan.FromSeconds(size.Euiccs > 1_000_000 ? 55 : 20);

    /// <remarks>
    /// The contact times of a large fleet are many rows, written long after the polls. The server is stopped within the time measured,
    /// which writes them, so that each fleet pays for its own and not for those of the one before.
    /// </remarks>
    private static async Task<double> PollAsync(BenchRun run, EimSetup setup, long euiccs, TimeSpan duration)
    {
        var host = await setup.StartAsync("http", run.Stop).ConfigureAwait(false);
        var start = Stopwatch.GetTimestamp();
        double count;
        await using (host.ConfigureAwait(false))
        {
            count = await PollClient.CountAsync(host.EsipaUrl, euiccs, duration).ConfigureAwait(false);
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
