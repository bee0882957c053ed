using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>JSON body of initiateAuthentication (SGP.22 6.5.2.6).</summary>
/// <param name="EuiccChallenge">The 16 raw bytes.</param>
/// <param name="EuiccInfo1">BF20.</param>
/// <param name="SmdpAddress">The address under which the device reached the SM-DP+.</param>
public sealed record InitiateAuthenticationRequestJson(ReadOnlyMemory<byte>? EuiccChallenge, ReadOnlyMemory<byte>? EuiccInfo1, string? SmdpAddress)
{
    /// <summary>From the message.</summary>
    public static InitiateAuthenticationRequestJson From(InitiateAuthenticationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.EuiccChallenge, request.EuiccInfo1, request.SmdpAddress);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public InitiateAuthenticationRequest ToMessage() => new(
        JsonField.Required(EuiccChallenge, "euiccChallenge", 16),
        JsonField.Required(SmdpAddress, "smdpAddress", 255),
        JsonField.Encoded(EuiccInfo1, "euiccInfo1", Sgp22Tags.EuiccInfo1));
}

/// <summary>JSON answer of initiateAuthentication (SGP.22 6.5.2.6). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="ServerSigned1">30.</param>
/// <param name="ServerSignature1">5F37.</param>
/// <param name="EuiccCiPKIdToBeUsed">04.</param>
/// <param name="ServerCertificate">30.</param>
public sealed record InitiateAuthenticationResponseJson(
    FunctionResponseHeader? Header,
    string? TransactionId = null,
    ReadOnlyMemory<byte>? ServerSigned1 = null,
    ReadOnlyMemory<byte>? ServerSignature1 = null,
    ReadOnlyMemory<byte>? EuiccCiPKIdToBeUsed = null,
    ReadOnlyMemory<byte>? ServerCertificate = null) : IFunctionResponse
{
    /// <summary>The answer of success.</summary>
    public static InitiateAuthenticationResponseJson From(InitiateAuthenticationOk ok)
    {
        ArgumentNullException.ThrowIfNull(ok);
        return new(
            FunctionResponseHeader.Success,
            ok.TransactionId.ToString(),
            ok.ServerSigned1,
            SignatureField.Encode(ok.ServerSignature1),
            BerWriting.Encode(writer => writer.Octets(0x04, ok.CiKeyId.Span)),
            ok.ServerCertificate);
    }

    /// <summary>The data of success.</summary>
    /// <exception cref="ProtocolException">The function failed, or a field is missing or malformed.</exception>
    public InitiateAuthenticationOk ToOk()
    {
        FunctionResponses.RequireSuccess(this);
        var keyId = new BerReader(JsonField.Encoded(EuiccCiPKIdToBeUsed, "euiccCiPKIdToBeUsed", 0x04));
        return new InitiateAuthenticationOk(
            JsonField.Transaction(TransactionId),
            JsonField.Encoded(ServerSigned1, "serverSigned1", 0x30),
            JsonField.Signature(ServerSignature1, "serverSignature1"),
            keyId.ReadValue(0x04, 1, 64),
            JsonField.Encoded(ServerCertificate, "serverCertificate", 0x30));
    }
}
