using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>ES9+ by way of the eIM, which relays each function (SGP.32 3.2.3.2, 6.3): an indirect download.</summary>
/// <param name="session">The eIM that gave the trigger.</param>
/// <param name="address">The SM-DP+; null where the eIM knows it.</param>
/// <param name="trigger">The trigger's eimTransactionId.</param>
/// <param name="messages">The words of the IPA's version.</param>
/// <param name="options">How often requests are sent.</param>
internal sealed class IndirectRoute(EimSession session, SmdpAddress? address, TransactionId? trigger, EimMessages messages, IpaOptions options) : IDownloadRoute
{
    /// <inheritdoc/>
    public async Task<ServerChallenge> InitiateAuthenticationAsync(
        ReadOnlyMemory<byte> euiccChallenge, ReadOnlyMemory<byte> euiccInfo1, CancellationToken cancellationToken)
    {
        var request = new InitiateAuthenticationRequestEsipa(euiccChallenge, address?.ToString(), euiccInfo1, options.Version == Sgp32Version.V10 ? null : trigger);
        return await RelayAsync<InitiateAuthenticationResponseEsipa>(request, "InitiateAuthentication", cancellationToken).ConfigureAwait(false) switch
        {
            (InitiateAuthenticationResponseEsipa.Ok ok, _) => new ServerChallenge(ok.ServerSigned1, ok.ServerSignature1, ok.CiKeyId, ok.ServerCertificate)
            {
                MatchingId = ok.MatchingId,
                CtxParams1 = ok.CtxParams1,
            },
            (InitiateAuthenticationResponseEsipa.Failed failed, var answer) => throw Refused("InitiateAuthentication", (int)failed.Code, answer),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <inheritdoc/>
    public async Task<ProfileOffer> AuthenticateClientAsync(
        TransactionId transaction, ReadOnlyMemory<byte> authenticateServerResponse, CancellationToken cancellationToken)
    {
        var request = new AuthenticateClientRequestEsipa(transaction, messages.Signed(authenticateServerResponse));
        return await RelayAsync<AuthenticateClientResponseEsipa>(request, "AuthenticateClient", cancellationToken).ConfigureAwait(false) switch
        {
            (AuthenticateClientResponseEsipa.Ok ok, _) =>
                new ProfileOffer(ok.ProfileMetadata, ok.SmdpSigned2, ok.SmdpSignature2, ok.SmdpCertificate, ok.HashCc),
            (AuthenticateClientResponseEsipa.Failed failed, var answer) => throw Refused("AuthenticateClient", (int)failed.Code, answer),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> GetBoundProfilePackageAsync(
        TransactionId transaction, ReadOnlyMemory<byte> prepareDownloadResponse, CancellationToken cancellationToken)
    {
        var request = new GetBoundProfilePackageRequestEsipa(transaction, prepareDownloadResponse);
        return await RelayAsync<GetBoundProfilePackageResponseEsipa>(request, "GetBoundProfilePackage", cancellationToken).ConfigureAwait(false) switch
        {
            (GetBoundProfilePackageResponseEsipa.Ok ok, _) => ok.BoundProfilePackage,
            (GetBoundProfilePackageResponseEsipa.Failed failed, var answer) => throw Refused("GetBoundProfilePackage", (int)failed.Code, answer),
            _ => throw new InvalidOperationException(),
        };
    }

    /// <inheritdoc/>
    public async Task CancelSessionAsync(TransactionId transaction, ReadOnlyMemory<byte> response, CancellationToken cancellationToken)
    {
        var request = new CancelSessionRequestEsipa(transaction, Read(response));
        await session.Client.SendAsync(request.Encode(), options.RequestAttempts, cancellationToken).ConfigureAwait(false);
    }

    private static CancelSessionResponse Read(ReadOnlyMemory<byte> response)
    {
        try
        {
            return BerMessage.Decode<CancelSessionResponse>(response);
        }
        catch (ProtocolException)
        {
            // The card has not signed that the session ends. The eIM learns that it does.
            return new CancelSessionResponse(null, CancelSessionResponseError.UndefinedError);
        }
    }

    /// <inheritdoc/>
    public async Task HandleNotificationAsync(ReadOnlyMemory<byte> notification, CancellationToken cancellationToken) =>
        await session.Client.SendAsync(messages.Notification(notification), options.RequestAttempts, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session is the poll's.
    }

    private async Task<(T Answer, ReadOnlyMemory<byte> Encoded)> RelayAsync<T>(IBerMessage request, string function, CancellationToken cancellationToken)
        where T : IBerMessage<T>
    {
        var answer = await session.Client.SendAsync(request.Encode(), options.RequestAttempts, cancellationToken).ConfigureAwait(false);
        try
        {
            return (BerMessage.Decode<T>(answer), answer);
        }
        catch (ProtocolException e)
        {
            throw new DownloadException($"the eIM answered {function} with something else: {e.Message}", e)
            {
                Cancel = CancelSessionReason.UndefinedReason,
            };
        }
    }

    private static DownloadException Refused(string function, int code, ReadOnlyMemory<byte> answer) =>
        new($"the eIM refused {function}: {code}") { Response = answer };
}
