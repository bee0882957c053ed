using System.Diagnostics;

namespace OpenEim.Benchmarks.Parts;

/// <summary>How often something is done per second when all processors do nothing else.</summary>
internal static class ReferenceRate
{
    /// <param name="duration">How long to go on.</param>
    /// <param name="once">Safe on many threads; false when it went wrong.</param>
    public static Task<double> MeasureAsync(TimeSpan duration, Func<bool> once) => Task.Run(() =>
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0L;
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                Interlocked.Add(ref count, once() ? 1 : throw new InvalidOperationException("a signature does not verify"));
            }
        });
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
}
