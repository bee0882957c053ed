using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of initiateAuthentication (SGP.32 6.4.1.1).</summary>
/// <param name="EuiccChallenge">The 16 raw bytes.</param>
/// <param name="EuiccInfo1">BF20; may be left out where the eIM knows it.</param>
/// <param name="SmdpAddress">The SM-DP+; may be left out where the eIM knows it.</param>
/// <param name="EimTransactionId">Hex: the transaction of the download trigger.</param>
public sealed record InitiateAuthenticationRequestJson(
    ReadOnlyMemory<byte>? EuiccChallenge, ReadOnlyMemory<byte>? EuiccInfo1 = null, string? SmdpAddress = null, string? EimTransactionId = null)
{
    /// <summary>From the message.</summary>
    public static InitiateAuthenticationRequestJson From(InitiateAuthenticationRequestEsipa request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.EuiccChallenge, request.EuiccInfo1, request.SmdpAddress, request.TransactionId?.ToString());
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public InitiateAuthenticationRequestEsipa ToMessage() => new(
        JsonField.Required(EuiccChallenge, "euiccChallenge", 16),
        SmdpAddress is null ? null : JsonField.Required(SmdpAddress, "smdpAddress", 255),
        JsonField.OptionalEncoded(EuiccInfo1, "euiccInfo1", Sgp22Tags.EuiccInfo1),
        JsonField.OptionalTransaction(EimTransactionId, "eimTransactionId"));
}

/// <summary>JSON answer of initiateAuthentication (SGP.32 6.4.1.1). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="ServerSigned1">30.</param>
/// <param name="ServerSignature1">5F37; some eIMs send raw r‖s.</param>
/// <param name="EuiccCiPKIdentifierToBeUsed">04; some eIMs send the raw identifier.</param>
/// <param name="ServerCertificate">30.</param>
/// <param name="MatchingId">As text.</param>
/// <param name="CtxParams1">A0.</param>
public sealed record InitiateAuthenticationResponseJson(
    FunctionResponseHeader? Header,
    string? TransactionId = null,
    ReadOnlyMemory<byte>? ServerSigned1 = null,
    ReadOnlyMemory<byte>? ServerSignature1 = null,
    ReadOnlyMemory<byte>? EuiccCiPKIdentifierToBeUsed = null,
    ReadOnlyMemory<byte>? ServerCertificate = null,
    string? MatchingId = null,
    ReadOnlyMemory<byte>? CtxParams1 = null) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static InitiateAuthenticationResponseJson From(InitiateAuthenticationResponseEsipa response) => response switch
    {
        InitiateAuthenticationResponseEsipa.Failed failed => new(EsipaHeader.Failure(EsipaErrors.CodeOf(failed.Code))),
        InitiateAuthenticationResponseEsipa.Ok ok => new(
            FunctionResponseHeader.Success,
            ok.TransactionId?.ToString(),
            ok.ServerSigned1,
            SignatureField.Encode(ok.ServerSignature1),
            BerWriting.Encode(writer => writer.Octets(0x04, ok.CiKeyId.Span)),
            ok.ServerCertificate,
            ok.MatchingId,
            ok.CtxParams1),
        _ => throw new ArgumentOutOfRangeException(nameof(response)),
    };

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public InitiateAuthenticationResponseEsipa ToMessage() => !this.IsSuccess()
        ? new InitiateAuthenticationResponseEsipa.Failed(EsipaErrors.InitiateAuthentication(this.FailureCode()))
        : new InitiateAuthenticationResponseEsipa.Ok(
            JsonField.OptionalTransaction(TransactionId, "transactionId"),
            JsonField.Encoded(ServerSigned1, "serverSigned1", 0x30),
            JsonField.ValueOrEncoded(ServerSignature1, "serverSignature1", Sgp22Tags.Signature, 1, 128),
            JsonField.ValueOrEncoded(EuiccCiPKIdentifierToBeUsed, "euiccCiPKIdentifierToBeUsed", 0x04, 1, 64),
            JsonField.Encoded(ServerCertificate, "serverCertificate", 0x30))
        {
            MatchingId = MatchingId is null ? null : JsonField.Required(MatchingId, "matchingId", 255),
            CtxParams1 = JsonField.OptionalEncoded(CtxParams1, "ctxParams1", 0xA0),
        };
}
