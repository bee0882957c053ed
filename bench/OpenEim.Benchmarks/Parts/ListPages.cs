using System.Diagnostics;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Server;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Pages of the list of eUICCs of a large fleet, without HTTP, beside the same of a small one: within twice the time is half the rate.</summary>
internal static class ListPages
{
    private const int PageSize = 100;
    private static readonly FleetSize Small = new(1_000);

    public static async Task MeasureAsync(BenchRun run)
    {
        var large = new FleetSize(run.IsQuick ? 100_000 : 5_000_000);
        foreach (var engine in run.Engines)
        {
            var smallSetup = await run.Fleets.GetAsync(engine, Small).ConfigureAwait(false);
            var largeSetup = await run.Fleets.GetAsync(engine, large).ConfigureAwait(false);
            await using var smallHost = await smallSetup.StartAsync("http", run.Stop).ConfigureAwait(false);
            await using var largeHost = await largeSetup.StartAsync("http", run.Stop).ConfigureAwait(false);
            foreach (var (name, q, page) in (IReadOnlyList<(string, string?, Func<long, long>)>)
            [
                ("first page", null, _ => 1),
                ("middle page", null, euiccs => euiccs / PageSize / 2),
                ("filtered page", "status:active,supported_profile_type:5", _ => 1),
                ("page filtered by EID", $"eid:{EidRange.Prefix}00000001*", _ => 1),
            ])
            {
                var comparison = await Turns.TakeAsync(
                    run,
                    slice => LeafAsync(run, smallHost, q, page(Small.Euiccs), slice),
                    slice => LeafAsync(run, largeHost, q, page(large.Euiccs), slice),
                    share: 0.5).ConfigureAwait(false);
                run.Add(Measurement.Of($"list of eUICCs, {name}, {engine.Name}, {large}, beside itself at {Small.Euiccs:N0}", comparison, 0.5));
            }
        }
    }

    private static async Task<double> LeafAsync(BenchRun run, EimHost host, string? q, long page, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0L;
        do
        {
            var got = await host.Euiccs.ListAsync(1, q, null, new PageRequest(page, PageSize), run.Stop).ConfigureAwait(false);
            count += Complete(got) ? 1 : throw new InvalidOperationException($"the page has {got.Items.Count} eUICCs");
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static bool Complete(Page<EuiccDirectoryEntry> page) => page.Items.Count == PageSize && page.Items.All(entry => entry.Profiles.Count == 1);
}
