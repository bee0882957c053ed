using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of cancelSession (SGP.32 6.4.1.8).</summary>
/// <param name="TransactionId">Hex: the SM-DP+'s transaction.</param>
/// <param name="CancelSessionResponse">BF41.</param>
public sealed record CancelSessionRequestJson(string? TransactionId, ReadOnlyMemory<byte>? CancelSessionResponse)
{
    /// <summary>From the message.</summary>
    public static CancelSessionRequestJson From(CancelSessionRequestEsipa request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.CancelSessionResponse.Encode());
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public CancelSessionRequestEsipa ToMessage() => new(
        JsonField.Transaction(TransactionId),
        BerMessage.Decode<CancelSessionResponse>(JsonField.Required(CancelSessionResponse, "cancelSessionResponse")));
}

/// <summary>JSON answer of cancelSession (SGP.32 6.4.1.8).</summary>
/// <param name="Header">How it went.</param>
public sealed record CancelSessionResponseJson(FunctionResponseHeader? Header) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static CancelSessionResponseJson From(CancelSessionResponseEsipa response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return new(response.Error is { } error ? EsipaHeader.Failure(EsipaErrors.CodeOf(error)) : FunctionResponseHeader.Success);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">The header is missing or malformed.</exception>
    public CancelSessionResponseEsipa ToMessage() => new(this.IsSuccess() ? null : EsipaErrors.CancelSession(this.FailureCode()));
}
