using System.Security.Cryptography;
using OpenEim.Protocol;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Profiles;

/// <summary>Puts profiles in stock: types with their template, and personalised packages, sealed before they reach the database.</summary>
public sealed class ProfileStock
{
    /// <summary>The most profiles that one transaction adds.</summary>
    private const int LookupBatch = 500;

    private const int MaxBatch = 50;

    private const string InsertType = """
        INSERT INTO profile_type (name, template, service_provider_name, profile_name, class, policy_rules, fallback_allowed, replace_session_keys,
                                  package_length, saip_major, iccid_prefix, imsi_prefix, next_number, created)
        VALUES (@Name, @Template, @ServiceProviderName, @ProfileName, @Class, @PolicyRules, @FallbackAllowed, @ReplaceSessionKeys,
                @PackageLength, @SaipMajor, @IccidPrefix, @ImsiPrefix, 1, @Now)
        ON CONFLICT (name) DO NOTHING
        """;

    private const string SelectProfiles = """
        SELECT p.iccid, p.profile_type, p.state, COALESCE(p.eid, o.eid) AS eid, o.matching_id
        FROM profile p LEFT JOIN download_order o ON o.iccid = p.iccid
        WHERE p.iccid > @after AND (@profileType IS NULL OR p.profile_type = @profileType)
        ORDER BY p.iccid LIMIT @limit
        """;

    private static readonly BulkInsert<NewProfile> InsertProfiles = new("profile", new BulkColumns<NewProfile>()
        .Text("iccid", profile => profile.Iccid)
        .Text("profile_type", profile => profile.ProfileType)
        .Whole("state", _ => (long)StockState.Available)
        .Bytes("package", profile => profile.Package)
        .Whole("created", profile => profile.Now)
        .Whole("modified", profile => profile.Now));

    private readonly Database _database;
    private readonly PackageVault _vault;
    private readonly TimeProvider _time;

    internal ProfileStock(Database database, PackageVault vault, TimeProvider time) => (_database, _vault, _time) = (database, vault, time);

    /// <summary>Adds a profile type.</summary>
    /// <returns>False when there is one of this name already; it stays as it is.</returns>
    /// <exception cref="ProtocolException">The template cannot be personalised, or a text does not fit.</exception>
    public async Task<bool> AddTypeAsync(ProfileTypeDefinition type, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        Check(type);
        using var template = type.Template is { } own ? ProfileTemplate.Parse(own.Span) : BuiltInTemplate.Create(type.Name, SpnOf(type));
        using var placeholder = SubscriberRange.Placeholder();
        var bytes = type.Template?.ToArray() ?? template.Personalise(placeholder);
        try
        {
            var row = new
            {
                type.Name,
                Template = _vault.SealTemplate(type.Name, bytes),
                type.ServiceProviderName,
                ProfileName = type.ProfileName ?? type.Name,
                Class = (int)type.Class,
                PolicyRules = (int)type.PolicyRules,
                type.FallbackAllowed,
                type.ReplaceSessionKeys,
                PackageLength = bytes.Length,
                SaipMajor = template.Version.Major,
                type.IccidPrefix,
                type.ImsiPrefix,
                Now = Now(),
            };
            return await _database.WriteAsync(async session => await session.ExecuteAsync(InsertType, row).ConfigureAwait(false) > 0, ct).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Generates profiles with the next numbers of the type's range and random keys.</summary>
    /// <returns>The ICCIDs.</returns>
    /// <exception cref="ProtocolException">There is no such type, its range is used up, or a number is taken.</exception>
    public async Task<IReadOnlyList<string>> GenerateAsync(string profileType, int count, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        using var template = await OpenTemplateAsync(profileType, ct).ConfigureAwait(false);
        using var sample = SampleOf(template);
        var iccids = new List<string>(count);
        foreach (var batch in Enumerable.Range(0, count).Chunk(MaxBatch))
        {
            iccids.AddRange(await _database.WriteAsync(
                async session =>
                {
                    // Changed before it is read: whoever takes numbers at the same time waits here.
                    await session.ExecuteAsync(
                        "UPDATE profile_type SET next_number = next_number + @count WHERE name = @profileType",
                        new { profileType, count = batch.Length }).ConfigureAwait(false);
                    var type = (await ProfileTypeRow.FindAsync(session, profileType).ConfigureAwait(false))!;
                    var first = type.NextNumber - batch.Length;
                    var subscribers = Enumerable.Range(0, batch.Length).Select(i => SubscriberRange.Create(type, first + i, sample)).ToList();
                    return await InsertAsync(session, Personalise(profileType, template, subscribers)).ConfigureAwait(false);
                },
                ct).ConfigureAwait(false));
        }

        return iccids;
    }

    /// <summary>Adds profiles of given subscribers, all or none of them. Disposes the subscribers.</summary>
    /// <returns>The ICCIDs.</returns>
    /// <exception cref="ProtocolException">There is no such type, the template has no place for a value, or an ICCID is in stock already.</exception>
    public async Task<IReadOnlyList<string>> ImportAsync(string profileType, IReadOnlyList<SubscriberData> subscribers, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subscribers);
        using var template = await OpenTemplateAsync(profileType, ct).ConfigureAwait(false);
        var profiles = Personalise(profileType, template, subscribers);
        return await _database.WriteAsync(session => InsertAsync(session, profiles), ct).ConfigureAwait(false);
    }

    /// <summary>Profiles in the order of their ICCIDs.</summary>
    /// <param name="profileType">Of this type only; null for all.</param>
    /// <param name="after">Behind this ICCID; null from the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IReadOnlyList<StockedProfile>> ListAsync(string? profileType = null, string? after = null, int limit = 1000, CancellationToken ct = default)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<ListRow>(SelectProfiles, new { profileType, after = after ?? "", limit }), ct).ConfigureAwait(false);
        return [.. rows.Select(row => new StockedProfile(
            row.Iccid, row.ProfileType, (StockState)row.State, row.Eid is null ? null : Convert.ToHexString(row.Eid), row.MatchingId))];
    }

