using OpenEim.Protocol.Sgp22;

namespace OpenEim.Manager.Euiccs;

/// <summary>Keeps what we know of an eUICC's profiles in step with what the eUICC has signed.</summary>
internal static class ProfileBook
{
    private const string Upsert = """
        INSERT INTO profile (eid, iccid, status, fallback_attribute, fallback_allowed, name, operator_name, nickname, profile_class, preloaded, created, updated)
        VALUES (@Eid, @Iccid, @Status, @FallbackAttribute, @FallbackAllowed, @Name, @OperatorName, @Nickname, @ProfileClass, 1, @Now, @Now)
        ON CONFLICT (eid, iccid) DO UPDATE SET
            status = excluded.status, fallback_attribute = excluded.fallback_attribute,
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

    private const string OnCard = "SELECT iccid FROM profile WHERE eid = @Eid AND status IN (6, 7, 8, 10)";

    private const string Fallback = """
        UPDATE profile SET fallback_attribute = CASE WHEN iccid = @Iccid THEN 1 ELSE 0 END, updated = @Now
        WHERE eid = @Eid AND (iccid = @Iccid OR fallback_attribute = 1)
        """;

    /// <summary>Takes over the whole list: profiles found are added, those gone become Deleted.</summary>
    public static async ValueTask ReconcileAsync(LockedEuicc euicc, IReadOnlyList<ProfileInfo> profiles)
    {
        var gone = new HashSet<string>(
            await euicc.Session.QueryAsync<string>(OnCard, new { Eid = euicc.EidBytes }).ConfigureAwait(false));
        foreach (var profile in profiles)
        {
            if (profile.Iccid is not { } iccid)
            {
                continue;
            }

            gone.Remove(iccid.ToString());
            await euicc.Session.ExecuteAsync(Upsert, new
            {
                Eid = euicc.EidBytes,
                Iccid = iccid.ToString(),
                Status = (int)(profile.State == ProfileState.Enabled ? ProfileStatus.Enabled : ProfileStatus.Installed),
                FallbackAttribute = profile.FallbackAttribute ? 1 : 0,
                FallbackAllowed = profile.FallbackAllowed is { } allowed ? (allowed ? 1 : 0) : (int?)null,
                Name = profile.ProfileName,
                OperatorName = profile.ServiceProviderName,
                profile.Nickname,
                ProfileClass = (int?)profile.Class,
                euicc.Now,
            }).ConfigureAwait(false);
        }

        foreach (var iccid in gone)
        {
            await euicc.Session.ExecuteAsync(Deleted, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        }
    }

    /// <summary>The profile is the active one now; the one before becomes Installed.</summary>
    /// <returns>The ICCID of the one before, where there was one.</returns>
    public static async ValueTask<string?> EnableAsync(LockedEuicc euicc, string iccid)
    {
        var previous = await euicc.Session.QueryFirstOrDefaultAsync<string>(
            "SELECT iccid FROM profile WHERE eid = @Eid AND status = 8 AND iccid <> @Iccid", new { Eid = euicc.EidBytes, Iccid = iccid })
            .ConfigureAwait(false);
        await euicc.Session.ExecuteAsync(OthersInstalled, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        await SetStatusAsync(euicc, iccid, ProfileStatus.Enabled).ConfigureAwait(false);
        return previous;
    }

    /// <summary>The profile is on the eUICC and not active.</summary>
    public static ValueTask DisableAsync(LockedEuicc euicc, string iccid) => SetStatusAsync(euicc, iccid, ProfileStatus.Installed);

    /// <summary>The profile is no longer on the eUICC.</summary>
    public static async ValueTask DeleteAsync(LockedEuicc euicc, string iccid) =>
        await euicc.Session.ExecuteAsync(Deleted, new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);

    /// <summary>The profile is the fallback now and no other is; none is when <paramref name="iccid"/> is null.</summary>
    public static async ValueTask SetFallbackAsync(LockedEuicc euicc, string? iccid)
    {
        if (iccid is not null)
        {
            await euicc.Session.ExecuteAsync(
                "INSERT INTO profile (eid, iccid, status, created, updated) VALUES (@Eid, @Iccid, 7, @Now, @Now) ON CONFLICT (eid, iccid) DO NOTHING",
                new { Eid = euicc.EidBytes, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
        }

        await euicc.Session.ExecuteAsync(Fallback, new { Eid = euicc.EidBytes, Iccid = iccid ?? "", euicc.Now }).ConfigureAwait(false);
    }

    private static async ValueTask SetStatusAsync(LockedEuicc euicc, string iccid, ProfileStatus status) => await euicc.Session.ExecuteAsync(
        SetStatus, new { Eid = euicc.EidBytes, Iccid = iccid, Status = (int)status, euicc.Now }).ConfigureAwait(false);
}
