using OpenEim.Manager.Euiccs;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Esipa;

/// <summary>The functions of ESipa that devices call (SGP.32 5.14), each of them typed and without the bytes of a binding.</summary>
/// <param name="GetEimPackage">A device polls for the next package.</param>
/// <param name="ProvideEimPackageResult">It brings what its eUICC has done with it.</param>
/// <param name="HandleNotification">It brings a notification on its own.</param>
/// <param name="InitiateAuthentication">It begins a download through the eIM.</param>
/// <param name="AuthenticateClient">Its eUICC proves who it is.</param>
/// <param name="GetBoundProfilePackage">It gets the profile.</param>
/// <param name="CancelSession">Its eUICC ends the download.</param>
/// <remarks>Every function may be repeated with the same message: it answers the same and changes nothing a second time.</remarks>
public sealed record EsipaFunctions(
    GetEimPackage GetEimPackage,
    ProvideEimPackageResult ProvideEimPackageResult,
    HandleNotification HandleNotification,
    InitiateAuthentication InitiateAuthentication,
    AuthenticateClient AuthenticateClient,
    GetBoundProfilePackage GetBoundProfilePackage,
    CancelSession CancelSession)
{
    /// <summary>Executes whichever function a request is of.</summary>
    /// <param name="request">The request.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <returns>The answer. HandleNotification has none of its own: a <see cref="ProvideEimPackageResultResponse"/> says whether it was stored.</returns>
    /// <exception cref="ProtocolException">The request is malformed, or of a function that this eIM does not have.</exception>
    public async ValueTask<IBerMessage> ExecuteAsync(IBerMessage request, EsipaCaller caller, CancellationToken ct) => request switch
    {
        GetEimPackageRequest poll => await GetEimPackage.ExecuteAsync(poll, caller, ct).ConfigureAwait(false),
        Protocol.Sgp32.ProvideEimPackageResult result => await ProvideEimPackageResult.ExecuteAsync(result, caller, ct).ConfigureAwait(false),
        Protocol.Sgp32.HandleNotification notification =>
            new ProvideEimPackageResultResponse(null, await HandleNotification.ExecuteAsync(notification, caller, ct).ConfigureAwait(false)),
        InitiateAuthenticationRequestEsipa initiate => await InitiateAuthentication.ExecuteAsync(initiate, caller, ct).ConfigureAwait(false),
        AuthenticateClientRequestEsipa client => await AuthenticateClient.ExecuteAsync(client, caller, ct).ConfigureAwait(false),
        GetBoundProfilePackageRequestEsipa package => await GetBoundProfilePackage.ExecuteAsync(package, caller, ct).ConfigureAwait(false),
        CancelSessionRequestEsipa cancel => await CancelSession.ExecuteAsync(cancel, ct).ConfigureAwait(false),
        _ => throw new ProtocolException("this eIM does not push packages, so it takes no TransferEimPackage response"),
    };
}
