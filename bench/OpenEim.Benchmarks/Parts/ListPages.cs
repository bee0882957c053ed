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
    private const string Filter = "status:active,supported_profile_type:5";
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
            foreach (var (name, q, page, byLink) in (IReadOnlyList<(string, string?, Func<long, long>, bool)>)
            [
                ("first page", null, _ => 1, false),
                ("middle page", null, Middle, false),
                ("middle page by link", null, Middle, true),
                ("filtered page", Filter, _ => 1, false),
                ("filtered page by link", Filter, Middle, true),
                ("page filtered by EID", $"eid:{EidRange.Prefix}00000001*", _ => 1, false),
            ])
            {
                var smallPage = await FindAsync(run, smallHost, q, page(Small.Euiccs), byLink).ConfigureAwait(false);
                var largePage = await FindAsync(run, largeHost, q, page(large.Euiccs), byLink).ConfigureAwait(false);
                var comparison = await Turns.TakeAsync(
                    run,
                    slice => LeafAsync(run, smallHost, q, smallPage, slice),
                    slice => LeafAsync(run, largeHost, q, largePage, slice),
                    share: 0.5).ConfigureAwait(false);
                run.Add(Measurement.Of($"list of eUICCs, {name}, {engine.Name}, {large}, beside itself at {Small.Euiccs:N0}", comparison, 0.5));
            }
        }
    }

    private static long Middle(long euiccs) => euiccs / PageSize / 2;

    /// <summary>A page by its number, or the one that its link to the next leads to.</summary>
    private static async Task<PageRequest> FindAsync(BenchRun run, EimHost host, string? q, long number, bool byLink)
    {
        var page = new PageRequest(number, PageSize);
        return byLink ? (await host.Euiccs.ListAsync(1, q, null, page, run.Stop).ConfigureAwait(false)).Next! : page;
    }

    private static async Task<double> LeafAsync(BenchRun run, EimHost host, string? q, PageRequest page, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0L;
        do
        {
            var got = await host.Euiccs.ListAsync(1, q, null, page, run.Stop).ConfigureAwait(false);
            count += Complete(got) ? 1 : throw new InvalidOperationException($"the page has {got.Items.Count} eUICCs");
        }
        while (Stopwatch.GetElapsedTime(start) < duration);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static bool Complete(Page<EuiccDirectoryEntry> page) => page.Items.Count == PageSize && page.Items.All(entry => entry.Profiles.Count == 1);
}
