namespace OpenEim.Server;

/// <summary>How patient it is with devices that bring no answer that could be believed (docs/decisions/0009).</summary>
public sealed partial record ServerOptions
{
    private const int MostRounds = 100;

    private static readonly TimeSpan LongestHold = TimeSpan.FromDays(1);

    /// <summary>How long a package is first held back after three deliveries within a minute, or an answer, that prove nothing. The next holds are each twice as long.</summary>
    public TimeSpan PackageHold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest of these holds.</summary>
    public TimeSpan PackageHoldLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After how many such rounds an operation fails; not before <see cref="ResultPatience"/> has passed.</summary>
    public int UnansweredRounds { get; init; } = 5;

    /// <summary>How often a device must report, unsigned, that it has not downloaded before the download fails; not before <see cref="ResultPatience"/> has passed.</summary>
    public int DownloadErrorRounds { get; init; } = 3;

    private void CheckDelivery()
    {
        Refuse(PackageHold <= TimeSpan.Zero || PackageHold > LongestHold, "PackageHold must be more than 0 and at most 1 day");
        Refuse(PackageHoldLimit < PackageHold || PackageHoldLimit > LongestHold, "PackageHoldLimit must be at least PackageHold and at most 1 day");
        Refuse(UnansweredRounds is < 1 or > MostRounds, $"UnansweredRounds must be 1 to {MostRounds}");
        Refuse(DownloadErrorRounds is < 1 or > MostRounds, $"DownloadErrorRounds must be 1 to {MostRounds}");
    }
}
