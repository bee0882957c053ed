using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>JSON body of getBoundProfilePackage (SGP.22 6.5.2.7).</summary>
/// <param name="TransactionId">Hex.</param>
/// <param name="PrepareDownloadResponse">BF21.</param>
public sealed record GetBoundProfilePackageRequestJson(string? TransactionId, ReadOnlyMemory<byte>? PrepareDownloadResponse)
{
    /// <summary>From the message.</summary>
    public static GetBoundProfilePackageRequestJson From(GetBoundProfilePackageRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.TransactionId.ToString(), request.PrepareDownloadResponse);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public GetBoundProfilePackageRequest ToMessage() => new(
        JsonField.Transaction(TransactionId), JsonField.Encoded(PrepareDownloadResponse, "prepareDownloadResponse", Sgp22Tags.PrepareDownload));
}

/// <summary>JSON answer of getBoundProfilePackage (SGP.22 6.5.2.7). On failure only the header is there.</summary>
/// <param name="Header">How it went.</param>
/// <param name="TransactionId">Hex.</param>
/// <param name="BoundProfilePackage">BF36.</param>
public sealed record GetBoundProfilePackageResponseJson(
    FunctionResponseHeader? Header, string? TransactionId = null, ReadOnlyMemory<byte>? BoundProfilePackage = null) : IFunctionResponse
{
    /// <summary>The answer of success.</summary>
    public static GetBoundProfilePackageResponseJson From(GetBoundProfilePackageOk ok)
    {
        ArgumentNullException.ThrowIfNull(ok);
        return new(FunctionResponseHeader.Success, ok.TransactionId.ToString(), ok.BoundProfilePackage);
    }

    /// <summary>The data of success.</summary>
    /// <exception cref="ProtocolException">The function failed, or a field is missing or malformed.</exception>
    public GetBoundProfilePackageOk ToOk()
    {
        FunctionResponses.RequireSuccess(this);
        return new GetBoundProfilePackageOk(
            JsonField.Transaction(TransactionId), JsonField.Encoded(BoundProfilePackage, "boundProfilePackage", Sgp22Tags.BoundProfilePackage));
    }
}
