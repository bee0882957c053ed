namespace OpenEim.Manager.Queries;

/// <summary>Times as the tables hold them: Unix milliseconds.</summary>
internal static class Times
{
    public static long NowMilliseconds(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    public static DateTimeOffset ToTime(this long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? ToTime(this long? milliseconds) => milliseconds is { } value ? value.ToTime() : null;
}
