using OpenEim.Device.Ipa.Card;
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
        var answer = await RelayAsync(request, cancellationToken).ConfigureAwait(false);
        return Read(answer, "InitiateAuthentication", static (ref BerReader ok) =>
        {
            ok.OptionalValue(0x80, 1, TransactionId.MaxLength);
            var challenge = new ServerChallenge(
                ok.ReadEncoded(0x30), ok.ReadValue(0x5F37, 1, 128), ok.ReadValue(0x04, 1, 64), ok.ReadEncoded(0x30));
            challenge = challenge with { MatchingId = ok.TryReadUtf8(0x0C, 255) };
            return ok.TryReadConstructed(0xA2, out var choice) ? challenge with { CtxParams1 = choice.ReadEncoded(0xA0) } : challenge;
        });
    }

    /// <inheritdoc/>
    public async Task<ProfileOffer> AuthenticateClientAsync(
        TransactionId transaction, ReadOnlyMemory<byte> authenticateServerResponse, CancellationToken cancellationToken)
    {
        var request = new AuthenticateClientRequestEsipa(transaction, messages.Signed(authenticateServerResponse));
        var answer = await RelayAsync(request, cancellationToken).ConfigureAwait(false);
        return Read(answer, "AuthenticateClient", static (ref BerReader ok) =>
        {
            ok.OptionalValue(0x80, 1, TransactionId.MaxLength);
            return new ProfileOffer(
                ok.OptionalEncoded(0xBF25),
                ok.ReadEncoded(0x30),
                ok.ReadValue(0x5F37, 1, 128),
                ok.ReadEncoded(0x30),
                ok.OptionalValue(0x04, ConfirmationCodeHash.ByteLength, ConfirmationCodeHash.ByteLength));
        });
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> GetBoundProfilePackageAsync(
        TransactionId transaction, ReadOnlyMemory<byte> prepareDownloadResponse, CancellationToken cancellationToken)
    {
        var request = new GetBoundProfilePackageRequestEsipa(transaction, prepareDownloadResponse);
        var answer = await RelayAsync(request, cancellationToken).ConfigureAwait(false);
        return Read(answer, "GetBoundProfilePackage", static (ref BerReader ok) =>
        {
            ok.OptionalValue(0x80, 1, TransactionId.MaxLength);
            return ok.ReadEncoded(0xBF36);
        });
    }

    /// <inheritdoc/>
    public async Task CancelSessionAsync(TransactionId transaction, ReadOnlyMemory<byte> response, CancellationToken cancellationToken)
    {
        // A1 holds the CHOICE of the card's BF41.
        var choice = Tlv.Find(response, 0xBF41)?.Value ?? throw new DownloadException("the card's answer is no CancelSessionResponse");
        var arm = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xA1))
            {
                writer.Raw(choice.Span);
            }
        });
        await RelayAsync(new CancelSessionRequestEsipa(transaction, arm), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task HandleNotificationAsync(ReadOnlyMemory<byte> notification, CancellationToken cancellationToken) =>
        await session.Client.SendAsync(messages.Notification(notification), options.RequestAttempts, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session is the poll's.
    }

    private Task<ReadOnlyMemory<byte>> RelayAsync(IBerMessage request, CancellationToken cancellationToken) =>
        session.Client.SendAsync(request.Encode(), options.RequestAttempts, cancellationToken);

    private delegate T SuccessReader<T>(ref BerReader ok);

    private static T Read<T>(ReadOnlyMemory<byte> answer, string function, SuccessReader<T> read)
    {
        try
        {
            var response = BerMessage.Decode<RelayedResponse>(answer);
            if (response.Success is not { } success)
            {
                throw new DownloadException($"the eIM refused {function}: {response.ErrorCode}") { Response = answer };
            }

            var arm = new BerReader(success);
            var ok = arm.ReadConstructed(0xA0);
            return read(ref ok);
        }
        catch (ProtocolException e)
        {
            throw new DownloadException($"the eIM answered {function} with something else: {e.Message}", e)
            {
                Cancel = CancelSessionReason.UndefinedReason,
            };
        }
    }
}
