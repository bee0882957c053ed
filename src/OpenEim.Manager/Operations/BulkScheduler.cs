using Microsoft.Extensions.Logging;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>An eUICC as somebody names it: by its EID, or by its number.</summary>
public readonly record struct OperationTarget(Eid? Eid, long? EuiccId);

/// <summary>A target on which nothing was scheduled, and why.</summary>
public sealed record MissedTarget(OperationTarget Target, string Reason);

/// <summary>What became of an operation that was meant for many eUICCs.</summary>
/// <param name="Id">UUIDv7 under which the log tells of it.</param>
/// <param name="Total">How many targets were named.</param>
/// <param name="Missed">Those on which nothing was scheduled, in the order of the request.</param>
public sealed record BulkOutcome(Guid Id, int Total, IReadOnlyList<MissedTarget> Missed)
{
    /// <summary>On how many eUICCs it is scheduled.</summary>
    public int Scheduled => Total - Missed.Count;
}

/// <summary>Schedules one operation on many eUICCs: one statement changes them all, one writes all operations, in one transaction.</summary>
public sealed partial class BulkScheduler(
    Database database, DownloadSecrets secrets, TimeProvider time, ILogger<BulkScheduler> logger, EimTelemetry? telemetry = null)
{
    /// <summary>The most targets of one call: its transaction holds the rows of all of them.</summary>
    public const int MaxTargets = 10_000;

    private const int SqliteBatch = 100; // values of one list there, each of which is bound by its name

    /// <summary>Schedules the operation behind those that wait already, on each of the organisation's IoT eUICCs among the targets.</summary>
    /// <param name="organisationId">Who asks.</param>
    /// <param name="creator">On whose behalf.</param>
    /// <param name="operation">What to do on each.</param>
    /// <param name="targets">At most <see cref="MaxTargets"/>. One that is named twice gets one operation.</param>
    /// <param name="alsoWrite">Runs in the same transaction.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    public async Task<BulkOutcome> ScheduleAsync(
        long organisationId,
        OperationCreator creator,
        NewOperation operation,
        IReadOnlyList<OperationTarget> targets,
        Func<DbSession, BulkOutcome, ValueTask>? alsoWrite = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(creator);
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targets.Count, MaxTargets);
        using var span = telemetry?.Activities.StartActivity("schedule in bulk")?.SetTag("openeim.targets", targets.Count);
        var outcome = await database.WriteAsync(
            async session =>
            {
                var known = await ResolveAsync(session, organisationId, targets).ConfigureAwait(false);
                var raised = await RaiseAsync(session, organisationId, known.Values.Order().Distinct()).ConfigureAwait(false);
                await session.InsertAsync(NewOperationRow.Insert, Rows(raised, organisationId, creator, operation)).ConfigureAwait(false);
                var outcome = Conclude(targets, known, raised.Select(row => Eid.FromBytes(row.Eid)).ToHashSet());
                if (alsoWrite is not null)
                {
                    await alsoWrite(session, outcome).ConfigureAwait(false);
                }

                return outcome;
            },
            ct).ConfigureAwait(false);
        telemetry?.Scheduled(OperationTags.Of(operation.Action), outcome.Scheduled);
        span?.SetTag("openeim.operations", outcome.Scheduled);
        LogScheduled(outcome.Id, operation.Action, outcome.Scheduled, outcome.Total, organisationId);
        return outcome;
    }

    /// <summary>The EID of each target that has one: as told, or by the organisation's number.</summary>
    private static async ValueTask<Dictionary<OperationTarget, Eid>> ResolveAsync(
        DbSession session, long organisationId, IReadOnlyList<OperationTarget> targets)
    {
        var known = new Dictionary<OperationTarget, Eid>();
        foreach (var target in targets)
        {
            if (target.Eid is { } eid)
            {
                known[target] = eid;
            }
        }

        foreach (var batch in Batches(session, targets.Select(target => target.EuiccId).OfType<long>().Distinct()))
        {
            var rows = await session.QueryAsync<NumberRow>(
                $"SELECT id, eid FROM euicc WHERE {session.IsOneOf("id", "ids")} AND +organisation_id = @organisationId",
                new { ids = batch, organisationId }).ConfigureAwait(false);
            foreach (var row in rows)
            {
                known[new OperationTarget(null, row.Id)] = Eid.FromBytes(row.Eid);
            }
        }

        return known;
    }

    /// <summary>Locks and raises the rows, in the order of their EIDs, so that two calls do not wait for each other.</summary>
    private static async ValueTask<IReadOnlyList<RaisedRow>> RaiseAsync(DbSession session, long organisationId, IEnumerable<Eid> eids)
    {
        var raised = new List<RaisedRow>();

        // The plus signs keep SQLite from walking all of the organisation's eUICCs by the index that begins with these columns.
        var sql = $"""
            UPDATE euicc SET pending_count = pending_count + 1, revision = revision + 1
            WHERE {session.IsOneOf("eid", "eids")} AND +organisation_id = @organisationId AND +supported_profile_type = @type
            RETURNING eid, slice, revision
            """;
        foreach (var batch in Batches(session, eids.Select(eid => eid.ToBytes())))
        {
            raised.AddRange(await session.QueryAsync<RaisedRow>(
                sql, new { eids = batch, organisationId, type = Descriptions.IotProfileType }).ConfigureAwait(false));
        }

        return raised;
    }

    private static IEnumerable<T[]> Batches<T>(DbSession session, IEnumerable<T> values) =>
        values.Chunk(session.Engine == DbEngine.Sqlite ? SqliteBatch : MaxTargets);

    private IReadOnlyList<NewOperationRow> Rows(
        IReadOnlyList<RaisedRow> raised, long organisationId, OperationCreator creator, NewOperation operation)
    {
        var now = time.NowMilliseconds();
        return [.. raised.Select(row =>
        {
            var id = OperationIds.Create(now, row.Revision);
            return new NewOperationRow(row.Eid, row.Slice, id, operation, organisationId, creator, row.Revision, secrets, now);
        })];
    }

    private BulkOutcome Conclude(IReadOnlyList<OperationTarget> targets, Dictionary<OperationTarget, Eid> known, HashSet<Eid> raised)
    {
        var missed = new List<MissedTarget>();
        var seen = new HashSet<Eid>();
        foreach (var target in targets)
        {
            if (!known.TryGetValue(target, out var eid) || !raised.Contains(eid))
            {
                missed.Add(new MissedTarget(target, "eUICC not found, or no IoT eUICC"));
            }
            else if (!seen.Add(eid))
            {
                missed.Add(new MissedTarget(target, "eUICC is named twice; one operation is scheduled"));
            }
        }

        return new BulkOutcome(Guid.CreateVersion7(time.GetUtcNow()), targets.Count, missed);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Bulk {Id}: {Action} is scheduled on {Scheduled} of {Total} eUICCs that organisation {Organisation} named")]
    private partial void LogScheduled(Guid id, OperationAction action, int scheduled, int total, long organisation);

    private sealed class NumberRow
    {
        public long Id { get; init; }

        public required byte[] Eid { get; init; }
    }

    private sealed class RaisedRow
    {
        public required byte[] Eid { get; init; }

        public long Slice { get; init; }

        public long Revision { get; init; }
    }
}
