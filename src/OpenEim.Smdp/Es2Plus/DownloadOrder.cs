using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>ES2+ DownloadOrder (SGP.22 5.3.1): reserves a profile.</summary>
internal static class DownloadOrder
{
    /// <exception cref="FunctionFailedException">With the code of the check that failed.</exception>
    public static async ValueTask<DownloadOrderResponseJson> ExecuteAsync(DbSession session, DownloadOrderRequest request, long now)
    {
        // 1. The profile: the given one, or any of the type.
        var iccid = request.Iccid is { } given
            ? await CheckAsync(session, given.ToString(), request.ProfileType).ConfigureAwait(false)
            : await ChooseAsync(session, request.ProfileType).ConfigureAwait(false);

        // 2. It is reserved, for an eUICC where one is named.
        await OrderStore.InsertAsync(session, iccid, request.Header.FunctionRequesterIdentifier!, request.Eid?.ToBytes(), now).ConfigureAwait(false);
        await OrderStore.SetStateAsync(session, iccid, request.Eid is null ? StockState.Allocated : StockState.Linked, now).ConfigureAwait(false);
        return DownloadOrderResponseJson.From(Iccid.Parse(iccid));
    }

    private static async ValueTask<string> CheckAsync(DbSession session, string iccid, string? profileType)
    {
        var profile = await FunctionCalls.GetProfileAsync(session, iccid).ConfigureAwait(false);
        if (profile.StockState != StockState.Available)
        {
            throw new FunctionFailedException(StatusCodes.IccidInUse, "the profile is not available", iccid);
        }

        return profileType is null || profileType == profile.ProfileType
            ? iccid
            : throw new FunctionFailedException(Es2PlusStatusCodes.OtherProfileType, "the profile is of another type", profileType);
    }

    private static async ValueTask<string> ChooseAsync(DbSession session, string? profileType)
    {
        if (profileType is null)
        {
            throw new FunctionFailedException(Es2PlusStatusCodes.IccidMissing, "neither an ICCID nor a profile type is given");
        }

        if (await ProfileTypeRow.FindAsync(session, profileType).ConfigureAwait(false) is null)
        {
            throw new FunctionFailedException(Es2PlusStatusCodes.UnknownProfileType, "there is no such profile type", profileType);
        }

        return await OrderStore.FindAvailableAsync(session, profileType).ConfigureAwait(false)
            ?? throw new FunctionFailedException(Es2PlusStatusCodes.NoProfileLeft, "no profile of the type is left in stock", profileType);
    }
}
