using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>ES2+ ReleaseProfile (SGP.22 5.3.4): allows the download of a confirmed order.</summary>
internal static class ReleaseProfile
{
    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public static async ValueTask<HeaderOnlyResponseJson> ExecuteAsync(DbSession session, ReleaseProfileRequest request, TimeSpan orderLifetime, long now)
    {
        var iccid = request.Iccid.ToString();
        var order = await FunctionCalls.GetProfileAsync(session, iccid).ConfigureAwait(false);
        switch (order.StockState)
        {
            case StockState.Confirmed:
                await session.SendAsync(
                    "UPDATE download_order SET expiry = @expiry, modified = @now WHERE iccid = @iccid",
                    new { iccid, expiry = now + (long)orderLifetime.TotalMilliseconds, now }).ConfigureAwait(false);
                await OrderStore.SetStateAsync(session, iccid, StockState.Released, now).ConfigureAwait(false);
                break;
            case StockState.Released:
                // Saying the same again is no error.
                break;
            default:
                throw new FunctionFailedException(Es2PlusStatusCodes.NotAllowed, $"the profile is {order.StockState}, not Confirmed", iccid);
        }

        return new HeaderOnlyResponseJson(FunctionResponseHeader.Success);
    }
}
