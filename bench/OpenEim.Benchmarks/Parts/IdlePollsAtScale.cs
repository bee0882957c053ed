using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Server;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Idle polls of large fleets, and of fleets with a long history, beside those of a small one.</summary>
internal static class IdlePollsAtScale
{
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
        var hosts = new List<EimHost>();
        try
        {
            foreach (var size in (FleetSize[])[Small, .. sizes])
            {
                var setup = await run.Fleets.GetAsync(engine, size).ConfigureAwait(false);
                hosts.Add(await setup.StartAsync("http", run.Stop).ConfigureAwait(false));
            }

            var comparisons = await Turns.TakeAsync(
                run,
                slice => PollClient.PollAsync(hosts[0].EsipaUrl, Small.Euiccs, slice),
                [.. sizes.Select((size, i) => (Func<TimeSpan, Task<double>>)(slice => PollClient.PollAsync(hosts[i + 1].EsipaUrl, size.Euiccs, slice)))]).ConfigureAwait(false);
            foreach (var (size, comparison) in sizes.Zip(comparisons))
            {
                run.Add(Measurement.Of($"idle polls, {engine.Name}, {size}, beside itself at {Small.Euiccs:N0}", comparison, 0.9));
            }
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
