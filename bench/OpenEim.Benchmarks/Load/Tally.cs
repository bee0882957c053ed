using System.Collections.Concurrent;
using System.Globalization;
using HdrHistogram;

namespace OpenEim.Benchmarks.Load;

/// <summary>Counts what became of the requests, and how long they took. Safe on many threads.</summary>
internal sealed class Tally
{
    private const double MicrosecondsPerMillisecond = 1000;

    // Microseconds up to an hour, to three digits.
    private readonly LongConcurrentHistogram _all = new(1, 3_600_000_000, 3);
    private readonly ConcurrentDictionary<Outcome, long> _outcomes = new();
    private LongConcurrentHistogram _second = new(1, 3_600_000_000, 3);

    public long Requests => _outcomes.Values.Sum();

    public long Errors => _outcomes.Where(outcome => outcome.Key.IsError).Sum(outcome => outcome.Value);

    public void Add(Outcome outcome, TimeSpan latency)
    {
        var microseconds = Math.Clamp((long)latency.TotalMicroseconds, 1, _all.HighestTrackableValue);
        _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
        _all.RecordValue(microseconds);
        _second.RecordValue(microseconds);
    }

    /// <summary>What ended since it was last asked, in a line.</summary>
    public string TakeProgress(TimeSpan elapsed, TimeSpan since)
    {
        var second = Interlocked.Exchange(ref _second, new LongConcurrentHistogram(1, _all.HighestTrackableValue, 3));
        var perSecond = second.TotalCount / since.TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds,6:0} s {perSecond,10:N0}/s   p50 {At(second, 50)}   p99 {At(second, 99)}   max {At(second, 100)}   errors {Errors:N0}");
    }

    /// <summary>The end of it, in some lines.</summary>
    public string Summary(TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        requests   {Requests:N0} in {elapsed.TotalSeconds:0.0} s, {Requests / elapsed.TotalSeconds:N0}/s
        latency    p50 {At(_all, 50)}   p90 {At(_all, 90)}   p99 {At(_all, 99)}   max {At(_all, 100)}
        answers    {List(isError: false)}
        errors     {List(isError: true)}
        """);

    private string List(bool isError)
    {
        var kinds = _outcomes.Where(outcome => outcome.Key.IsError == isError).OrderByDescending(outcome => outcome.Value)
            .Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Key.Kind} {outcome.Value:N0}"));
        return string.Join(", ", kinds) is { Length: > 0 } list ? list : "none";
    }

    private static string At(LongConcurrentHistogram histogram, double percentile) => histogram.TotalCount == 0
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{histogram.GetValueAtPercentile(percentile) / MicrosecondsPerMillisecond:0.00} ms");
}
