using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Euiccs;

/// <summary>Keeps what we know of an eUICC's profiles in step with what the eUICC has signed.</summary>
internal static class ProfileBook
{
    private const string Upsert = """
        INSERT INTO profile (eid, iccid, status, fallback_attribute, fallback_allowed, name, operator_name, nickname, profile_class, preloaded, created, updated)
        VALUES (@Eid, @Iccid, @Status, @FallbackAttribute, @FallbackAllowed, @Name, @OperatorName, @Nickname, @ProfileClass, 1, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET
            status = excluded.status, fallback_attribute = COALESCE(excluded.fallback_attribute, profile.fallback_attribute),
            fallback_allowed = COALESCE(excluded.fallback_allowed, profile.fallback_allowed), name = COALESCE(excluded.name, profile.name),
            operator_name = COALESCE(excluded.operator_name, profile.operator_name), nickname = excluded.nickname,
            profile_class = COALESCE(excluded.profile_class, profile.profile_class), updated = excluded.updated
        """;

    private const string UpsertWithoutStatus = """
        INSERT INTO profile (eid, iccid, status, fallback_attribute, fallback_allowed, name, operator_name, nickname, profile_class, preloaded, created, updated)
        VALUES (@Eid, @Iccid, @Status, @FallbackAttribute, @FallbackAllowed, @Name, @OperatorName, @Nickname, @ProfileClass, 1, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET
            status = CASE WHEN profile.status IN (7, 8) THEN profile.status ELSE excluded.status END,
            fallback_attribute = COALESCE(excluded.fallback_attribute, profile.fallback_attribute),
            fallback_allowed = COALESCE(excluded.fallback_allowed, profile.fallback_allowed), name = COALESCE(excluded.name, profile.name),
            operator_name = COALESCE(excluded.operator_name, profile.operator_name), nickname = excluded.nickname,
            profile_class = COALESCE(excluded.profile_class, profile.profile_class), updated = excluded.updated
        """;

    private const string SetStatus = """
        INSERT INTO profile (eid, iccid, status, created, updated) VALUES (@Eid, @Iccid, @Status, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET status = excluded.status, updated = excluded.updated
        """;

    private const string OthersInstalled = """
        UPDATE profile SET status = 7, updated = @Now WHERE eid = @Eid AND status = 8 AND iccid <> @Iccid
        """;

    private const string Deleted = """
        UPDATE profile SET status = 9, fallback_attribute = 0, updated = @Now WHERE eid = @Eid AND iccid = @Iccid
        """;

    private const string Installed = """
        INSERT INTO profile (eid, iccid, status, fallback_allowed, name, operator_name, profile_class, preloaded, created, updated)
        VALUES (@Eid, @Iccid, 7, @FallbackAllowed, @Name, @OperatorName, @ProfileClass, 0, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET
            status = CASE WHEN profile.status = 8 THEN 8 ELSE 7 END,
            fallback_allowed = COALESCE(excluded.fallback_allowed, profile.fallback_allowed), name = COALESCE(excluded.name, profile.name),
            operator_name = COALESCE(excluded.operator_name, profile.operator_name),
            profile_class = COALESCE(excluded.profile_class, profile.profile_class), preloaded = 0, updated = excluded.updated
        """;

    private const string Downloaded = """
        INSERT INTO profile (eid, iccid, status, name, operator_name, preloaded, created, updated)
        VALUES (@Eid, @Iccid, 6, @Name, @OperatorName, 0, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET status = 6, updated = excluded.updated WHERE profile.status NOT IN (7, 8)
        """;

    private const string OnCard = "SELECT iccid FROM profile WHERE eid = @Eid AND status IN (6, 7, 8, 10)";

    private const string Fallback = """
        UPDATE profile SET fallback_attribute = CASE WHEN iccid = @Iccid THEN 1 ELSE 0 END, updated = @Now
        WHERE eid = @Eid AND (iccid = @Iccid OR fallback_attribute = 1)
        """;

