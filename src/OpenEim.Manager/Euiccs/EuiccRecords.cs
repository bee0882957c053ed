using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>Changes and removes registered eUICCs, each in one transaction.</summary>
public sealed class EuiccRecords(Database database, EuiccIds ids, TimeProvider time)
{
    // Every table with a row for each EID; the eUICC's own comes last.
    private static readonly string[] Tables = ["operation", "exchange", "profile", "notification", "relay", "contact", "unreadable", "euicc_data", "euicc"];

    private static readonly LockingQuery Find = new("""
        SELECT eid, name, customer_org_id, customer_org_name, supported_profile_type, pending_count, tasks, in_flight, public_key,
               association_token, token_given, token_claimed, signature_rule, counter
        FROM euicc WHERE eid = @Eid AND id = @id AND organisation_id = @organisationId
        """);

    // A package that was signed with another token is made anew, with the next counter; its result is still known when it comes.
    private const string DropPackage = """
        UPDATE euicc SET in_flight = NULL
        WHERE eid = @Eid AND in_flight IN (SELECT transaction_id FROM exchange WHERE eid = @Eid AND kind = 81 AND answered IS NULL)
        """;

    /// <summary>Changes what its owner says of it. The kind of eUICC changes only while no operation is scheduled.</summary>
    public Task<EuiccChangeOutcome> ChangeAsync(long organisationId, long id, EuiccChange change, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        return database.WriteAsync(
            async session =>
            {
                if (await FindAsync(session, organisationId, id).ConfigureAwait(false) is not { } row)
                {
                    return EuiccChangeOutcome.NotFound;
                }

                if (change.SupportedProfileType is { } type && type != row.SupportedProfileType)
                {
                    if (row.Operations > 0)
                    {
                        return EuiccChangeOutcome.HasOperations;
                    }

                    row = row.AsType(type);
                }

                var isOtherToken = change.ChangesAssociationToken && change.AssociationToken != row.AssociationToken;
                await UpdateAsync(session, change.ChangesAssociationToken ? row.WithToken(change.AssociationToken) : row, change).ConfigureAwait(false);
                if (isOtherToken)
                {
                    await session.ExecuteAsync(DropPackage, new { row.Eid }).ConfigureAwait(false);
                }

                return EuiccChangeOutcome.Done;
            },
            ct);
    }

    /// <summary>Removes it with all that is kept about it, unless operations are scheduled on it. What its card remembers of us is kept.</summary>
    public Task<EuiccChangeOutcome> RemoveAsync(long organisationId, long id, CancellationToken ct = default) => database.WriteAsync(
        async session =>
        {
            var row = await FindAsync(session, organisationId, id).ConfigureAwait(false);
            if (row is null or { Operations: > 0 })
            {
                return row is null ? EuiccChangeOutcome.NotFound : EuiccChangeOutcome.HasOperations;
            }

            await PastEuiccs.KeepAsync(session, row.Eid, row.Counter, (long)row.SignatureRule, time.NowMilliseconds()).ConfigureAwait(false);
            foreach (var table in Tables)
            {
                await session.ExecuteAsync($"DELETE FROM {table} WHERE eid = @Eid", new { row.Eid }).ConfigureAwait(false);
            }

            await session.ExecuteAsync(
                "UPDATE euicc_count SET euiccs = euiccs - 1 WHERE organisation_id = @organisationId", new { organisationId }).ConfigureAwait(false);
            return EuiccChangeOutcome.Done;
        },
        ct);

    private async ValueTask<Row?> FindAsync(DbSession session, long organisationId, long id) =>
        await ids.FindAsync(session, id).ConfigureAwait(false) is { } eid
            ? await session.QueryFirstOrDefaultAsync<Row>(Find, new { Eid = eid.ToBytes(), id, organisationId }).ConfigureAwait(false)
            : null;

    private async ValueTask UpdateAsync(DbSession session, Row row, EuiccChange change) => await session.ExecuteAsync(
        """
        UPDATE euicc SET name = @Name, customer_org_id = @CustomerOrgId, customer_org_name = @CustomerOrgName,
               supported_profile_type = @SupportedProfileType, pending_count = @PendingCount, tasks = @Tasks, in_flight = @InFlight,
               association_token = @AssociationToken, token_given = @TokenGiven, token_claimed = @TokenClaimed, signature_rule = @SignatureRule,
               modified = @Now
        WHERE eid = @Eid
        """,
        new
        {
            row.Eid,
            Name = change.ChangesName ? change.Name : row.Name,
            CustomerOrgId = change.ChangesCustomerOrganisation ? change.CustomerOrganisation?.Id : row.CustomerOrgId,
            CustomerOrgName = change.ChangesCustomerOrganisation ? change.CustomerOrganisation?.Name : row.CustomerOrgName,
            row.SupportedProfileType,
            row.PendingCount,
            row.Tasks,
            row.InFlight,
            row.AssociationToken,
            row.TokenGiven,
            row.TokenClaimed,
            SignatureRule = (int)row.SignatureRule,
            Now = time.NowMilliseconds(),
        }).ConfigureAwait(false);

    private sealed record Row
    {
        public required byte[] Eid { get; init; }

        public string? Name { get; init; }

        public long? CustomerOrgId { get; init; }

        public string? CustomerOrgName { get; init; }

        public int SupportedProfileType { get; init; }

        public long PendingCount { get; init; }

        public int Tasks { get; init; }

        public byte[]? InFlight { get; init; }

        public byte[]? PublicKey { get; init; }

        public long? AssociationToken { get; init; }

        public int TokenGiven { get; init; }

        public long? TokenClaimed { get; init; }

        public SignatureRule SignatureRule { get; init; }

        public long Counter { get; init; }

        /// <summary>How many operations are scheduled.</summary>
        public long Operations => PendingCount - (Tasks == 0 ? 0 : 1);

        /// <summary>The operator's token is used at once; the one before is remembered, in case a signature proves it after all.</summary>
        public Row WithToken(long? token) => this with
        {
            AssociationToken = token,
            TokenGiven = token is null ? 0 : 1,
            TokenClaimed = token == AssociationToken ? TokenClaimed : AssociationToken ?? 0,
            SignatureRule = SignatureRule == SignatureRule.AssociationToken && token != AssociationToken ? SignatureRule.Unknown : SignatureRule,
        };

        /// <summary>An IoT eUICC is asked who it is and what is on it; of another kind nothing is wanted.</summary>
        public Row AsType(int type)
        {
            var tasks = type != Descriptions.IotProfileType ? EuiccTasks.None
                : PublicKey is null ? EuiccTasks.Identify | EuiccTasks.Synchronise
                : EuiccTasks.Synchronise;
            return this with
            {
                SupportedProfileType = type,
                Tasks = (int)tasks,
                PendingCount = tasks == EuiccTasks.None ? 0 : 1,
                InFlight = tasks == EuiccTasks.None ? null : InFlight,
            };
        }
    }
}
