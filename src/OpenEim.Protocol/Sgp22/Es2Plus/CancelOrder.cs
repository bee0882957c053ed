using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>What shall become of the profile of a cancelled order.</summary>
public enum FinalProfileStatus
{
    /// <summary>It may be ordered again.</summary>
    Available,

    /// <summary>It may not be ordered again.</summary>
    Unavailable,
}

/// <summary>ES2+ CancelOrder (SGP.22 5.3.3).</summary>
/// <param name="Header">Who asks.</param>
/// <param name="Iccid">The order's profile.</param>
/// <param name="FinalProfileStatus">What shall become of it.</param>
/// <param name="Eid">The order's eUICC.</param>
/// <param name="MatchingId">The order's matching id.</param>
public sealed record CancelOrderRequest(
    FunctionRequestHeader Header, Iccid Iccid, FinalProfileStatus FinalProfileStatus, Eid? Eid = null, string? MatchingId = null);

/// <summary>JSON body of cancelOrder (SGP.22 6.5.2.3).</summary>
public sealed record CancelOrderRequestJson(
    FunctionRequestHeader? Header,
    string? Iccid = null,
    string? Eid = null,
    string? MatchingId = null,
    string? FinalProfileStatusIndicator = null)
{
    /// <summary>From the request.</summary>
    public static CancelOrderRequestJson From(CancelOrderRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(
            request.Header, Es2PlusField.Write(request.Iccid), request.Eid?.ToString(), request.MatchingId, request.FinalProfileStatus.ToString());
    }

    /// <summary>The request.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public CancelOrderRequest ToRequest() => new(
        Es2PlusField.Header(Header),
        Es2PlusField.RequiredIccid(Iccid),
        FinalProfileStatusIndicator switch
        {
            "Available" => FinalProfileStatus.Available,
            "Unavailable" => FinalProfileStatus.Unavailable,
            null => throw new ProtocolException("finalProfileStatusIndicator is missing"),
            _ => throw new ProtocolException("finalProfileStatusIndicator is neither Available nor Unavailable"),
        },
        Es2PlusField.OptionalEid(Eid),
        Es2PlusField.OptionalText(MatchingId, "matchingId"));
}