    /// <summary>Takes over the whole list: profiles found are added, those gone become Deleted.</summary>
    /// <remarks>
    /// A list in which a profile could not be read says of no profile that it is gone; a profile whose state or fallback attribute could not be
    /// read, or was not asked for, keeps the one that is known.
    /// </remarks>
    public static async ValueTask ReconcileAsync(LockedEuicc euicc, ProfileInfoListResponse list)
    {
        var gone = new HashSet<string>(
            await euicc.Session.QueryAsync<string>(OnCard, new { Eid = euicc.EidBytes }).ConfigureAwait(false));
        foreach (var profile in list.Profiles ?? [])
        {
            if (profile.Iccid is not { } iccid)
            {
                continue;
            }

            gone.Remove(iccid.ToString());
            await euicc.Session.SendAsync(profile.State is null ? UpsertWithoutStatus : Upsert, new
            {
                Eid = euicc.EidBytes,
                Iccid = iccid.ToString(),
                Status = (int)(profile.State == ProfileState.Enabled ? ProfileStatus.Enabled : ProfileStatus.Installed),
                FallbackAttribute = NumberOf(profile.FallbackAttribute),
                FallbackAllowed = NumberOf(profile.FallbackAllowed),
                Name = profile.ProfileName,
                OperatorName = profile.ServiceProviderName,
                profile.Nickname,
                ProfileClass = (int?)profile.Class,
                euicc.Now,
            }).ConfigureAwait(false);
        }

        foreach (var iccid in list.IsComplete ? gone : [])
        {
            await euicc.Session.SendAsync(Deleted, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        }
    }

    /// <summary>The profile is the active one now; the one before becomes Installed.</summary>
    /// <returns>The ICCID of the one before, where there was one.</returns>
    public static async ValueTask<string?> EnableAsync(LockedEuicc euicc, string iccid)
    {
        var previous = await euicc.Session.QueryFirstOrDefaultAsync<string>(
            "SELECT iccid FROM profile WHERE eid = @Eid AND status = 8 AND iccid <> @Iccid", new { Eid = euicc.EidBytes, Iccid = iccid })
            .ConfigureAwait(false);
        await euicc.Session.SendAsync(OthersInstalled, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        await SetStatusAsync(euicc, iccid, ProfileStatus.Enabled).ConfigureAwait(false);
        return previous;
    }

    /// <summary>The profile is reserved for this eUICC, or on its way; never when it is there already.</summary>
    public static async ValueTask LinkAsync(LockedEuicc euicc, string iccid, ProfileStatus status) => await euicc.Session.SendAsync(
        """
        INSERT INTO profile (eid, iccid, status, preloaded, created, updated) VALUES (@Eid, @Iccid, @Status, 0, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET status = excluded.status, updated = excluded.updated WHERE profile.status NOT IN (7, 8)
        """,
        new { Eid = euicc.EidBytes, Iccid = iccid, Status = (int)status, euicc.Now }).ConfigureAwait(false);

    /// <summary>The profile is no longer meant for this eUICC; what is on the eUICC stays.</summary>
    public static async ValueTask UnlinkAsync(LockedEuicc euicc, string iccid) => await euicc.Session.SendAsync(
        "DELETE FROM profile WHERE eid = @Eid AND iccid = @Iccid AND status <= 6", new { Eid = euicc.EidBytes, Iccid = iccid }).ConfigureAwait(false);

    /// <summary>The profile has left the SM-DP+ for this eUICC.</summary>
    public static async ValueTask DownloadedAsync(LockedEuicc euicc, string iccid, StoreMetadataRequest metadata) => await euicc.Session.SendAsync(
        Downloaded,
        new
        {
            Eid = euicc.EidBytes,
            Iccid = iccid,
            Name = metadata.ProfileName,
            OperatorName = metadata.ServiceProviderName,
            euicc.Now,
        }).ConfigureAwait(false);

    /// <summary>The eUICC has signed that it has installed the profile.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="iccid">The profile.</param>
    /// <param name="metadata">What the SM-DP+ told of it, where it was relayed.</param>
    /// <param name="isLate">Whether its download had ended already: it may have been deleted since.</param>
    public static async ValueTask InstallAsync(LockedEuicc euicc, string iccid, StoreMetadataRequest? metadata, bool isLate)
    {
        var status = await StatusAsync(euicc, iccid).ConfigureAwait(false);
        if (isLate && status == ProfileStatus.Deleted)
        {
            euicc.Add(EuiccTasks.Synchronise);
            return;
        }

        await euicc.Session.SendAsync(
            Installed,
            new
            {
                Eid = euicc.EidBytes,
                Iccid = iccid,
                Name = metadata?.ProfileName,
                OperatorName = metadata?.ServiceProviderName,
                ProfileClass = (int?)metadata?.Class,
                FallbackAllowed = metadata is null ? (int?)null : metadata.FallbackAllowed == true ? 1 : 0,
                euicc.Now,
            }).ConfigureAwait(false);
    }

    /// <summary>The profile that had left the SM-DP+ did not get onto the eUICC.</summary>
    public static async ValueTask NotInstalledAsync(LockedEuicc euicc, string iccid) => await euicc.Session.SendAsync(
        "DELETE FROM profile WHERE eid = @Eid AND iccid = @Iccid AND status = 6", new { Eid = euicc.EidBytes, Iccid = iccid }).ConfigureAwait(false);

    /// <summary>What we know of a profile; null when nothing.</summary>
    public static ValueTask<KnownProfile?> FindAsync(LockedEuicc euicc, string iccid) => euicc.Session.QueryFirstOrDefaultAsync<KnownProfile>(
        "SELECT status, COALESCE(fallback_attribute, 0) AS fallback_attribute FROM profile WHERE eid = @Eid AND iccid = @Iccid",
        new { Eid = euicc.EidBytes, Iccid = iccid });

    /// <summary>Whether any profile is the fallback, as far as we know.</summary>
    public static async ValueTask<bool> HasFallbackAsync(LockedEuicc euicc) => await euicc.Session.ExecuteScalarAsync<long>(
        "SELECT count(*) FROM profile WHERE eid = @Eid AND fallback_attribute = 1 AND status IN (7, 8)", new { Eid = euicc.EidBytes }).ConfigureAwait(false) > 0;

    /// <summary>Whether the profile is on the eUICC, as far as we know.</summary>
    public static async ValueTask<bool> IsOnCardAsync(LockedEuicc euicc, string? iccid) =>
        iccid is not null && await StatusAsync(euicc, iccid).ConfigureAwait(false) is ProfileStatus.Installed or ProfileStatus.Enabled;

    /// <summary>The profile is on the eUICC and not active.</summary>
    public static ValueTask DisableAsync(LockedEuicc euicc, string iccid) => SetStatusAsync(euicc, iccid, ProfileStatus.Installed);

    /// <summary>The profile is no longer on the eUICC.</summary>
    public static async ValueTask DeleteAsync(LockedEuicc euicc, string iccid) =>
        await euicc.Session.SendAsync(Deleted, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);

    /// <summary>The profile is the fallback now and no other is; none is when <paramref name="iccid"/> is null.</summary>
    public static async ValueTask SetFallbackAsync(LockedEuicc euicc, string? iccid)
    {
        if (iccid is not null)
        {
            await euicc.Session.SendAsync(
                "INSERT INTO profile (eid, iccid, status, created, updated) VALUES (@Eid, @Iccid, 7, @Now, @Now) ON CONFLICT (eid, iccid) DO NOTHING",
                new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        }

        await euicc.Session.SendAsync(Fallback, new { Eid = euicc.EidBytes, Iccid = iccid ?? "", euicc.Now }).ConfigureAwait(false);
    }

    private static int? NumberOf(bool? value) => value is { } known ? (known ? 1 : 0) : null;

    private static async ValueTask<ProfileStatus?> StatusAsync(LockedEuicc euicc, string iccid) => (ProfileStatus?)await euicc.Session.ExecuteScalarAsync<int?>(
        "SELECT status FROM profile WHERE eid = @Eid AND iccid = @Iccid", new { Eid = euicc.EidBytes, Iccid = iccid }).ConfigureAwait(false);

    private static async ValueTask SetStatusAsync(LockedEuicc euicc, string iccid, ProfileStatus status) => await euicc.Session.SendAsync(
        SetStatus, new { Eid = euicc.EidBytes, Iccid = iccid, Status = (int)status, euicc.Now }).ConfigureAwait(false);
}

/// <summary>What operations are decided by.</summary>
internal sealed class KnownProfile
{
    public ProfileStatus Status { get; init; }

    public bool FallbackAttribute { get; init; }
}
