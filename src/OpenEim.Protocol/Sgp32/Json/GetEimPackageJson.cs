using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of getEimPackage (SGP.32 6.4.1.5).</summary>
/// <param name="EidValue">32 digits.</param>
/// <param name="NotifyStateChange">The eIM should refresh what it knows of the eUICC.</param>
/// <param name="StateChangeCause">Why, as a number.</param>
/// <param name="RPlmn">Three raw bytes.</param>
public sealed record GetEimPackageRequestJson(
    string? EidValue, bool? NotifyStateChange = null, int? StateChangeCause = null, ReadOnlyMemory<byte>? RPlmn = null)
{
    /// <summary>From the message.</summary>
    public static GetEimPackageRequestJson From(GetEimPackageRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(request.Eid.ToString(), request.NotifyStateChange ? true : null, (int?)request.Cause, request.Rplmn);
    }

    /// <summary>Reads the message.</summary>
    /// <returns>Why there is none: the EID is missing or invalid; null when there is one.</returns>
    /// <exception cref="ProtocolException">Another field is malformed.</exception>
    public GetEimPackageError? TryRead(out GetEimPackageRequest request)
    {
        var error = EsipaEid.TryRead(EidValue, out var eid);
        request = new GetEimPackageRequest(
            eid, NotifyStateChange ?? false, (StateChangeCause?)StateChangeCause, RPlmn is null ? (ReadOnlyMemory<byte>?)null : JsonField.Required(RPlmn, "rPlmn", 3));
        return error;
    }
}

/// <summary>JSON answer of getEimPackage (SGP.32 6.4.1.5): one package, or an error.</summary>
/// <param name="Header">How it went. noEimPackageAvailable is a failure too.</param>
/// <param name="EuiccPackageRequest">BF51.</param>
/// <param name="IpaEuiccDataRequest">BF52.</param>
/// <param name="ProfileDownloadTriggerRequest">BF54.</param>
/// <param name="EimPackageError">The number of the error. Some IPAs read this and not the header.</param>
public sealed record GetEimPackageResponseJson(
    FunctionResponseHeader? Header,
    ReadOnlyMemory<byte>? EuiccPackageRequest = null,
    ReadOnlyMemory<byte>? IpaEuiccDataRequest = null,
    ReadOnlyMemory<byte>? ProfileDownloadTriggerRequest = null,
    int? EimPackageError = null) : IFunctionResponse
{
    /// <summary>From the message.</summary>
    public static GetEimPackageResponseJson From(GetEimPackageResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var tag = response.PackageTag;
        return tag switch
        {
            Sgp32Tags.EuiccPackageRequest => new(FunctionResponseHeader.Success, EuiccPackageRequest: response.Package),
            Sgp32Tags.IpaEuiccData => new(FunctionResponseHeader.Success, IpaEuiccDataRequest: response.Package),
            Sgp32Tags.ProfileDownloadTriggerRequest => new(FunctionResponseHeader.Success, ProfileDownloadTriggerRequest: response.Package),
            _ => FromError(response.Error ?? GetEimPackageError.UndefinedError),
        };
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public GetEimPackageResponse ToMessage()
    {
        if (EimPackageError is { } error)
        {
            return new GetEimPackageResponse(null, (GetEimPackageError)error);
        }

        if (!this.IsSuccess())
        {
            return new GetEimPackageResponse(null, EsipaErrors.GetEimPackage(this.FailureCode()));
        }

        return new GetEimPackageResponse(
            EuiccPackageRequest is not null ? JsonField.Encoded(EuiccPackageRequest, "euiccPackageRequest", Sgp32Tags.EuiccPackageRequest)
            : IpaEuiccDataRequest is not null ? JsonField.Encoded(IpaEuiccDataRequest, "ipaEuiccDataRequest", Sgp32Tags.IpaEuiccData)
            : JsonField.Encoded(ProfileDownloadTriggerRequest, "profileDownloadTriggerRequest", Sgp32Tags.ProfileDownloadTriggerRequest));
    }

    private static GetEimPackageResponseJson FromError(GetEimPackageError error) =>
        new(EsipaHeader.Failure(EsipaErrors.CodeOf(error)), EimPackageError: (int)error);
}
