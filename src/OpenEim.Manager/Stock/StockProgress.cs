using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Storage;

namespace OpenEim.Manager.Stock;

/// <summary>Takes what SM-DP+s tell of the downloads of profiles in stock (ES2+ HandleDownloadProgressInfo).</summary>
public sealed partial class StockProgress(Database database, TimeProvider time, ILogger<StockProgress> logger)
{
    private static readonly LockingQuery Lock = new(
        "SELECT organisation_id, status, smdp_address, eid FROM stock_profile WHERE organisation_id = @OrganisationId AND iccid = @Iccid");

    /// <summary>Takes one message.</summary>
    /// <param name="info">Decoded.</param>
    /// <param name="isSender">Whether the sender has proved to be the SM-DP+ at an address.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task TakeAsync(HandleDownloadProgressInfoRequest info, Func<SmdpAddress, bool> isSender, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(isSender);
        var status = StatusAfter(info);
        await database.WriteAsync(
            async session =>
            {
                var row = await session.QueryFirstOrDefaultAsync<Row>(
                    "SELECT organisation_id, status, smdp_address, eid FROM stock_profile WHERE iccid = @Iccid ORDER BY updated DESC LIMIT 1",
                    new { Iccid = info.Iccid.ToString() }).ConfigureAwait(false);
                var eid = info.Eid?.ToBytes() ?? row?.Eid;

                // The eUICC's row comes before all others; the stock's is read again once both are held.
                var euicc = eid is null || row is null ? null : await LockedEuicc.LockAsync(session, Eid.FromBytes(eid), time.NowMilliseconds()).ConfigureAwait(false);
                row = row is null ? null : await session.QueryFirstOrDefaultAsync<Row>(Lock, new { row.OrganisationId, Iccid = info.Iccid.ToString() }).ConfigureAwait(false);
                if (row is null || !SmdpAddress.TryParse(row.SmdpAddress, out var address) || !isSender(address))
                {
                    LogUnknown(info.Iccid, info.NotificationPointId);
                    return;
                }

                if (status is { } reached && (reached == ProfileStatus.Unknown || reached > row.Status))
                {
                    await MoveAsync(session, row, eid, euicc, info.Iccid.ToString(), reached).ConfigureAwait(false);
                }
            },
            ct).ConfigureAwait(false);
    }

    private static ProfileStatus? StatusAfter(HandleDownloadProgressInfoRequest info)
    {
        var isDone = info.NotificationPointStatus.Status is FunctionExecutionStatus.ExecutedSuccess or FunctionExecutionStatus.ExecutedWithWarning;
        return (info.NotificationPointId, isDone) switch
        {
            (NotificationPoint.BppDownload, true) => ProfileStatus.Downloaded,
            (NotificationPoint.BppInstallation, true) => ProfileStatus.Installed,
            (NotificationPoint.BppInstallation, false) => ProfileStatus.Unknown,
            _ => null,
        };
    }

    private async ValueTask MoveAsync(DbSession session, Row row, byte[]? eid, LockedEuicc? euicc, string iccid, ProfileStatus status)
    {
        var now = time.NowMilliseconds();
        await session.ExecuteAsync(
            "UPDATE stock_profile SET status = @status, eid = @eid, updated = @now WHERE organisation_id = @OrganisationId AND iccid = @iccid",
            new { status = (int)status, eid, now, row.OrganisationId, iccid }).ConfigureAwait(false);
        if (euicc?.OrganisationId != row.OrganisationId)
        {
            return;
        }

        switch (status)
        {
            case ProfileStatus.Downloaded:
                await ProfileBook.LinkAsync(euicc, iccid, status).ConfigureAwait(false);
                break;
            case ProfileStatus.Installed:
                await ProfileBook.InstallAsync(euicc, iccid, null, isLate: true).ConfigureAwait(false);
                break;
            default:
                await ProfileBook.UnlinkAsync(euicc, iccid).ConfigureAwait(false);
                break;
        }

        await euicc.SaveAsync().ConfigureAwait(false);
    }

    private sealed class Row
    {
        public long OrganisationId { get; init; }

        public ProfileStatus Status { get; init; }

        public string SmdpAddress { get; init; } = "";

        public byte[]? Eid { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Progress {Point} of profile {Iccid}, which is not in stock, or not from this SM-DP+; nothing is changed by it")]
    private partial void LogUnknown(Iccid iccid, NotificationPoint point);
}
