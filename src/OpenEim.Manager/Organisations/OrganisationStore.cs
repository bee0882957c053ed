using OpenEim.Storage;

namespace OpenEim.Manager.Organisations;

/// <summary>Organisations and their members.</summary>
public sealed class OrganisationStore(Database database, ApplicationTokens tokens, TimeProvider time)
{
    // Any row that is always there: nodes that start together take turns.
    private static readonly LockingQuery Turn = new("SELECT last FROM sequence WHERE name = 'euicc'");

    /// <summary>
    /// The first start: makes an organisation, its administrator, and an application token for it, in one transaction.
    /// Later starts, and other nodes, do nothing.
    /// </summary>
    /// <param name="organisation">The organisation's name.</param>
    /// <param name="administrator">The administrator's name.</param>
    /// <param name="handOver">
    /// Puts the token where the operator finds it, readable by its owner alone. Runs before the commit, because the
    /// token is never known again: a crash between the two leaves a token that does not work, and the next start
    /// replaces it. When it throws, nothing was made.
    /// </param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The token, or null when there was an organisation already.</returns>
    public Task<string?> EnsureFirstAsync(string organisation, string administrator, Action<string> handOver, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(handOver);
        return database.WriteAsync(
            async session =>
            {
                await session.QueryFirstOrDefaultAsync<long>(Turn).ConfigureAwait(false);
                if (await session.ExecuteScalarAsync<long>("SELECT count(*) FROM (SELECT 1 FROM organisation LIMIT 1) AS any_organisation").ConfigureAwait(false) > 0)
                {
                    return null;
                }

                var tenant = await InsertAsync(session, organisation).ConfigureAwait(false);
                var member = await InsertAsync(session, tenant.Id, administrator, Role.Administrator).ConfigureAwait(false);
                var issued = await tokens.InsertAsync(session, member, new NewApplicationToken { Description = "First start" }).ConfigureAwait(false);
                handOver(issued.Token);
                return (string?)issued.Token;
            },
            ct);
    }

    /// <summary>Makes an organisation, without members.</summary>
    public Task<Organisation> CreateAsync(string name, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return database.WriteAsync(session => InsertAsync(session, name), ct);
    }

    /// <summary>Adds a member.</summary>
    /// <exception cref="KeyNotFoundException">There is no such organisation.</exception>
    public Task<Member> AddMemberAsync(long organisationId, string name, Role role, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return database.WriteAsync(
            async session => await FindAsync(session, organisationId).ConfigureAwait(false) is null
                ? throw new KeyNotFoundException($"There is no organisation {organisationId}.")
                : await InsertAsync(session, organisationId, name, role).ConfigureAwait(false),
            ct);
    }

    /// <summary>The organisation, or null.</summary>
    public ValueTask<Organisation?> FindAsync(long organisationId, CancellationToken ct = default) =>
        database.ReadAsync(session => FindAsync(session, organisationId), ct);

    private static ValueTask<Organisation?> FindAsync(DbSession session, long organisationId) =>
        session.QueryFirstOrDefaultAsync<Organisation>("SELECT id, name FROM organisation WHERE id = @organisationId", new { organisationId });

    private async ValueTask<Organisation> InsertAsync(DbSession session, string name)
    {
        var id = await session.ExecuteScalarAsync<long>(
            "INSERT INTO organisation (name, created) VALUES (@name, @now) RETURNING id",
            new { name, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false);
        return new Organisation(id, name);
    }

    private async ValueTask<Member> InsertAsync(DbSession session, long organisationId, string name, Role role)
    {
        var id = await session.ExecuteScalarAsync<long>(
            "INSERT INTO member (organisation_id, name, role, created) VALUES (@organisationId, @name, @role, @now) RETURNING id",
            new { organisationId, name, role = (int)role, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false);
        return new Member(id, organisationId, name, role);
    }
}
