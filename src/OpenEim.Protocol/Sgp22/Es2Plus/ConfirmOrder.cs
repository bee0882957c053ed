using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>ES2+ ConfirmOrder (SGP.22 5.3.2): completes an order.</summary>
/// <param name="Header">Who asks.</param>
/// <param name="Iccid">The order's profile.</param>
/// <param name="ReleaseFlag">Whether the profile may be downloaded at once.</param>
/// <param name="Eid">For this eUICC.</param>
/// <param name="MatchingId">The matching id; null for one that the SM-DP+ makes. Empty for a download by the default SM-DP+ address.</param>
/// <param name="ConfirmationCode">What the end user has to enter.</param>
/// <param name="SmdsAddress">Where to register the event.</param>
public sealed record ConfirmOrderRequest(
    FunctionRequestHeader Header,
    Iccid Iccid,
    bool ReleaseFlag,
    Eid? Eid = null,
    string? MatchingId = null,
    string? ConfirmationCode = null,
    string? SmdsAddress = null);

/// <summary>JSON body of confirmOrder (SGP.22 6.5.2.2).</summary>
public sealed record ConfirmOrderRequestJson(
    FunctionRequestHeader? Header,
    string? Iccid = null,
    string? Eid = null,
    string? MatchingId = null,
    string? ConfirmationCode = null,
    string? SmdsAddress = null,
    bool? ReleaseFlag = null)
{
    /// <summary>From the request.</summary>
    public static ConfirmOrderRequestJson From(ConfirmOrderRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(
            request.Header,
            Es2PlusField.Write(request.Iccid),
            request.Eid?.ToString(),
            request.MatchingId,
            request.ConfirmationCode,
            request.SmdsAddress,
            request.ReleaseFlag);
    }

    /// <summary>The request.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public ConfirmOrderRequest ToRequest() => new(
        Es2PlusField.Header(Header),
        Es2PlusField.RequiredIccid(Iccid),
        ReleaseFlag ?? throw new ProtocolException("releaseFlag is missing"),
        Es2PlusField.OptionalEid(Eid),
        Es2PlusField.OptionalText(MatchingId, "matchingId"),
        Es2PlusField.OptionalText(ConfirmationCode, "confirmationCode"),
        Es2PlusField.OptionalText(SmdsAddress, "smdsAddress"));
}

/// <summary>What ConfirmOrder gives.</summary>
/// <param name="MatchingId">The matching id.</param>
/// <param name="Eid">The eUICC, where the order is for one.</param>
/// <param name="SmdpAddress">The SM-DP+'s address, where it is another than the usual one.</param>
public sealed record ConfirmOrderOk(string MatchingId, Eid? Eid = null, string? SmdpAddress = null);

/// <summary>JSON answer of confirmOrder (SGP.22 6.5.2.2).</summary>
public sealed record ConfirmOrderResponseJson(
    FunctionResponseHeader? Header, string? Eid = null, string? MatchingId = null, string? SmdpAddress = null) : IFunctionResponse
{
    /// <summary>The answer of success.</summary>
    public static ConfirmOrderResponseJson From(ConfirmOrderOk ok)
    {
        ArgumentNullException.ThrowIfNull(ok);
        return new(FunctionResponseHeader.Success, ok.Eid?.ToString(), ok.MatchingId, ok.SmdpAddress);
    }

    /// <summary>The data of success.</summary>
    /// <exception cref="ProtocolException">The function failed, or a field is missing or malformed.</exception>
    public ConfirmOrderOk ToOk()
    {
        FunctionResponses.RequireSuccess(this);
        return new ConfirmOrderOk(
            JsonField.Required(MatchingId, "matchingId", Es2PlusField.MaxTextLength),
            Es2PlusField.OptionalEid(Eid),
            Es2PlusField.OptionalText(SmdpAddress, "smdpAddress"));
    }
}
