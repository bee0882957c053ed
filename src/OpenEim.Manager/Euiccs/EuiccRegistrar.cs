using OpenEim.Manager.Nodes;
using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>Writes one batch of registrations.</summary>
internal sealed class EuiccRegistrar(long organisationId, IReadOnlyList<EuiccRegistration> registrations, long now)
{
    private const int LookupBatch = 500;

    // Read where there are no blocks to count from, and by servers of the version before those.
    private const string Count = """
        INSERT INTO euicc_count (organisation_id, euiccs) VALUES (@organisationId, @count)
        ON CONFLICT (organisation_id) DO UPDATE SET euiccs = euicc_count.euiccs + excluded.euiccs
        """;

    private static readonly BulkInsert<Row> InsertEuiccs = new("euicc", new BulkColumns<Row>()
        .Bytes("eid", row => row.Eid)
        .Whole("id", row => row.Id)
        .Whole("organisation_id", row => row.OrganisationId)
        .Whole("slice", row => Slices.Of(row.Registration.Eid))
        .Text("name", row => row.Registration.Name)
        .Whole("customer_org_id", row => row.Registration.CustomerOrganisation?.Id)
        .Text("customer_org_name", row => row.Registration.CustomerOrganisation?.Name)
        .Whole("supported_profile_type", row => row.Registration.SupportedProfileType)
        .Whole("status", _ => Descriptions.ActiveEuicc)
        .Whole("created", row => row.Now)
        .Whole("modified", row => row.Now)
        .Whole("pending_count", row => row.Tasks == EuiccTasks.None ? 0 : 1)
        .Whole("tasks", row => (long)row.Tasks)
        .Whole("counter", row => row.Past?.Counter ?? 0)
        .Whole("revision", _ => 0)
        .Whole("association_token", row => row.Registration.AssociationToken)
        .Whole("token_given", row => row.Registration.AssociationToken is null ? 0 : 1)
        .Bytes("public_key", row => row.Registration.Certificates?.PublicKey.ToArray())
        .Whole("signature_rule", row => row.Past?.SignatureRule ?? 0));

    private static readonly BulkInsert<Row> InsertData = new("euicc_data", new BulkColumns<Row>()
        .Bytes("eid", row => row.Eid)
        .Bytes("euicc_certificate", row => row.Registration.Certificates!.Euicc.ToArray())
        .Bytes("eum_certificate", row => row.Registration.Certificates!.Eum.ToArray())
        .Whole("updated", row => row.Now));

    /// <summary>Writes all of them.</summary>
    /// <exception cref="EuiccRegisteredException">Some are registered already.</exception>
    public async ValueTask<IReadOnlyList<EuiccDirectoryEntry>> WriteAsync(DbSession session)
    {
        await RefuseRegisteredAsync(session).ConfigureAwait(false);
        var count = registrations.Count;
        var last = await session.ExecuteScalarAsync<long>(
            "UPDATE sequence SET last = last + @count WHERE name = 'euicc' RETURNING last", new { count }).ConfigureAwait(false);
        var firstId = last - count + 1;
        var past = await PastEuiccs.FindAsync(session, registrations.Select(registration => registration.Eid), LookupBatch).ConfigureAwait(false);
        var rows = registrations.Select((registration, index) =>
            new Row(registration, firstId + index, organisationId, now, past.GetValueOrDefault(registration.Eid))).ToList();
        await session.InsertAsync(InsertEuiccs, rows).ConfigureAwait(false);
        await EuiccBlocks.AddAsync(session, organisationId, rows.Select(row => (row.Id, row.Registration.SupportedProfileType))).ConfigureAwait(false);
        await session.InsertAsync(InsertData, rows.Where(row => row.Registration.Certificates is not null)).ConfigureAwait(false);
        await session.ExecuteAsync(Count, new { organisationId, count }).ConfigureAwait(false);
        return [.. registrations.Select((registration, index) => Entry(registration, firstId + index))];
    }

    private async ValueTask RefuseRegisteredAsync(DbSession session)
    {
        var registered = new HashSet<Eid>();
        foreach (var batch in registrations.Chunk(LookupBatch))
        {
            var found = await session.QueryAsync<byte[]>(
                $"SELECT eid FROM euicc WHERE {session.IsOneOf("eid", "eids")}", new { eids = batch.Select(registration => registration.Eid.ToBytes()).ToList() }).ConfigureAwait(false);
            registered.UnionWith(found.Select(eid => Eid.FromBytes(eid)));
        }

        if (registered.Count > 0)
        {
            throw new EuiccRegisteredException([.. registrations.Index().Where(item => registered.Contains(item.Item.Eid)).Select(item => item.Index)]);
        }
    }

    /// <summary>An IoT eUICC is asked for its profiles, and for its certificates and association token unless both came with the registration.</summary>
    private static EuiccTasks TasksOf(EuiccRegistration registration) => registration switch
    {
        { SupportedProfileType: not Descriptions.IotProfileType } => EuiccTasks.None,
        { Certificates: not null, AssociationToken: not null } => EuiccTasks.Synchronise,
        _ => EuiccTasks.Identify | EuiccTasks.Synchronise,
    };

    private EuiccDirectoryEntry Entry(EuiccRegistration registration, long id) => new()
    {
        Id = id,
        Eid = registration.Eid,
        Created = now.ToTime(),
        Profiles = [],
        Name = registration.Name,
        CustomerOrganisation = registration.CustomerOrganisation,
        SupportedProfileType = registration.SupportedProfileType,
        Status = Descriptions.ActiveEuicc,
    };

    private sealed record Row(EuiccRegistration Registration, long Id, long OrganisationId, long Now, PastEuicc? Past)
    {
        public byte[] Eid { get; } = Registration.Eid.ToBytes();

        public EuiccTasks Tasks { get; } = TasksOf(Registration);
    }
}
