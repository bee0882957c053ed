using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Idle polls beside a bare Kestrel endpoint that reads the same request and returns the same bytes.</summary>
internal static class IdlePolls
{
    private static readonly FleetSize Fleet = new(1_000);

    public static async Task MeasureAsync(BenchRun run)
    {
        foreach (var engine in run.Engines)
        {
            await MeasureAsync(run, engine, "http").ConfigureAwait(false);
        }

        await MeasureAsync(run, run.Engines[0], "https").ConfigureAwait(false);
    }

    private static async Task MeasureAsync(BenchRun run, IEngine engine, string scheme)
    {
        var setup = await run.Fleets.GetAsync(engine, Fleet).ConfigureAwait(false);
        await using var host = await setup.StartAsync(scheme, run.Stop).ConfigureAwait(false);
        await using var bare = await BareEndpoint.StartAsync(scheme == "https" ? host : null, run.Stop).ConfigureAwait(false);
        var bareUrl = new Uri(bare.Urls.First());
        var comparison = await Turns.TakeAsync(
            run,
            slice => PollClient.PollAsync(bareUrl, Fleet.Euiccs, slice),
            slice => PollClient.PollAsync(host.EsipaUrl, Fleet.Euiccs, slice)).ConfigureAwait(false);
        run.Add(Measurement.Of(
            $"idle polls over keep-alive {scheme.ToUpperInvariant()}, {engine.Name}, {Fleet}, beside a bare endpoint", comparison, engine is SqliteEngine ? 0.8 : 0.6));
    }
}
