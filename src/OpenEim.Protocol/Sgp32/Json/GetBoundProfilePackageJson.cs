using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of getBoundProfilePackage (SGP.32 6.4.1.3).</summary>
/// <param name="TransactionId">Hex: the SM-DP+'s transaction.</param>
/// <param name="PrepareDownloadResponse">BF21.</param>
public sealed record GetBoundProfilePackageRequestJson(string? TransactionId, ReadOnlyMemory<byte>? PrepareDownloadResponse)
{
    /// <summary>From the message.</summary>
    public static GetBoundProfilePackageRequestJson From(GetBoundProfilePackageRequestEsipa request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.PrepareDownloadResponse);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public GetBoundProfilePackageRequestEsipa ToMessage() => new(
        JsonField.Transaction(TransactionId), JsonField.Encoded(PrepareDownloadResponse, "prepareDownloadResponse", Sgp22Tags.PrepareDownload));
}

/// <summary>JSON answer of getBoundProfilePackage (SGP.32 6.4.1.3). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="BoundProfilePackage">BF36.</param>
public sealed record GetBoundProfilePackageResponseJson(
    FunctionResponseHeader? Header, string? TransactionId = null, ReadOnlyMemory<byte>? BoundProfilePackage = null) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static GetBoundProfilePackageResponseJson From(GetBoundProfilePackageResponseEsipa response) => response switch
    {
        GetBoundProfilePackageResponseEsipa.Failed failed => new(EsipaHeader.Failure(EsipaErrors.CodeOf(failed.Code))),
        GetBoundProfilePackageResponseEsipa.Ok ok => new(FunctionResponseHeader.Success, ok.TransactionId?.ToString(), ok.BoundProfilePackage),
        _ => throw new ArgumentOutOfRangeException(nameof(response)),
    };

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public GetBoundProfilePackageResponseEsipa ToMessage() => !this.IsSuccess()
        ? new GetBoundProfilePackageResponseEsipa.Failed(EsipaErrors.GetBoundProfilePackage(this.FailureCode()))
        : new GetBoundProfilePackageResponseEsipa.Ok(
            JsonField.OptionalTransaction(TransactionId, "transactionId"),
            JsonField.Encoded(BoundProfilePackage, "boundProfilePackage", Sgp22Tags.BoundProfilePackage));
}
