using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>Writes one batch of registrations.</summary>
internal sealed class EuiccRegistrar(long organisationId, IReadOnlyList<EuiccRegistration> registrations, long now)
{
    private const int LookupBatch = 500;

    private const string InsertEuicc = """
        INSERT INTO euicc (eid, id, organisation_id, name, customer_org_id, customer_org_name, supported_profile_type, status, created,
                           modified, pending_count, tasks, counter, revision, operation_count, association_token, public_key, signature_rule)
        VALUES (@Eid, @Id, @OrganisationId, @Name, @CustomerOrgId, @CustomerOrgName, @SupportedProfileType, 1, @Now,
                @Now, @PendingCount, @Tasks, 0, 0, 0, @AssociationToken, @PublicKey, 0)
        """;

    private const string InsertData = """
        INSERT INTO euicc_data (eid, euicc_certificate, eum_certificate, updated) VALUES (@Eid, @Euicc, @Eum, @Now)
        """;

    private const string Count = """
        INSERT INTO euicc_count (organisation_id, euiccs) VALUES (@organisationId, @count)
        ON CONFLICT (organisation_id) DO UPDATE SET euiccs = euicc_count.euiccs + excluded.euiccs
        """;

    /// <summary>Writes all of them.</summary>
    /// <exception cref="EuiccRegisteredException">Some are registered already.</exception>
    public async ValueTask<IReadOnlyList<EuiccDirectoryEntry>> WriteAsync(DbSession session)
    {
        await RefuseRegisteredAsync(session).ConfigureAwait(false);
        var count = registrations.Count;
        var last = await session.ExecuteScalarAsync<long>(
            "UPDATE sequence SET last = last + @count WHERE name = 'euicc' RETURNING last", new { count }).ConfigureAwait(false);
        var firstId = last - count + 1;
        await session.ExecuteAsync(InsertEuicc, registrations.Select((registration, index) => Parameters(registration, firstId + index))).ConfigureAwait(false);
        await session.ExecuteAsync(
            InsertData,
            registrations.Where(registration => registration.Certificates is not null)
                .Select(registration => new { Eid = registration.Eid.ToBytes(), registration.Certificates!.Euicc, registration.Certificates.Eum, Now = now })).ConfigureAwait(false);
        await session.ExecuteAsync(Count, new { organisationId, count }).ConfigureAwait(false);
        return [.. registrations.Select((registration, index) => Entry(registration, firstId + index))];
    }

    private async ValueTask RefuseRegisteredAsync(DbSession session)
    {
        var registered = new HashSet<Eid>();
        foreach (var batch in registrations.Chunk(LookupBatch))
        {
            var found = await session.QueryAsync<byte[]>(
                "SELECT eid FROM euicc WHERE eid IN @eids", new { eids = batch.Select(registration => registration.Eid.ToBytes()).ToList() }).ConfigureAwait(false);
            registered.UnionWith(found.Select(eid => Eid.FromBytes(eid)));
        }

        if (registered.Count > 0)
        {
            throw new EuiccRegisteredException([.. registrations.Index().Where(item => registered.Contains(item.Item.Eid)).Select(item => item.Index)]);
        }
    }

    private object Parameters(EuiccRegistration registration, long id)
    {
        var tasks = TasksOf(registration);
        return new
        {
            Eid = registration.Eid.ToBytes(),
            Id = id,
            OrganisationId = organisationId,
            registration.Name,
            CustomerOrgId = registration.CustomerOrganisation?.Id,
            CustomerOrgName = registration.CustomerOrganisation?.Name,
            registration.SupportedProfileType,
            Now = now,
            PendingCount = tasks == EuiccTasks.None ? 0 : 1,
            Tasks = (int)tasks,
            registration.AssociationToken,
            PublicKey = registration.Certificates?.PublicKey.ToArray(),
        };
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
        Status = 1,
    };
}
