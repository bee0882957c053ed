using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>ES2+ ConfirmOrder (SGP.22 5.3.2): completes an order with what the download needs.</summary>
internal sealed class ConfirmOrder(PackageVault vault, string smdpAddress, SmdpOptions options)
{
    private const string Update = """
        UPDATE download_order SET eid = @eid, matching_id = @matchingId, confirmation_code = @code, expiry = @expiry, modified = @now
        WHERE iccid = @iccid
        """;

    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public async ValueTask<ConfirmOrderResponseJson> ExecuteAsync(DbSession session, ConfirmOrderRequest request, long now)
    {
        var iccid = request.Iccid.ToString();

        // 1. The profile is in stock and ordered.
        var order = await FunctionCalls.GetProfileAsync(session, iccid).ConfigureAwait(false);
        if (!order.HasOrder)
        {
            throw new FunctionFailedException(Es2PlusStatusCodes.NotAllowed, "the profile is not ordered", iccid);
        }

        // 2. The eUICC is the order's, where that names one.
        var eid = request.Eid?.ToBytes() ?? order.Eid;
        if (order.Eid is not null && !order.Eid.AsSpan().SequenceEqual(eid))
        {
            throw new FunctionFailedException(StatusCodes.DifferentEid, "the order is for another eUICC", request.Eid.ToString());
        }

        // 3. An order is confirmed once; saying the same again is no error.
        if (order.StockState is not (StockState.Allocated or StockState.Linked))
        {
            return IsSame(order, request, eid)
                ? Answer(order.MatchingId, eid)
                : throw new FunctionFailedException(StatusCodes.IccidInUse, "the order was confirmed before, otherwise", iccid);
        }

        // 4. Without a matching id the eUICC is found by its EID, which must then be known.
        if (request.MatchingId is "" && eid is null)
        {
            throw new FunctionFailedException(StatusCodes.EidMissing, "an order without a matching id needs an EID");
        }

        if (request.SmdsAddress is { Length: > 0 } smds)
        {
            throw new FunctionFailedException(Es2PlusStatusCodes.SmdsInaccessible, "this SM-DP+ registers no events at an SM-DS", smds);
        }

        // 5. The matching id is nobody else's.
        var matchingId = await ChooseMatchingIdAsync(session, request.MatchingId).ConfigureAwait(false);
        await session.SendAsync(Update, new
        {
            iccid,
            eid,
            matchingId,
            code = request.ConfirmationCode is { } code ? vault.SealConfirmationCode(iccid, ConfirmationCodeHash.OfCode(code)) : null,
            expiry = request.ReleaseFlag ? now + (long)options.OrderLifetime.TotalMilliseconds : (long?)null,
            now,
        }).ConfigureAwait(false);
        await OrderStore.SetStateAsync(session, iccid, request.ReleaseFlag ? StockState.Released : StockState.Confirmed, now).ConfigureAwait(false);
        return Answer(matchingId, eid);
    }

    private static async ValueTask<string?> ChooseMatchingIdAsync(DbSession session, string? wanted)
    {
        if (wanted is "")
        {
            return null;
        }

        if (wanted is not null && !MatchingIds.IsValid(wanted))
        {
            throw new FunctionFailedException(StatusCodes.WrongMatchingId, "a matching id has upper-case letters, digits and hyphens", wanted);
        }

        var matchingId = wanted ?? MatchingIds.Create();
        return !await OrderStore.IsUsedAsync(session, matchingId).ConfigureAwait(false)
            ? matchingId
            : throw new FunctionFailedException(StatusCodes.MatchingIdInUse, "the matching id is in use", matchingId);
    }

    private bool IsSame(OrderRow order, ConfirmOrderRequest request, byte[]? eid)
    {
        if (order.StockState != (request.ReleaseFlag ? StockState.Released : StockState.Confirmed) || order.Eid is null != eid is null)
        {
            return false;
        }

        var hash = request.ConfirmationCode is { } code ? ConfirmationCodeHash.OfCode(code) : [];
        var stored = order.ConfirmationCode is { } value ? vault.OpenConfirmationCode(order.Iccid, value) : [];
        return (request.MatchingId is null || request.MatchingId == (order.MatchingId ?? "")) && CryptographicOperations.FixedTimeEquals(hash, stored);
    }

    private ConfirmOrderResponseJson Answer(string? matchingId, byte[]? eid) => ConfirmOrderResponseJson.From(
        new ConfirmOrderOk(matchingId ?? "", eid is null ? null : Eid.FromBytes(eid), smdpAddress));
}
