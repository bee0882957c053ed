namespace OpenEim.Manager.Packages;

/// <summary>How patient the eIM is.</summary>
public sealed record EimOptions
{
    /// <summary>How long after its delivery an operation may wait for its result, where its validity ends sooner.</summary>
    public TimeSpan ResultPatience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a package is not sent again after an answer that could not be believed: an IPA polls until there is nothing left, and must not spin.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long contact times may wait in memory.</summary>
    public TimeSpan ContactFlush { get; init; } = TimeSpan.FromSeconds(5);
}
