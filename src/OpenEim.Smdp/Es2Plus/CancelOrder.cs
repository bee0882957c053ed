using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>ES2+ CancelOrder (SGP.22 5.3.3): takes an order back.</summary>
internal static class CancelOrder
{
    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public static async ValueTask<HeaderOnlyResponseJson> ExecuteAsync(DbSession session, CancelOrderRequest request, long now)
    {
        var iccid = request.Iccid.ToString();

        // 1. The profile is in stock and ordered.
        var order = await FunctionCalls.GetProfileAsync(session, iccid).ConfigureAwait(false);
        if (!order.HasOrder)
        {
            throw new FunctionFailedException(Es2PlusStatusCodes.NotAllowed, "the profile is not ordered", iccid);
        }

        // 2. The EID and the matching id are the order's.
        CheckEid(order, request);
        if (request.MatchingId is { } matchingId && matchingId != (order.MatchingId ?? ""))
        {
            throw new FunctionFailedException(StatusCodes.WrongMatchingId, "the matching id is not the order's", matchingId);
        }

        // 3. The profile is not on an eUICC, and cannot be if others shall have it.
        if (order.StockState is StockState.Installed or StockState.Deleted)
        {
            throw new FunctionFailedException(StatusCodes.IccidInUse, "the profile was installed", iccid);
        }

        var final = request.FinalProfileStatus == FinalProfileStatus.Available ? StockState.Available : StockState.Unavailable;
        if (final == StockState.Available && await OrderStore.MayBeInstalledAsync(session, iccid).ConfigureAwait(false))
        {
            throw new FunctionFailedException(
                StatusCodes.IccidInUse, "the package has left and no eUICC has signed that it is not installed: it can only become Unavailable", iccid);
        }

        await OrderStore.DeleteAsync(session, iccid).ConfigureAwait(false);
        await OrderStore.SetStateAsync(session, iccid, final, now).ConfigureAwait(false);
        if (final == StockState.Available)
        {
            await OrderStore.ForgetEuiccAsync(session, iccid).ConfigureAwait(false);
        }

        return new HeaderOnlyResponseJson(FunctionResponseHeader.Success);
    }

    private static void CheckEid(OrderRow order, CancelOrderRequest request)
    {
        if (order.Eid is null && request.Eid is null)
        {
            return;
        }

        if (request.Eid is not { } eid)
        {
            throw new FunctionFailedException(StatusCodes.EidMissing, "the order is for an eUICC, which must be named", order.Iccid);
        }

        if (order.Eid is null || !order.Eid.AsSpan().SequenceEqual(eid.ToBytes()))
        {
            throw new FunctionFailedException(StatusCodes.DifferentEid, "the order is not for this eUICC", eid.ToString());
        }
    }
}
