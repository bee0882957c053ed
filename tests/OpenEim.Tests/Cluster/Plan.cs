using System.Collections.Concurrent;

namespace OpenEim.Tests.Cluster;

/// <summary>One operation that was scheduled, and how it may end.</summary>
/// <param name="device">On which device, counted from 0.</param>
/// <param name="id">Its id in the REST API.</param>
/// <param name="what">What it is, for people.</param>
/// <param name="ends">How it may end: a status, and behind it the reason where it failed.</param>
internal sealed class PlannedOperation(int device, Guid id, string what, params IReadOnlyList<string> ends)
{
    public const string Succeeded = "Succeeded";
    public const string Expired = "Expired";
    public const string Canceled = "Canceled";
    public const string RolledBack = "Failed 9002";
    public const string Contradicted = "Failed 9001";

    public int Device => device;

    public Guid Id => id;

    public string What => what;

    /// <summary>How it may end; narrowed where more is learnt of what has happened to the device.</summary>
    public IReadOnlyList<string> Ends { get; set; } = ends;

    /// <summary>The profile that a download is to bring.</summary>
    public string? Iccid { get; init; }
}

/// <summary>Everything that was asked of the eIM and that it has accepted.</summary>
internal sealed class Plan
{
    public ConcurrentQueue<PlannedOperation> Operations { get; } = [];

    /// <summary>The ICCIDs of the profiles that were ordered.</summary>
    public ConcurrentQueue<string> Ordered { get; } = [];
}
