using System.Buffers.Binary;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of provideEimPackageResult (SGP.32 6.4.1.6).</summary>
/// <param name="EidValue">32 digits; some IPAs leave it out.</param>
/// <param name="EimPackageResult">BF51, BF52, BF54, 30 or A0; some IPAs send the whole BF50.</param>
/// <param name="ProvideEimPackageResult">BF50, in the form that other IPAs send.</param>
public sealed record ProvideEimPackageResultRequestJson(
    string? EidValue, ReadOnlyMemory<byte>? EimPackageResult = null, ReadOnlyMemory<byte>? ProvideEimPackageResult = null)
{
    /// <summary>From the message.</summary>
    public static ProvideEimPackageResultRequestJson From(ProvideEimPackageResult request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Eid?.ToString(), request.Result.Encode());
    }

    /// <summary>Reads the message.</summary>
    /// <returns>Why there is none: the EID is invalid; null when there is one.</returns>
    /// <exception cref="ProtocolException">The result is missing or malformed.</exception>
    public ProvideEimPackageResultError? TryRead(out ProvideEimPackageResult request)
    {
        var result = JsonField.Required(EimPackageResult ?? ProvideEimPackageResult, "eimPackageResult");
        request = result.Length > 1 && BinaryPrimitives.ReadUInt16BigEndian(result.Span) == Sgp32Tags.ProvideEimPackageResult
            ? BerMessage.Decode<ProvideEimPackageResult>(result)
            : new ProvideEimPackageResult(null, BerMessage.Decode<EimPackageResult>(result));
        if (EidValue is null)
        {
            return null;
        }

        var error = EsipaEid.TryRead(EidValue, out var eid);
        request = request with { Eid = eid };
        return (ProvideEimPackageResultError?)(int?)error;
    }
}

/// <summary>JSON answer of provideEimPackageResult (SGP.32 6.4.1.6).</summary>
/// <param name="Header">How it went.</param>
/// <param name="EimAcknowledgements">BF53; left out where there is nothing to acknowledge.</param>
/// <param name="EimPackageError">The number of the error, beside the header.</param>
public sealed record ProvideEimPackageResultResponseJson(
    FunctionResponseHeader? Header, ReadOnlyMemory<byte>? EimAcknowledgements = null, int? EimPackageError = null) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static ProvideEimPackageResultResponseJson From(ProvideEimPackageResultResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return response.Error is { } error
            ? new(EsipaHeader.Failure(EsipaErrors.CodeOf((GetEimPackageError)(int)error)), EimPackageError: (int)error)
            : new(FunctionResponseHeader.Success, response.Acknowledgements is { } acknowledgements ? acknowledgements.Encode() : (ReadOnlyMemory<byte>?)null);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public ProvideEimPackageResultResponse ToMessage()
    {
        if (EimPackageError is { } error)
        {
            return new ProvideEimPackageResultResponse(null, (ProvideEimPackageResultError)error);
        }

        return this.IsSuccess()
            ? new ProvideEimPackageResultResponse(EimAcknowledgements is { } known ? BerMessage.Decode<EimAcknowledgements>(known) : null)
            : new ProvideEimPackageResultResponse(null, (ProvideEimPackageResultError)(int)EsipaErrors.GetEimPackage(this.FailureCode()));
    }
}
