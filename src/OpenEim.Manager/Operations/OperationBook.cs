using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Operations;

/// <summary>The operations of an organisation's IoT eUICCs: scheduled, listed, found, canceled.</summary>
/// <remarks>Every method answers null, or not found, for eUICCs of other organisations and for those that are not IoT eUICCs.</remarks>
public sealed class OperationBook(
    Database database, DownloadSecrets secrets, EuiccIds ids, TimeProvider time, EimTelemetry? telemetry = null, ListTurns? turns = null)
{
    private readonly ListReads _lists = new(database, turns);

    private static readonly QueryFields Fields = new(
        QueryField.Hex("id", "o.id", 16),
        QueryField.Choice("action", "o.action", Descriptions.Action),
        QueryField.Choice("status", "o.status", Descriptions.OperationStatus),
        QueryField.Iccid("iccid_with_luhn", "o.iccid"),
        QueryField.SortOnly("creation_date", "o.created"),
        QueryField.SortOnly("expiry_date", "o.expiry"),
        QueryField.SortOnly("finalization_date", "o.finalized"));

    private const string IsTheirs = "eid = @Eid AND id = @euiccId AND organisation_id = @organisationId AND supported_profile_type = @type";

    private const string FindEuicc = $"SELECT eid, slice, revision FROM euicc WHERE {IsTheirs}";

    // Locks the row and counts the operations in one statement; the revision told is that of before.
    private const string RaiseCounts = $"""
        UPDATE euicc SET pending_count = pending_count + @count, revision = revision + @count WHERE {IsTheirs}
        RETURNING eid, slice, revision - @count AS revision
        """;

    private const int ManyOperations = 2_000;

    private static readonly LockingQuery LockEuicc = new(FindEuicc);

    /// <summary>Schedules all of them behind those that wait already, in one transaction.</summary>
    /// <param name="organisationId">Who asks.</param>
    /// <param name="euiccId">On which eUICC.</param>
    /// <param name="creator">On whose behalf.</param>
    /// <param name="operations">In the order in which they shall run.</param>
    /// <param name="alsoWrite">Runs in the same transaction.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    public async Task<IReadOnlyList<OperationBookEntry>?> ScheduleAsync(
        long organisationId,
        long euiccId,
        OperationCreator creator,
        IReadOnlyList<NewOperation> operations,
        Func<DbSession, IReadOnlyList<OperationBookEntry>, ValueTask>? alsoWrite = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(creator);
        using var span = telemetry?.Activities.StartActivity("schedule operations")?.SetTag("openeim.euicc.id", euiccId);
        if (await ids.FindAsync(database, euiccId, ct).ConfigureAwait(false) is not { } eid)
        {
            return null;
        }

        var scheduled = await database.WriteTogetherAsync(
            eid.ToBytes(),
            async session =>
            {
                var euicc = await session.QueryFirstOrDefaultAsync<EuiccKey>(
                    RaiseCounts,
                    new { Eid = eid.ToBytes(), euiccId, organisationId, type = Descriptions.IotProfileType, count = operations.Count }).ConfigureAwait(false);
                if (euicc is null)
                {
                    return null;
                }

                var entries = await InsertAsync(session, euicc, organisationId, creator, operations).ConfigureAwait(false);
                if (alsoWrite is not null)
                {
                    await alsoWrite(session, entries).ConfigureAwait(false);
                }

                return entries;
            },
            ct).ConfigureAwait(false);
        foreach (var action in (scheduled ?? []).CountBy(entry => entry.Action))
        {
            telemetry?.Scheduled(OperationTags.Of(action.Key), action.Value);
        }

        span?.SetTag("openeim.operations", scheduled?.Count);
        return scheduled;
    }

    /// <summary>A page of an eUICC's operations.</summary>
    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/> cannot be followed.</exception>
    /// <exception cref="ListsBusyException">The caller reads as many long lists at the same time as he may.</exception>
    public async ValueTask<Page<OperationBookEntry>?> ListAsync(
        ListCaller caller, long euiccId, string? q, string? sort, PageRequest page, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(page);
        var order = Fields.Order(sort);
        var mayTakeLong = page.Size > ListReads.MaxQuickSize || page.Skip > ListReads.MaxQuickWalk;
        if (!mayTakeLong && (Fields.Condition(q, new SqlValues()) is not null || order.IsDescendingById is null))
        {
            // All of the eUICC's operations are looked at, which are few but for a rare one.
            mayTakeLong = await database.ReadAsync(session => HasManyAsync(session, caller.OrganisationId, euiccId), ct).ConfigureAwait(false);
        }

        var values = new SqlValues();
        var condition = Fields.Condition(q, values);
        return await _lists.ReadAsync(
            caller,
            mayTakeLong,
            async session =>
            {
                var euicc = await FindEuiccAsync(session, caller.OrganisationId, euiccId).ConfigureAwait(false);
                return euicc is null ? null : await ListAsync(session, euicc, condition, order.Sql, values, page).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
    }

    /// <summary>One of an eUICC's operations, or null.</summary>
    public ValueTask<OperationBookEntry?> FindAsync(long organisationId, long euiccId, Guid id, CancellationToken ct = default) => database.ReadAsync(
        async session =>
        {
            var euicc = await FindEuiccAsync(session, organisationId, euiccId).ConfigureAwait(false);
            var row = euicc is null
                ? null
                : await session.QueryFirstOrDefaultAsync<OperationBookRow>(
                    OperationBookRow.Select + " WHERE o.eid = @Eid AND o.id = @Id",
                    new { euicc.Eid, Id = id.ToByteArray(bigEndian: true) }).ConfigureAwait(false);
            return row?.ToEntry();
        },
        ct);

    /// <summary>Withdraws an operation that has not been delivered, or whose package is held because the device brings no answer that could be believed.</summary>
    public async Task<CancelResult> CancelAsync(long organisationId, long euiccId, Guid id, CancellationToken ct = default)
    {
        CancelRow? canceled = null;
        var result = await CancelAsync(organisationId, euiccId, id, row => canceled = row, ct).ConfigureAwait(false);
        if (canceled is not null)
        {
            telemetry?.Ended(OperationTags.Of(canceled.Action), OperationTags.Of(OperationStatus.Canceled), canceled.Created, canceled.Delivered, time.NowMilliseconds());
        }

        return result;
    }

    private Task<CancelResult> CancelAsync(
        long organisationId, long euiccId, Guid id, Action<CancelRow> canceled, CancellationToken ct) => database.WriteAsync(
        async session =>
        {
            var euicc = await ids.FindAsync(session, euiccId).ConfigureAwait(false) is { } eid
                ? await LockEuiccAsync(session, eid, organisationId, euiccId).ConfigureAwait(false)
                : null;
            var key = new { Eid = euicc?.Eid, Id = id.ToByteArray(bigEndian: true) };
            var row = euicc is null
                ? null
                : await session.QueryFirstOrDefaultAsync<CancelRow>(
                    "SELECT action, status, created, delivered FROM operation WHERE eid = @Eid AND id = @Id", key).ConfigureAwait(false);
            switch (row)
            {
                case null:
                    return new CancelResult(CancelOutcome.NotFound, default);
                case { Status: not OperationStatus.Scheduled }:
                    return new CancelResult(CancelOutcome.Final, row.Status);
                case { Delivered: not null }:
                    if (!await DeliveredOperation.MayBeCanceledAsync(session, key.Eid!, key.Id).ConfigureAwait(false))
                    {
                        return new CancelResult(CancelOutcome.Delivered, row.Status);
                    }

                    await DeliveredOperation.CancelAsync(session, Eid.FromBytes(key.Eid!), key.Id, time.NowMilliseconds()).ConfigureAwait(false);
                    canceled(row);
                    return new CancelResult(CancelOutcome.Canceled, OperationStatus.Canceled);
                default:
                    await CancelAsync(session, euicc!, key.Id).ConfigureAwait(false);
                    canceled(row);
                    return new CancelResult(CancelOutcome.Canceled, OperationStatus.Canceled);
            }
        },
        ct);

    private async ValueTask<EuiccKey?> FindEuiccAsync(DbSession session, long organisationId, long euiccId) =>
        await ids.FindAsync(session, euiccId).ConfigureAwait(false) is { } eid
            ? await session.QueryFirstOrDefaultAsync<EuiccKey>(FindEuicc, KeyOf(eid, organisationId, euiccId)).ConfigureAwait(false)
            : null;

    private static ValueTask<EuiccKey?> LockEuiccAsync(DbSession session, Eid eid, long organisationId, long euiccId) =>
        session.QueryFirstOrDefaultAsync<EuiccKey>(LockEuicc, KeyOf(eid, organisationId, euiccId));

    private static object KeyOf(Eid eid, long organisationId, long euiccId) =>
        new { Eid = eid.ToBytes(), euiccId, organisationId, type = Descriptions.IotProfileType };

    private async ValueTask<IReadOnlyList<OperationBookEntry>> InsertAsync(
        DbSession session, EuiccKey euicc, long organisationId, OperationCreator creator, IReadOnlyList<NewOperation> operations)
    {
        var now = time.NowMilliseconds();
        var rows = operations.Select((operation, index) =>
        {
            var revision = euicc.Revision + index + 1;
            var id = OperationIds.Create(now, revision);
            return new NewOperationRow(euicc.Eid, euicc.Slice, id, operation, organisationId, creator, revision, secrets, now);
        }).ToList();
        await session.InsertAsync(NewOperationRow.Insert, rows).ConfigureAwait(false);
        return [.. rows.Select(row => new OperationBookEntry
        {
            Id = row.Id,
            Action = row.Operation.Action,
            Status = OperationStatus.Scheduled,
            Created = now.ToTime(),
            Updated = now.ToTime(),
            Expiry = row.Expiry.ToTime(),
            Iccid = row.Operation.Iccid,
            Creator = creator,
        })];
    }

    private async ValueTask<bool> HasManyAsync(DbSession session, long organisationId, long euiccId) =>
        await FindEuiccAsync(session, organisationId, euiccId).ConfigureAwait(false) is { } euicc
        && await session.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM (SELECT 1 FROM operation WHERE eid = @Eid LIMIT @limit) AS bounded",
            new { euicc.Eid, limit = ManyOperations }).ConfigureAwait(false) == ManyOperations;

    private static async ValueTask<Page<OperationBookEntry>> ListAsync(
        DbSession session, EuiccKey euicc, string? condition, string order, SqlValues values, PageRequest page)
    {
        values.Parameters.Add("eid", euicc.Eid);
        var where = condition is null ? "" : " AND " + condition;
        var total = await session.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM (SELECT 1 FROM operation o WHERE o.eid = @eid{where} LIMIT {Page<OperationBookEntry>.CountBound}) AS bounded",
            values.Parameters).ConfigureAwait(false);
        var shown = page.Within(total);
        values.Parameters.Add("take", shown.Size);
        values.Parameters.Add("skip", shown.Skip);
        var rows = await session.QueryAsync<OperationBookRow>(
            $"{OperationBookRow.Select} WHERE o.eid = @eid{where} ORDER BY {order} LIMIT @take OFFSET @skip", values.Parameters).ConfigureAwait(false);
        return new Page<OperationBookEntry>([.. rows.Select(row => row.ToEntry())], shown, total);
    }

    private async ValueTask CancelAsync(DbSession session, EuiccKey euicc, byte[] id)
    {
        var parameters = new { euicc.Eid, Id = id, Revision = euicc.Revision + 1, Now = time.NowMilliseconds() };
        await session.SendAsync(
            "UPDATE operation SET status = 5, updated = @Now, finalized = @Now, finalized_revision = @Revision WHERE eid = @Eid AND id = @Id",
            parameters).ConfigureAwait(false);
        await session.SendAsync(
            "UPDATE euicc SET pending_count = pending_count - 1, revision = @Revision WHERE eid = @Eid", parameters).ConfigureAwait(false);
    }

    private sealed class EuiccKey
    {
        public required byte[] Eid { get; init; }

        public long Slice { get; init; }

        public long Revision { get; init; }
    }

    private sealed class CancelRow
    {
        public OperationAction Action { get; init; }

        public OperationStatus Status { get; init; }

        public long Created { get; init; }

        public long? Delivered { get; init; }
    }
}
