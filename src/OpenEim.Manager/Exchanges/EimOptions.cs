
namespace OpenEim.Manager.Exchanges;

/// <summary>How patient the eIM is.</summary>
public sealed record EimOptions
{
    /// <summary>How long a device has for its answer: no package is given up before, and a delivered operation whose validity ends sooner waits as long.</summary>
    public TimeSpan ResultPatience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a package is first held back from a poller that brings no answer, or none that could be believed: an IPA polls until there is nothing left, and must not spin. The next holds are each twice as long.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether downloads may be begun without saying which eUICC asks, as SGP.32 v1.0 does.</summary>
    public AllowV10 AllowV10 { get; init; } = AllowV10.Auto;

    /// <summary>How many such downloads one address may begin in a minute whose eUICC has not proved itself.</summary>
    public int V10SessionsPerAddress { get; init; } = 8;

    /// <summary>
    /// How many such downloads there may be in a minute, in all, for each download that waits for the same SM-DP+. Half of them are for addresses
    /// that have begun none in this minute, and addresses that have polled a waiting trigger have as many again.
    /// </summary>
    public int V10SessionsPerOperation { get; init; } = 16;

    /// <summary>The longest of these holds.</summary>
    public TimeSpan HoldLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After how many rounds without an answer that could be believed an operation fails.</summary>
    public int UnansweredRounds { get; init; } = 5;

    /// <summary>How often a device must report, unsigned, that it has not downloaded before the download fails.</summary>
    public int DownloadErrorRounds { get; init; } = 3;

    /// <summary>How long contact times may wait in memory.</summary>
    public TimeSpan ContactFlush { get; init; } = TimeSpan.FromSeconds(5);
}
