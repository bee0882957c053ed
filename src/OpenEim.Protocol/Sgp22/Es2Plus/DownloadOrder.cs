using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>ES2+ DownloadOrder (SGP.22 5.3.1): reserves a profile, a given one or any of a type.</summary>
/// <param name="Header">Who asks.</param>
/// <param name="Eid">For this eUICC, where known already.</param>
/// <param name="Iccid">This profile.</param>
/// <param name="ProfileType">Any profile of this type, when no ICCID is given.</param>
public sealed record DownloadOrderRequest(FunctionRequestHeader Header, Eid? Eid, Iccid? Iccid, string? ProfileType);

/// <summary>JSON body of downloadOrder (SGP.22 6.5.2.1).</summary>
public sealed record DownloadOrderRequestJson(FunctionRequestHeader? Header, string? Eid = null, string? Iccid = null, string? ProfileType = null)
{
    /// <summary>From the request.</summary>
    public static DownloadOrderRequestJson From(DownloadOrderRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Header, request.Eid?.ToString(), Es2PlusField.Write(request.Iccid), request.ProfileType);
    }

    /// <summary>The request.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public DownloadOrderRequest ToRequest() => new(
        Es2PlusField.Header(Header),
        Es2PlusField.OptionalEid(Eid),
        Es2PlusField.OptionalIccid(Iccid),
        Es2PlusField.OptionalText(ProfileType, "profileType"));
}

/// <summary>JSON answer of downloadOrder (SGP.22 6.5.2.1).</summary>
/// <param name="Header">How it went.</param>
/// <param name="Iccid">The profile reserved.</param>
public sealed record DownloadOrderResponseJson(FunctionResponseHeader? Header, string? Iccid = null) : IFunctionResponse
{
    /// <summary>The answer of success.</summary>
    public static DownloadOrderResponseJson From(Iccid iccid) => new(FunctionResponseHeader.Success, Es2PlusField.Write(iccid));

    /// <summary>The profile reserved.</summary>
    /// <exception cref="ProtocolException">The function failed, or a field is missing or malformed.</exception>
    public Iccid ToIccid()
    {
        FunctionResponses.RequireSuccess(this);
        return Es2PlusField.RequiredIccid(Iccid);
    }
}
