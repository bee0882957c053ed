using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using OpenEim.Manager.Queries;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Manager.Organisations;

/// <summary>Application tokens: 256 random bits, of which the database knows only a keyed hash.</summary>
public sealed class ApplicationTokens
{
    /// <summary>How long a revocation on another node may stay unnoticed here.</summary>
    public static readonly TimeSpan ActiveCacheTime = TimeSpan.FromSeconds(30);

    private const string Prefix = "eim_"; // lets secret scanners, and people, recognise a token
    private const int MaxTokenLength = 128;
    private const int MaxCached = 10_000;

    private static readonly QueryFields Fields = new(
        QueryField.Number("id", "t.id"),
        QueryField.Choice("status", "t.status", Descriptions.ApplicationTokenStatus),
        QueryField.SortOnly("created", "t.created"),
        QueryField.SortOnly("expiry_date", "t.expiry_date"));

    private readonly Database _database;
    private readonly byte[] _pepper;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(long Organisation, long Token), (KnownToken? Token, long ReadAt)> _known = new();

    private ApplicationTokens(Database database, byte[] pepper, TimeProvider time)
    {
        _database = database;
        _pepper = pepper;
        _time = time;
    }

    /// <summary>Gets the pepper from the secrets.</summary>
    public static async Task<ApplicationTokens> OpenAsync(Database database, SecretStore secrets, TimeProvider time, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return new ApplicationTokens(database, await secrets.GetOrCreateAsync("token pepper", 32, ct).ConfigureAwait(false), time);
    }

    /// <summary>Makes a token that acts as this member.</summary>
    /// <param name="organisationId">Whose it is.</param>
    /// <param name="memberId">Who makes it.</param>
    /// <param name="request">What was chosen.</param>
    /// <param name="alsoWrite">Runs in the same transaction.</param>
    /// <param name="ct">Ends the wait for the turn.</param>
    /// <exception cref="KeyNotFoundException">The organisation has no such member.</exception>
    public Task<IssuedToken> CreateAsync(
        long organisationId,
        long memberId,
        NewApplicationToken request,
        Func<DbSession, IssuedToken, ValueTask>? alsoWrite = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _database.WriteAsync(
            async session =>
            {
                var row = await session.QueryFirstOrDefaultAsync<MemberRow>(
                    "SELECT name, role FROM member WHERE organisation_id = @organisationId AND id = @memberId",
                    new { organisationId, memberId }).ConfigureAwait(false)
                    ?? throw new KeyNotFoundException($"Organisation {organisationId} has no member {memberId}.");
                var issued = await InsertAsync(session, new Member(memberId, organisationId, row.Name, row.Role), request).ConfigureAwait(false);
                if (alsoWrite is not null)
                {
                    await alsoWrite(session, issued).ConfigureAwait(false);
                }

                return issued;
            },
            ct);
    }

    /// <summary>A page of the organisation's tokens.</summary>
    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/> cannot be followed.</exception>
    public ValueTask<Page<ApplicationToken>> ListAsync(long organisationId, string? q, string? sort, PageRequest page, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(page);
        var values = new SqlValues();
        var condition = Fields.Condition(q, values) is { } criteria ? " AND " + criteria : "";
        var order = Fields.Order(sort).Sql;
        values.Parameters.Add("organisationId", organisationId);
        return _database.ReadAsync(
            async session =>
            {
                var total = await session.ExecuteScalarAsync<long>(
                    $"SELECT count(*) FROM application_token t WHERE t.organisation_id = @organisationId{condition}", values.Parameters).ConfigureAwait(false);
                var shown = page.Within(total);
                values.Parameters.Add("take", shown.Size);
                values.Parameters.Add("skip", shown.Skip);
                var rows = await session.QueryAsync<ListRow>(
                    $"""
                    SELECT t.id, t.description, t.created, t.status, t.expiry_date, t.ip, t.member_id, m.name AS member_name
                    FROM application_token t JOIN member m ON m.organisation_id = t.organisation_id AND m.id = t.member_id
                    WHERE t.organisation_id = @organisationId{condition} ORDER BY {order} LIMIT @take OFFSET @skip
                    """,
                    values.Parameters).ConfigureAwait(false);
                return new Page<ApplicationToken>([.. rows.Select(row => row.ToToken())], shown, total);
            },
            ct);
    }

