using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>The way to the SM-DP+: by itself over ES9+, or through the eIM over ESipa.</summary>
/// <remarks>
/// Every function throws <see cref="DownloadException"/> when the other side refuses, or when the download is lost, and
/// <see cref="EsipaException"/> when there is nobody to tell so, so that the trigger comes again.
/// </remarks>
internal interface IDownloadRoute : IDisposable
{
    /// <summary>InitiateAuthentication.</summary>
    Task<ServerChallenge> InitiateAuthenticationAsync(
        ReadOnlyMemory<byte> euiccChallenge, ReadOnlyMemory<byte> euiccInfo1, CancellationToken cancellationToken);

    /// <summary>AuthenticateClient with the card's BF38.</summary>
    Task<ProfileOffer> AuthenticateClientAsync(
        TransactionId transaction, ReadOnlyMemory<byte> authenticateServerResponse, CancellationToken cancellationToken);

    /// <summary>GetBoundProfilePackage with the card's BF21.</summary>
    /// <returns>BF36.</returns>
    Task<ReadOnlyMemory<byte>> GetBoundProfilePackageAsync(
        TransactionId transaction, ReadOnlyMemory<byte> prepareDownloadResponse, CancellationToken cancellationToken);

    /// <summary>CancelSession with what the card has signed, BF41.</summary>
    Task CancelSessionAsync(TransactionId transaction, ReadOnlyMemory<byte> response, CancellationToken cancellationToken);

    /// <summary>HandleNotification with the card's BF37.</summary>
    /// <exception cref="EsipaException">It was not taken.</exception>
    Task HandleNotificationAsync(ReadOnlyMemory<byte> notification, CancellationToken cancellationToken);
}

/// <summary>What an SM-DP+ answers to InitiateAuthentication.</summary>
/// <param name="SignedData">ServerSigned1, the TLV.</param>
/// <param name="Signature">Raw r‖s.</param>
/// <param name="CiKeyId">The CI under which the card shall sign.</param>
/// <param name="Certificate">CERT.DPauth, DER.</param>
/// <param name="CtxParams1">A0, where the eIM made it (SGP.32).</param>
/// <param name="MatchingId">Where the eIM knows it (SGP.32).</param>
internal sealed record ServerChallenge(
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> CiKeyId,
    ReadOnlyMemory<byte> Certificate,
    ReadOnlyMemory<byte>? CtxParams1 = null,
    string? MatchingId = null);

/// <summary>What an SM-DP+ answers to AuthenticateClient.</summary>
/// <param name="Metadata">BF25; null where the eIM has looked at it instead (SGP.32).</param>
/// <param name="SignedData">SmdpSigned2, the TLV.</param>
/// <param name="Signature">Raw r‖s.</param>
/// <param name="Certificate">CERT.DPpb, DER.</param>
/// <param name="HashCc">The hashed confirmation code, where the eIM has it (SGP.32).</param>
internal sealed record ProfileOffer(
    ReadOnlyMemory<byte>? Metadata,
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> Certificate,
    ReadOnlyMemory<byte>? HashCc = null);
