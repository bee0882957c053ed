using OpenEim.Benchmarks.Parts;

namespace OpenEim.Benchmarks.Reports;

/// <summary>A part of the report, which can be measured on its own.</summary>
/// <param name="Name">For <c>--only</c>.</param>
/// <param name="What">What it is held against, for the report: Markdown.</param>
/// <param name="MeasureAsync">Adds its lines to the run.</param>
internal sealed record Part(string Name, string What, Func<BenchRun, Task> MeasureAsync)
{
    /// <summary>All of them, in the order in which they are measured. Idle polls come after others that poll, so that all of their code is compiled for good.</summary>
    public static readonly IReadOnlyList<Part> All =
    [
        new(
            "operations",
            "operations from Scheduled to Succeeded over HTTP, with 64 devices (card and IPA) in the same process, beside the rate of two signatures and two verifications on P-256 on all processors.",
            OperationRate.MeasureAsync),
        new(
            "bulk-scheduling",
            "one operation on each eUICC of a fleet, 10,000 in a call and two calls at the same time, without HTTP, on a database that flushes each commit. The reference is the rate that the design asks of PostgreSQL.",
            BulkScheduling.MeasureAsync),
        new(
            "downloads",
            "whole profile downloads over ES9+, with 64 devices in the same process, beside the rate of all the cryptography of one on both sides: six signatures, six verifications, two one-time keys, one key agreement, the protection of the package.",
            Downloads.MeasureAsync),
        new(
            "initiate-authentication",
            "ES9+ InitiateAuthentication beside its one signature and one MAC. The design has no budget for it; the 50 % are ours.",
            InitiateAuthentications.MeasureAsync),
        new(
            "process",
            "the published server: from the start of the process to the first 200 of `/health/ready`, and its resident memory when it was left alone. The reference is the limit.",
            PublishedServer.MeasureAsync),
        new(
            "idle-polls-scale",
            "idle polls of larger fleets, and of one with a history of finished operations, EIDs at random, 20 seconds (5 million: 55) at a time and the writing of all their contact times with it, beside a fleet of 1,000 without history.",
            IdlePollsAtScale.MeasureAsync),
        new(
            "idle-polls",
            "polls of devices that have nothing to do, EIDs at random, 64 connections, beside a bare Kestrel endpoint that reads the same request and returns the same six bytes.",
            IdlePolls.MeasureAsync),
        new(
            "poll-allocations",
            "what the endpoint does with the bytes of an idle poll, 16 at the same time: memory allocated by all of the process for each, the database's driver included. The reference is the limit.",
            PollAllocations.MeasureAsync),
        new(
            "list-pages",
            "pages of 100 of the list of eUICCs without HTTP, beside the same of a fleet of 1,000. Within twice the time is at least half the rate.",
            ListPages.MeasureAsync),
    ];
}
