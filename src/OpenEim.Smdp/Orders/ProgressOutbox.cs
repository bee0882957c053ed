using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Storage;

namespace OpenEim.Smdp.Orders;

/// <summary>What operators shall hear of downloads (SGP.22 5.3.5): written in the transaction that changed the state, sent afterwards.</summary>
/// <param name="requesterIdentifier">How this SM-DP+ names itself.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgressOutbox(string requesterIdentifier, TimeProvider time)
{
    private volatile bool _isWanted;

    /// <summary>Somebody listens from now on.</summary>
    public void Open() => _isWanted = true;

    /// <summary>Adds a report of success.</summary>
    public ValueTask AddSuccessAsync(DbSession session, OrderRow order, Eid eid, NotificationPoint point, ReadOnlyMemory<byte>? resultData = null) =>
        AddAsync(session, order, eid, point, new FunctionExecutionStatus(FunctionExecutionStatus.ExecutedSuccess), resultData);

    /// <summary>Adds a report of failure.</summary>
    public ValueTask AddFailureAsync(
        DbSession session, OrderRow order, Eid eid, NotificationPoint point, StatusCode code, string message, ReadOnlyMemory<byte>? resultData = null) =>
        AddAsync(
            session,
            order,
            eid,
            point,
            new FunctionExecutionStatus(FunctionExecutionStatus.Failed, new StatusCodeData(code.Subject, code.Reason, null, message)),
            resultData);

    private async ValueTask AddAsync(
        DbSession session, OrderRow order, Eid eid, NotificationPoint point, FunctionExecutionStatus status, ReadOnlyMemory<byte>? resultData)
    {
        if (!_isWanted)
        {
            return;
        }

        var now = time.GetUtcNow();
        var call = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var request = new HandleDownloadProgressInfoRequest(
            new FunctionRequestHeader(requesterIdentifier, call),
            Iccid.Parse(order.Iccid),
            order.ProfileType,
            now,
            point,
            status,
            eid,
            resultData);
        var body = RspJson.Write(
            HandleDownloadProgressInfoRequestJson.From(request), Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson);
        await session.SendAsync(
            "INSERT INTO progress (iccid, body, created, attempts, next_attempt) VALUES (@Iccid, @body, @now, 0, @now)",
            new { order.Iccid, body, now = now.ToUnixTimeMilliseconds() }).ConfigureAwait(false);
    }
}
