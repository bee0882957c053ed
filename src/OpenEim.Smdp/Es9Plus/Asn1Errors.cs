using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>The numbers that stand for the status codes in the ASN.1 binding, which has fewer (SGP.22 annex H).</summary>
internal static class Asn1Errors
{
    /// <summary>The answer of a function that failed.</summary>
    public static IBerMessage Answer(IBerMessage request, StatusCode code) => request switch
    {
        InitiateAuthenticationRequest => new InitiateAuthenticationResponse(
            null, Es9PlusErrors.InitiateAuthenticationError(code) ?? throw new ArgumentOutOfRangeException(nameof(code))),
        AuthenticateClientRequest => new AuthenticateClientResponseEs9(null, Es9PlusErrors.AuthenticateClientError(code)),
        GetBoundProfilePackageRequest => new GetBoundProfilePackageResponse(null, Es9PlusErrors.GetBoundProfilePackageError(code)),
        CancelSessionRequestEs9 => new CancelSessionResponseEs9(Es9PlusErrors.CancelSessionError(code)),
        _ => throw new ArgumentOutOfRangeException(nameof(request)),
    };
}