    /// <summary>One profile; null when it is not in stock.</summary>
    public async Task<StockedProfile?> FindAsync(string iccid, CancellationToken ct = default)
    {
        var order = await _database.ReadAsync(session => OrderStore.FindAsync(session, iccid), ct).ConfigureAwait(false);
        var eid = order?.DeliveredTo ?? order?.Eid;
        return order is null
            ? null
            : new StockedProfile(order.Iccid, order.ProfileType, order.StockState, eid is null ? null : Convert.ToHexString(eid), order.MatchingId);
    }

    /// <summary>Reads subscribers' data back out of the packages, for the operator's home subscriber server. The caller disposes them.</summary>
    /// <exception cref="ProtocolException">A profile is not in stock.</exception>
    public async Task<IReadOnlyList<SubscriberData>> ExportAsync(IEnumerable<string> iccids, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(iccids);
        var subscribers = new List<SubscriberData>();
        foreach (var iccid in iccids)
        {
            using var package = ProfileTemplate.Parse(await OpenPackageAsync(iccid, ct).ConfigureAwait(false));
            subscribers.Add(package.ReadSubscriber());
        }

        return subscribers;
    }

    private async Task<byte[]> OpenPackageAsync(string iccid, CancellationToken ct)
    {
        var package = await _database.ReadAsync(
            session => session.ExecuteScalarAsync<byte[]>("SELECT package FROM profile WHERE iccid = @iccid", new { iccid }), ct).ConfigureAwait(false);
        return _vault.OpenPackage(iccid, package ?? throw new ProtocolException($"there is no profile {iccid} in stock"));
    }

    private async Task<ProfileTemplate> OpenTemplateAsync(string profileType, CancellationToken ct)
    {
        var stored = await _database.ReadAsync(
            session => session.ExecuteScalarAsync<byte[]>("SELECT template FROM profile_type WHERE name = @profileType", new { profileType }), ct).ConfigureAwait(false)
            ?? throw new ProtocolException($"there is no profile type \"{profileType}\"");
        var template = _vault.OpenTemplate(profileType, stored);
        try
        {
            return ProfileTemplate.Parse(template);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(template);
        }
    }

    /// <summary>Makes the packages. Disposes the subscribers.</summary>
    private List<NewProfile> Personalise(string profileType, ProfileTemplate template, IReadOnlyList<SubscriberData> subscribers)
    {
        var now = Now();
        var profiles = new List<NewProfile>(subscribers.Count);
        foreach (var subscriber in subscribers)
        {
            using (subscriber)
            {
                var iccid = subscriber.Iccid.ToString();
                var package = template.Personalise(subscriber);
                profiles.Add(new NewProfile(iccid, profileType, _vault.SealPackage(iccid, package), now));
                CryptographicOperations.ZeroMemory(package);
            }
        }

        return profiles;
    }

    private static async ValueTask<IReadOnlyList<string>> InsertAsync(DbSession session, IReadOnlyList<NewProfile> profiles)
    {
        var iccids = profiles.Select(profile => profile.Iccid).ToList();
        foreach (var batch in iccids.Chunk(LookupBatch))
        {
            var taken = await session.QueryFirstOrDefaultAsync<string>(
                $"SELECT iccid FROM profile WHERE {session.IsOneOf("iccid", "iccids")}", new { iccids = batch }).ConfigureAwait(false);
            if (taken is not null)
            {
                throw new ProtocolException($"profile {taken} is in stock already");
            }
        }

        if (iccids.GroupBy(iccid => iccid).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ProtocolException($"profile {twice.Key} is given twice");
        }

        await session.InsertAsync(InsertProfiles, profiles).ConfigureAwait(false);
        return iccids;
    }

    private static SubscriberData SampleOf(ProfileTemplate template)
    {
        // The template's own identifiers may be placeholders that cannot be read.
        using var placeholder = SubscriberRange.Placeholder();
        using var readable = ProfileTemplate.Parse(template.Personalise(placeholder));
        return readable.ReadSubscriber();
    }

    private static void Check(ProfileTypeDefinition type)
    {
        if (type.Name.Length is 0 or > ProfileTypeDefinition.MaxNameLength)
        {
            throw new ProtocolException($"the name of a profile type has 1 to {ProfileTypeDefinition.MaxNameLength} characters");
        }

        if (type.ServiceProviderName.Length > 32 || (type.ProfileName ?? type.Name).Length > 64)
        {
            throw new ProtocolException("a service provider's name has at most 32 characters, a profile's at most 64");
        }

        SubscriberRange.Check(type);
    }

    /// <summary>What of the provider's name fits into EF.SPN of the built-in template.</summary>
    private static string SpnOf(ProfileTypeDefinition type)
    {
        var ascii = new string([.. type.ServiceProviderName.Where(char.IsAscii).Take(16)]);
        return ascii.Length > 0 ? ascii : "OpenEim";
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record NewProfile(string Iccid, string ProfileType, byte[] Package, long Now);

    private sealed class ListRow
    {
        public required string Iccid { get; init; }

        public required string ProfileType { get; init; }

        public int State { get; init; }

        public byte[]? Eid { get; init; }

        public string? MatchingId { get; init; }
    }
}
