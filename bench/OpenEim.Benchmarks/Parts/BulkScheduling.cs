using System.Diagnostics;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Manager.Operations;

namespace OpenEim.Benchmarks.Parts;

/// <summary>One operation on every eUICC of a large fleet, ten thousand in a call, beside the rate that the design asks for.</summary>
internal static class BulkScheduling
{
    private const double WantedRate = 100_000; // operations per second
    private const int Callers = 2;

    private static readonly NewOperation Audit = new() { Action = OperationAction.Audit, Validity = TimeSpan.FromDays(1) };

    public static async Task MeasureAsync(BenchRun run)
    {
        var size = new FleetSize(run.IsQuick ? 100_000 : 1_000_000);
        foreach (var engine in run.Engines)
        {
            var setup = await run.Fleets.NewAsync(engine, size).ConfigureAwait(false);
            await using var host = await setup.StartAsync("http", run.Stop).ConfigureAwait(false);

            // The first call compiles what the others run.
            await ScheduleAsync(host.BulkScheduler, 1, run.Stop).ConfigureAwait(false);
            var start = Stopwatch.GetTimestamp();
            var firsts = new Queue<long>(Firsts(size.Euiccs));
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallAsync(host.BulkScheduler, firsts, run.Stop)))).ConfigureAwait(false);
            var rate = size.Euiccs / Stopwatch.GetElapsedTime(start).TotalSeconds;
            double? budget = engine is PostgresEngine ? 1 : null;
            run.Add(new Measurement($"operations scheduled in bulk on {size}, {engine.Name}, beside what is wanted of PostgreSQL", rate, WantedRate, budget));
        }
    }

    private static IEnumerable<long> Firsts(long euiccs)
    {
        for (var first = 1L; first <= euiccs; first += BulkScheduler.MaxTargets)
        {
            yield return first;
        }
    }

    private static async Task CallAsync(BulkScheduler scheduler, Queue<long> firsts, CancellationToken ct)
    {
        while (Next(firsts) is { } first)
        {
            await ScheduleAsync(scheduler, first, ct).ConfigureAwait(false);
        }
    }

    private static long? Next(Queue<long> firsts)
    {
        lock (firsts)
        {
            return firsts.TryDequeue(out var first) ? first : null;
        }
    }

    private static async Task ScheduleAsync(BulkScheduler scheduler, long first, CancellationToken ct)
    {
        var targets = Enumerable.Range(0, BulkScheduler.MaxTargets).Select(i => new OperationTarget(EidRange.At(first + i), null)).ToList();
        var outcome = await scheduler.ScheduleAsync(1, new OperationCreator(1, "bench"), Audit, targets, null, ct).ConfigureAwait(false);
        if (outcome.Missed is [var missed, ..])
        {
            throw new InvalidOperationException($"{missed.Target.Eid}: {missed.Reason}");
        }
    }
}
