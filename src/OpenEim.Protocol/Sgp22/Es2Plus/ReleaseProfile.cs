using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>ES2+ ReleaseProfile (SGP.22 5.3.4): allows the download of a confirmed order.</summary>
/// <param name="Header">Who asks.</param>
/// <param name="Iccid">The order's profile.</param>
public sealed record ReleaseProfileRequest(FunctionRequestHeader Header, Iccid Iccid);

/// <summary>JSON body of releaseProfile (SGP.22 6.5.2.4).</summary>
public sealed record ReleaseProfileRequestJson(FunctionRequestHeader? Header, string? Iccid = null)
{
    /// <summary>From the request.</summary>
    public static ReleaseProfileRequestJson From(ReleaseProfileRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Header, Es2PlusField.Write(request.Iccid));
    }

    /// <summary>The request.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public ReleaseProfileRequest ToRequest() => new(Es2PlusField.Header(Header), Es2PlusField.RequiredIccid(Iccid));
}
