using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>JSON body of authenticateClient (SGP.22 6.5.2.8).</summary>
/// <param name="TransactionId">Hex.</param>
/// <param name="AuthenticateServerResponse">BF38.</param>
public sealed record AuthenticateClientRequestJson(string? TransactionId, ReadOnlyMemory<byte>? AuthenticateServerResponse)
{
    /// <summary>From the message.</summary>
    public static AuthenticateClientRequestJson From(AuthenticateClientRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.AuthenticateServerResponse);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public AuthenticateClientRequest ToMessage() => new(
        JsonField.Transaction(TransactionId), JsonField.Encoded(AuthenticateServerResponse, "authenticateServerResponse", Sgp22Tags.AuthenticateServer));
}

/// <summary>JSON answer of authenticateClient (SGP.22 6.5.2.8). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="ProfileMetadata">BF25.</param>
/// <param name="SmdpSigned2">30.</param>
/// <param name="SmdpSignature2">5F37.</param>
/// <param name="SmdpCertificate">30.</param>
public sealed record AuthenticateClientResponseJson(
    FunctionResponseHeader? Header,
    string? TransactionId = null,
    ReadOnlyMemory<byte>? ProfileMetadata = null,
    ReadOnlyMemory<byte>? SmdpSigned2 = null,
    ReadOnlyMemory<byte>? SmdpSignature2 = null,
    ReadOnlyMemory<byte>? SmdpCertificate = null) : IFunctionResponse
{
    /// <summary>The answer of success.</summary>
    public static AuthenticateClientResponseJson From(AuthenticateClientOk ok)
    {
        ArgumentNullException.ThrowIfNull(ok);
        return new(
            FunctionResponseHeader.Success,
            ok.TransactionId.ToString(),
            ok.ProfileMetadata,
            ok.SmdpSigned2,
            SignatureField.Encode(ok.SmdpSignature2),
            ok.SmdpCertificate);
    }

    /// <summary>The data of success.</summary>
    /// <exception cref="ProtocolException">The function failed, or a field is missing or malformed.</exception>
    public AuthenticateClientOk ToOk()
    {
        FunctionResponses.RequireSuccess(this);
        return new AuthenticateClientOk(
            JsonField.Transaction(TransactionId),
            JsonField.Encoded(ProfileMetadata, "profileMetadata", Sgp22Tags.StoreMetadata),
            JsonField.Encoded(SmdpSigned2, "smdpSigned2", 0x30),
            JsonField.Signature(SmdpSignature2, "smdpSignature2"),
            JsonField.Encoded(SmdpCertificate, "smdpCertificate", 0x30));
    }
}
