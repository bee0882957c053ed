using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>Carries one profile from an SM-DP+ into the card (SGP.22 3.0.1, 3.1.3), over either route.</summary>
internal sealed class ProfileDownload(Eid eid, EuiccFunctions card, IpaOptions options, ILogger logger)
{
    private const int MacLength = 8;

    /// <summary>Authenticates, prepares, fetches and loads.</summary>
    /// <param name="route">The way to the SM-DP+.</param>
    /// <param name="source">What the SM-DP+ must be.</param>
    /// <param name="loading">Called with the SM-DP+'s transaction before the card gets the package.</param>
    /// <param name="cancellationToken">Ends it at the next request.</param>
    /// <returns>What the card has signed: success or failure.</returns>
    /// <exception cref="DownloadException">It came to no installation; the session is cancelled.</exception>
    /// <exception cref="EsipaException">There is nobody to tell.</exception>
    public async Task<CardNotification> RunAsync(
        IDownloadRoute route, DownloadSource source, Action<TransactionId> loading, CancellationToken cancellationToken)
    {
        var server = await AuthenticateServerAsync(route, source, cancellationToken).ConfigureAwait(false);
        try
        {
            var offer = await route.AuthenticateClientAsync(server.Transaction, server.Answer, cancellationToken).ConfigureAwait(false);
            var prepared = PrepareDownload(server.Transaction, offer);
            var package = await route.GetBoundProfilePackageAsync(server.Transaction, prepared, cancellationToken).ConfigureAwait(false);
            var segments = Split(package, offer);
            loading(server.Transaction);
            return Load(segments);
        }
        catch (DownloadException e) when (e.Cancel is { } reason)
        {
            await CancelAsync(route, server.Transaction, reason, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<(TransactionId Transaction, ReadOnlyMemory<byte> Answer)> AuthenticateServerAsync(
        IDownloadRoute route, DownloadSource source, CancellationToken cancellationToken)
    {
        var challenge = AskCard(card.GetChallenge);
        var info = AskCard(() => card.GetEuiccInfo(0xBF20));
        var server = await route.InitiateAuthenticationAsync(challenge, info, cancellationToken).ConfigureAwait(false);
        var transaction = Check(server, source);
        var device = new DeviceInfo(options.Device.Tac, new DeviceCapabilities(), options.Device.Imei);
        var context = server.CtxParams1 ?? new CtxParams1(server.MatchingId ?? source.MatchingId, device).Encode();
        var answer = AskCard(() => card.AuthenticateServer(
            new AuthenticateServerRequest(server.SignedData, server.Signature, server.CiKeyId, server.Certificate, context)));
        if (Tlv.Find(answer, 0xBF38, 0xA1) is { } refusal)
        {
            throw new DownloadException($"the card does not believe the SM-DP+: {(AuthenticateErrorCode)CodeOf(refusal)}") { Response = answer };
        }

        return (transaction, answer);
    }

    /// <summary>The server is the one that the trigger names. The signature is the card's to check.</summary>
    private static TransactionId Check(ServerChallenge server, DownloadSource source)
    {
        try
        {
            var signed = BerMessage.Decode<ServerSigned1>(server.SignedData);
            if (source.Address is { } wanted && !(SmdpAddress.TryParse(signed.ServerAddress, out var address) && address.IsSameServerAs(wanted)))
            {
                throw new DownloadException($"the SM-DP+ calls itself {signed.ServerAddress}, not {wanted}");
            }

            if (source.SmdpOid is { } oid && !RspCertificate.Parse(server.Certificate).RegisteredIds.Contains(oid))
            {
                throw new DownloadException($"the SM-DP+ has not the OID {oid} of the activation code");
            }

            return signed.TransactionId;
        }
        catch (ProtocolException e)
        {
            throw new DownloadException($"what the SM-DP+ has signed cannot be read: {e.Message}", e);
        }
    }

    private ReadOnlyMemory<byte> PrepareDownload(TransactionId transaction, ProfileOffer offer)
    {
        ReadOnlyMemory<byte>? hashCc = offer.HashCc;
        if (hashCc is null && options.ConfirmationCode is { } code && Decode<SmdpSigned2>(offer.SignedData).ConfirmationCodeRequired)
        {
            hashCc = ConfirmationCodeHash.Compute(code, transaction);
        }

        if (hashCc is null && Decode<SmdpSigned2>(offer.SignedData).ConfirmationCodeRequired)
        {
            // Timeout leaves the order in place at the SM-DP+: a device that has the code may still come.
            throw new DownloadException("the SM-DP+ wants a confirmation code, and the device has none") { Cancel = CancelSessionReason.Timeout };
        }

        var answer = AskCard(() => card.PrepareDownload(new PrepareDownloadRequest(offer.SignedData, offer.Signature, hashCc, offer.Certificate)));
        return Tlv.Find(answer, 0xBF21, 0xA1) is { } refusal
            ? throw new DownloadException($"the card does not prepare the download: {(DownloadErrorCode)CodeOf(refusal)}")
            {
                Response = answer,
                Cancel = CancelSessionReason.UndefinedReason,
            }
            : answer;
    }

    /// <summary>Splits the package, whose metadata must be those that were offered (SGP.22 3.1.3.2).</summary>
    private static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> encoded, ProfileOffer offer)
    {
        try
        {
            var package = BerMessage.Decode<BoundProfilePackage>(encoded);
            byte[] metadata = [.. package.StoreMetadata.SelectMany(segment => new BerReader(segment).ReadValue(0x88)[..^MacLength].ToArray())];
            if (offer.Metadata is { } offered && !metadata.AsSpan().SequenceEqual(offered.Span))
            {
                throw new DownloadException("the package is not the profile that was offered") { Cancel = CancelSessionReason.MetadataMismatch };
            }

            return LoadBoundProfilePackage.Split(encoded);
        }
        catch (Exception e) when (e is ProtocolException or ArgumentOutOfRangeException)
        {
            throw new DownloadException($"the package cannot be read: {e.Message}", e) { Cancel = CancelSessionReason.LoadBppExecutionError };
        }
    }

    private CardNotification Load(IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        foreach (var segment in segments)
        {
            if (AskCard(() => card.LoadSegment(segment), CancelSessionReason.LoadBppExecutionError) is { } result)
            {
                return result;
            }
        }

        throw new DownloadException("the card has taken the whole package and said nothing") { Cancel = CancelSessionReason.LoadBppExecutionError };
    }

    private async Task CancelAsync(IDownloadRoute route, TransactionId transaction, CancelSessionReason reason, CancellationToken cancellationToken)
    {
        try
        {
            var response = card.CancelSession(new CancelSessionRequest(transaction, reason));
            if (Tlv.Find(response, 0xBF41, 0xA0) is not null)
            {
                await route.CancelSessionAsync(transaction, response, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is EsipaException or DownloadException or CardException)
        {
            // Its session ends by itself in time; the reason for the cancelling is what the eIM must hear.
            IpaLog.SmdpNotTold(logger, eid, "the cancelled session", e.Message);
        }
    }

    // A1{80 transaction, 02 code}: of some cards the code has the tag that automatic tagging would give it.
    private static long CodeOf(Tlv refusal) => Tlv.FindInteger(refusal.Value, 0x02) ?? Tlv.FindInteger(refusal.Value, 0x81) ?? -1;

    private static T AskCard<T>(Func<T> function, CancelSessionReason cancel = CancelSessionReason.UndefinedReason)
    {
        try
        {
            return function();
        }
        catch (CardException e)
        {
            throw new DownloadException($"the card refuses: {e.Message}", e) { Cancel = cancel };
        }
    }

    private static T Decode<T>(ReadOnlyMemory<byte> encoded) where T : IBerMessage<T>
    {
        try
        {
            return BerMessage.Decode<T>(encoded);
        }
        catch (ProtocolException e)
        {
            throw new DownloadException($"no {typeof(T).Name}: {e.Message}", e) { Cancel = CancelSessionReason.UndefinedReason };
        }
    }
}
