using OpenEim.Manager.Euiccs;

namespace OpenEim.Manager.Stock;

/// <summary>Keeps the organisation's stock in step with what is learnt from downloads.</summary>
internal static class StockLinks
{
    /// <summary>The profile is on the eUICC now, for whomever it was ordered.</summary>
    public static async ValueTask InstalledAsync(LockedEuicc euicc, string iccid) => await euicc.Session.ExecuteAsync(
        """
        UPDATE stock_profile SET eid = @Eid, status = 7, activation_code = NULL, updated = @Now
        WHERE organisation_id = @OrganisationId AND iccid = @Iccid
        """,
        new { Eid = euicc.EidBytes, euicc.OrganisationId, Iccid = iccid, euicc.Now }).ConfigureAwait(false);

    /// <summary>It left the SM-DP+ and did not reach the eUICC: only the SM-DP+ knows what becomes of it.</summary>
    public static async ValueTask NotInstalledAsync(LockedEuicc euicc, string iccid) => await euicc.Session.ExecuteAsync(
        "UPDATE stock_profile SET status = 10, updated = @Now WHERE organisation_id = @OrganisationId AND iccid = @Iccid AND status = 6",
        new { euicc.OrganisationId, Iccid = iccid, euicc.Now }).ConfigureAwait(false);

    /// <summary>It has left the SM-DP+ for the eUICC.</summary>
    public static async ValueTask DownloadedAsync(LockedEuicc euicc, string iccid) => await euicc.Session.ExecuteAsync(
        """
        UPDATE stock_profile SET eid = @Eid, status = 6, updated = @Now
        WHERE organisation_id = @OrganisationId AND iccid = @Iccid AND status < 6
        """,
        new { Eid = euicc.EidBytes, euicc.OrganisationId, Iccid = iccid, euicc.Now }).ConfigureAwait(false);
}
