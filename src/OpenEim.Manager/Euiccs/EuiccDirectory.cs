using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>The eUICCs of each organisation: listed, found, registered.</summary>
/// <param name="database">Holds them.</param>
/// <param name="time">Dates registrations.</param>
/// <param name="eimId">What the one eIM is called, for filters on it.</param>
/// <param name="unwrittenPoll">The time of a poll, Unix milliseconds, that waits to be written.</param>
/// <param name="turns">Bounds how many long lists are read at the same time; null for no bounds.</param>
public sealed class EuiccDirectory(Database database, TimeProvider time, string eimId, Func<Eid, long?> unwrittenPoll, ListTurns? turns = null)
{
    /// <summary>The number of the one eIM of this installation.</summary>
    public const int EimNumber = 1;

    private const int LookupBatch = 500;

    private readonly ListReads _lists = new(database, turns);

    private readonly QueryFields _fields = new(
        QueryField.Number("id", "e.id"),
        QueryField.Hex("eid", "e.eid", Eid.ByteLength) with { IsUnique = true },
        QueryField.SortOnly("modified", "e.modified"),
        QueryField.Choice("supported_profile_type", "e.supported_profile_type", Descriptions.SupportedProfileType) with { IsCounted = true },
        QueryField.Constant("status", Descriptions.ActiveEuicc, Descriptions.EuiccStatus[Descriptions.ActiveEuicc]) with { IsCounted = true },
        QueryField.Constant("eim", EimNumber, eimId) with { IsCounted = true });

    /// <summary>A page of the organisation's eUICCs.</summary>
    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/>, or a hint of the page, cannot be followed.</exception>
    /// <exception cref="ListsBusyException">The caller reads as many long lists at the same time as he may.</exception>
    public ValueTask<Page<EuiccDirectoryEntry>> ListAsync(ListCaller caller, string? q, string? sort, PageRequest page, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(page);
        var list = new EuiccList(_fields, caller.OrganisationId, q, sort, page);
        return _lists.ReadAsync(
            caller,
            list.MayTakeLong,
            async session =>
            {
                var found = await list.ReadAsync(session).ConfigureAwait(false);
                return found.With(await WithProfilesAsync(session, found.Items).ConfigureAwait(false));
            },
            ct);
    }

    /// <summary>One of the organisation's eUICCs, or null.</summary>
    public ValueTask<EuiccDirectoryEntry?> FindAsync(long organisationId, long id, CancellationToken ct = default) => database.ReadAsync(
        async session =>
        {
            var rows = await session.QueryAsync<EuiccDirectoryRow>(
                EuiccDirectoryRow.Select + " WHERE e.id = @id AND e.organisation_id = @organisationId",
                new { id, organisationId }).ConfigureAwait(false);
            return rows.Count == 0 ? null : (await WithProfilesAsync(session, rows).ConfigureAwait(false))[0];
        },
        ct);

    /// <summary>Those of the organisation's eUICCs that have a profile: reserved for them on an SM-DP+, on the way, or on the card.</summary>
    public ValueTask<IReadOnlySet<Eid>> FindLinkedAsync(long organisationId, IReadOnlyCollection<Eid> eids, CancellationToken ct = default) =>
        database.ReadAsync<IReadOnlySet<Eid>>(
            async session =>
            {
                var linked = new HashSet<Eid>();
                foreach (var batch in eids.Chunk(LookupBatch))
                {
                    var found = await session.QueryAsync<byte[]>(
                        $"""
                        SELECT DISTINCT p.eid FROM profile p JOIN euicc e ON e.eid = p.eid
                        WHERE {session.IsOneOf("p.eid", "eids")} AND e.organisation_id = @organisationId AND p.status BETWEEN @first AND @last
                        """,
                        new
                        {
                            eids = batch.Select(eid => eid.ToBytes()).ToList(),
                            organisationId,
                            first = (int)ProfileStatus.Linked,
                            last = (int)ProfileStatus.Enabled,
                        }).ConfigureAwait(false);
                    linked.UnionWith(found.Select(eid => Eid.FromBytes(eid)));
                }

                return linked;
            },
            ct);

    /// <summary>Registers all or none, in one transaction.</summary>
    /// <param name="organisationId">Whose they are.</param>
    /// <param name="registrations">No EID twice.</param>
    /// <param name="alsoWrite">Runs in the same transaction.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    /// <exception cref="EuiccRegisteredException">Some are registered already.</exception>
    public Task<IReadOnlyList<EuiccDirectoryEntry>> RegisterAsync(
        long organisationId,
        IReadOnlyList<EuiccRegistration> registrations,
        Func<DbSession, IReadOnlyList<EuiccDirectoryEntry>, ValueTask>? alsoWrite = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(registrations);
        var writer = new EuiccRegistrar(organisationId, registrations, time.NowMilliseconds());
        return database.WriteAsync(
            async session =>
            {
                var entries = await writer.WriteAsync(session).ConfigureAwait(false);
                if (alsoWrite is not null)
                {
                    await alsoWrite(session, entries).ConfigureAwait(false);
                }

                return entries;
            },
            ct);
    }

    private async ValueTask<IReadOnlyList<EuiccDirectoryEntry>> WithProfilesAsync(DbSession session, IReadOnlyList<EuiccDirectoryRow> rows)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var profiles = (await session.QueryAsync<EuiccProfileRow>(
            $"{EuiccProfileRow.Select} WHERE {session.IsOneOf("eid", "eids")} ORDER BY eid, iccid",
            new { eids = rows.Select(row => row.Eid).ToList() }).ConfigureAwait(false))
            .ToLookup(profile => Eid.FromBytes(profile.Eid), profile => profile.ToProfile());
        return [.. rows.Select(row =>
        {
            var eid = Eid.FromBytes(row.Eid);
            return row.ToEntry(eid, unwrittenPoll(eid), [.. profiles[eid]]);
        })];
    }
}
