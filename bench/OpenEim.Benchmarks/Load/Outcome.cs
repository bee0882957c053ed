namespace OpenEim.Benchmarks.Load;

/// <summary>What became of a request.</summary>
/// <param name="Kind">In a word or two, the same for all of a kind.</param>
/// <param name="IsError">Whether a load must not have it.</param>
internal readonly record struct Outcome(string Kind, bool IsError)
{
    public static Outcome Ok(string kind) => new(kind, false);

    public static Outcome Error(string kind) => new(kind, true);

    /// <summary>An answer that is not 2xx.</summary>
    public static Outcome Refused(HttpResponseMessage answer) => Error($"HTTP {(int)answer.StatusCode}");
}