    /// <summary>Revokes, for good. Logins end now; what was issued to earlier logins ends within <see cref="ActiveCacheTime"/>.</summary>
    /// <returns>False when the organisation has no such token.</returns>
    public async Task<bool> RevokeAsync(long organisationId, long tokenId, CancellationToken ct = default)
    {
        var found = await _database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE application_token SET status = 1 WHERE organisation_id = @organisationId AND id = @tokenId",
                new { organisationId, tokenId }),
            ct).ConfigureAwait(false) > 0;
        _known.TryRemove((organisationId, tokenId), out _);
        return found;
    }

    /// <summary>Whom the token stands for, if it may be used from this address now.</summary>
    /// <remarks>Found by a keyed hash, whose timing tells a guesser nothing about stored tokens.</remarks>
    public async ValueTask<LoginResult> LoginAsync(string token, IPAddress? remoteAddress, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        var hash = Hash(token.Length <= MaxTokenLength ? token : "");
        var row = await _database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<LoginRow>(
                """
                SELECT t.id, t.status, t.expiry_date, t.ip, o.id AS organisation_id, o.name AS organisation_name,
                       m.id AS member_id, m.name AS member_name, m.role
                FROM application_token t
                JOIN organisation o ON o.id = t.organisation_id
                JOIN member m ON m.organisation_id = t.organisation_id AND m.id = t.member_id
                WHERE t.hash = @hash
                """,
                new { hash }),
            ct).ConfigureAwait(false);
        var outcome = Judge(row?.ToToken(), remoteAddress);
        return new LoginResult(outcome, outcome == LoginOutcome.Succeeded ? row!.ToPrincipal() : null);
    }

    /// <summary>Whether what was issued to this token's logins is still good at this address, and what its member may do now; asked on every request, so cached.</summary>
    public async ValueTask<TokenUse> UseAsync(long organisationId, long tokenId, IPAddress? remoteAddress, CancellationToken ct = default)
    {
        if (!_known.TryGetValue((organisationId, tokenId), out var known) || _time.GetElapsedTime(known.ReadAt) >= ActiveCacheTime)
        {
            var readAt = _time.GetTimestamp();
            var row = await _database.ReadAsync(
                session => session.QueryFirstOrDefaultAsync<KnownRow>(
                    """
                    SELECT t.status, t.expiry_date, t.ip, m.role
                    FROM application_token t JOIN member m ON m.organisation_id = t.organisation_id AND m.id = t.member_id
                    WHERE t.organisation_id = @organisationId AND t.id = @tokenId
                    """,
                    new { organisationId, tokenId }),
                ct).ConfigureAwait(false);
            if (_known.Count >= MaxCached)
            {
                _known.Clear();
            }

            _known[(organisationId, tokenId)] = known = (row?.ToToken(), readAt);
        }

        return new TokenUse(Judge(known.Token, remoteAddress), known.Token?.Role ?? default);
    }

    internal async ValueTask<IssuedToken> InsertAsync(DbSession session, Member member, NewApplicationToken request)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var id = await session.ExecuteScalarAsync<long>(
            """
            INSERT INTO application_token (organisation_id, member_id, hash, description, created, expiry_date, ip, status)
            VALUES (@organisationId, @memberId, @hash, @description, @created, @expiryDate, @ip, 0) RETURNING id
            """,
            new
            {
                organisationId = member.OrganisationId,
                memberId = member.Id,
                hash = Hash(token),
                description = request.Description,
                created = _time.GetUtcNow().ToUnixTimeMilliseconds(),
                expiryDate = request.ExpiryDate?.ToUnixTimeMilliseconds(),
                ip = request.Ip?.ToString(),
            }).ConfigureAwait(false);
        return new IssuedToken(id, token);
    }

    private byte[] Hash(string token) => HMACSHA256.HashData(_pepper, Encoding.UTF8.GetBytes(token));

    private LoginOutcome Judge(KnownToken? token, IPAddress? remoteAddress) => token switch
    {
        null => LoginOutcome.Unknown,
        { Status: not ApplicationTokenStatus.Activated } => LoginOutcome.Revoked,
        _ when IsOver(token.ExpiryDate) => LoginOutcome.Expired,
        { IsBound: true } when token.Range?.Contains(remoteAddress) != true => LoginOutcome.AddressNotAllowed,
        _ => LoginOutcome.Succeeded,
    };

    private bool IsOver(long? expiryDate) => expiryDate <= _time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record MemberRow
    {
        public required string Name { get; init; }

        public Role Role { get; init; }
    }

    /// <param name="Status">Activated, or revoked.</param>
    /// <param name="ExpiryDate">Unix milliseconds.</param>
    /// <param name="IsBound">Whether it works from a range only; from nowhere, should that not be readable.</param>
    /// <param name="Range">The range.</param>
    /// <param name="Role">What its member may do.</param>
    private sealed record KnownToken(ApplicationTokenStatus Status, long? ExpiryDate, bool IsBound, AddressRange? Range, Role Role)
    {
        public static KnownToken Of(ApplicationTokenStatus status, long? expiryDate, string? ip, Role role) =>
            new(status, expiryDate, ip is not null, AddressRange.TryParse(ip, out var range) ? range : null, role);
    }

    private sealed record KnownRow
    {
        public ApplicationTokenStatus Status { get; init; }

        public long? ExpiryDate { get; init; }

        public string? Ip { get; init; }

        public Role Role { get; init; }

        public KnownToken ToToken() => KnownToken.Of(Status, ExpiryDate, Ip, Role);
    }

    private sealed record LoginRow
    {
        public long Id { get; init; }

        public ApplicationTokenStatus Status { get; init; }

        public long? ExpiryDate { get; init; }

        public string? Ip { get; init; }

        public long OrganisationId { get; init; }

        public required string OrganisationName { get; init; }

        public long MemberId { get; init; }

        public required string MemberName { get; init; }

        public Role Role { get; init; }

        public KnownToken ToToken() => KnownToken.Of(Status, ExpiryDate, Ip, Role);

        public Principal ToPrincipal() =>
            new(new Organisation(OrganisationId, OrganisationName), new Member(MemberId, OrganisationId, MemberName, Role), Id);
    }

    private sealed record ListRow
    {
        public long Id { get; init; }

        public string? Description { get; init; }

        public long Created { get; init; }

        public ApplicationTokenStatus Status { get; init; }

        public long? ExpiryDate { get; init; }

        public string? Ip { get; init; }

        public long MemberId { get; init; }

        public required string MemberName { get; init; }

        public ApplicationToken ToToken() => new()
        {
            Id = Id,
            Description = Description,
            Created = DateTimeOffset.FromUnixTimeMilliseconds(Created),
            Status = Status,
            ExpiryDate = ExpiryDate is { } expiry ? DateTimeOffset.FromUnixTimeMilliseconds(expiry) : null,
            Ip = Ip,
            CreatorId = MemberId,
            CreatorName = MemberName,
        };
    }
}
