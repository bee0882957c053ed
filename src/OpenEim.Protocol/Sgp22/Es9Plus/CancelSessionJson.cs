using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>JSON body of cancelSession (SGP.22 6.5.2.10).</summary>
/// <param name="TransactionId">Hex.</param>
/// <param name="CancelSessionResponse">BF41.</param>
public sealed record CancelSessionRequestJson(string? TransactionId, ReadOnlyMemory<byte>? CancelSessionResponse)
{
    /// <summary>From the message.</summary>
    public static CancelSessionRequestJson From(CancelSessionRequestEs9 request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.CancelSessionResponse.Encode());
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public CancelSessionRequestEs9 ToMessage() => new(
        JsonField.Transaction(TransactionId),
        BerMessage.Decode<CancelSessionResponse>(JsonField.Required(CancelSessionResponse, "cancelSessionResponse")));
}

/// <summary>JSON answer of cancelSession (SGP.22 6.5.2.10).</summary>
/// <param name="Header">How it went.</param>
public sealed record CancelSessionResponseJson(FunctionResponseHeader? Header) : IFunctionResponse;
