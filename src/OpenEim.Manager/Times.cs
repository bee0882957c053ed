namespace OpenEim.Manager;

/// <summary>Times as the tables hold them: Unix milliseconds.</summary>
internal static class Times
{
    /// <summary>How far the clocks of two nodes may differ. What is dated later than this from now was dated by a clock that was wrong.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    public static long NowMilliseconds(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The latest time, in Unix milliseconds, that another node's clock can have written by now.</summary>
    public static long BelievedAt(long now) => now + (long)ClockTolerance.TotalMilliseconds;

    public static DateTimeOffset ToTime(this long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? ToTime(this long? milliseconds) => milliseconds is { } value ? value.ToTime() : null;

    /// <summary>
    /// Whether it is not yet <paramref name="until"/>, which somebody set to no more than <paramref name="longest"/> after his now. A later
    /// time is of a clock that was ahead, and is not believed: it would hold for as long as that clock was wrong.
    /// </summary>
    public static bool IsBefore(this TimeProvider time, long until, TimeSpan longest)
    {
        var now = time.NowMilliseconds();
        return until > now && until <= now + (long)(longest + ClockTolerance).TotalMilliseconds;
    }
}
