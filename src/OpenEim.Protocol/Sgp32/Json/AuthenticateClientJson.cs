using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of authenticateClient (SGP.32 6.4.1.2).</summary>
/// <param name="TransactionId">Hex: the SM-DP+'s transaction.</param>
/// <param name="AuthenticateServerResponse">BF38.</param>
public sealed record AuthenticateClientRequestJson(string? TransactionId, ReadOnlyMemory<byte>? AuthenticateServerResponse)
{
    /// <summary>From the message.</summary>
    public static AuthenticateClientRequestJson From(AuthenticateClientRequestEsipa request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.AuthenticateServerResponse);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public AuthenticateClientRequestEsipa ToMessage() => new(
        JsonField.Transaction(TransactionId), JsonField.Encoded(AuthenticateServerResponse, "authenticateServerResponse", Sgp22Tags.AuthenticateServer));
}

/// <summary>JSON answer of authenticateClient (SGP.32 6.4.1.2). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="ProfileMetadata">BF25.</param>
/// <param name="SmdpSigned2">30.</param>
/// <param name="SmdpSignature2">5F37; some eIMs send raw r‖s.</param>
/// <param name="SmdpCertificate">30.</param>
/// <param name="HashCc">04; some eIMs send the raw hash.</param>
public sealed record AuthenticateClientResponseJson(
    FunctionResponseHeader? Header,
    string? TransactionId = null,
    ReadOnlyMemory<byte>? ProfileMetadata = null,
    ReadOnlyMemory<byte>? SmdpSigned2 = null,
    ReadOnlyMemory<byte>? SmdpSignature2 = null,
    ReadOnlyMemory<byte>? SmdpCertificate = null,
    ReadOnlyMemory<byte>? HashCc = null) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static AuthenticateClientResponseJson From(AuthenticateClientResponseEsipa response) => response switch
    {
        AuthenticateClientResponseEsipa.Failed failed => new(EsipaHeader.Failure(EsipaErrors.CodeOf(failed.Code))),
        AuthenticateClientResponseEsipa.Ok ok => new(
            FunctionResponseHeader.Success,
            ok.TransactionId?.ToString(),
            ok.ProfileMetadata,
            ok.SmdpSigned2,
            SignatureField.Encode(ok.SmdpSignature2),
            ok.SmdpCertificate,
            ok.HashCc is { } hash ? BerWriting.Encode(writer => writer.Octets(0x04, hash.Span)) : (ReadOnlyMemory<byte>?)null),
        _ => throw new ArgumentOutOfRangeException(nameof(response)),
    };

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public AuthenticateClientResponseEsipa ToMessage() => !this.IsSuccess()
        ? new AuthenticateClientResponseEsipa.Failed(EsipaErrors.AuthenticateClient(this.FailureCode()))
        : new AuthenticateClientResponseEsipa.Ok(
            JsonField.OptionalTransaction(TransactionId, "transactionId"),
            JsonField.OptionalEncoded(ProfileMetadata, "profileMetadata", Sgp22Tags.StoreMetadata),
            JsonField.Encoded(SmdpSigned2, "smdpSigned2", 0x30),
            JsonField.ValueOrEncoded(SmdpSignature2, "smdpSignature2", Sgp22Tags.Signature, 1, 128),
            JsonField.Encoded(SmdpCertificate, "smdpCertificate", 0x30),
            HashCc is null ? (ReadOnlyMemory<byte>?)null : JsonField.ValueOrEncoded(HashCc, "hashCc", 0x04, ConfirmationCodeHash.ByteLength, ConfirmationCodeHash.ByteLength));
}
