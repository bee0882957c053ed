using System.Globalization;
using System.Text.Json.Serialization;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>The steps of a download of which an operator hears (SGP.22 5.3.5).</summary>
public enum NotificationPoint
{
    /// <summary>The eUICC's eligibility and the number of tries were checked.</summary>
    EligibilityCheck = 1,

    /// <summary>The confirmation code was wrong, or the end user refused.</summary>
    ConfirmationFailure = 2,

    /// <summary>The package was delivered.</summary>
    BppDownload = 3,

    /// <summary>The eUICC reported the installation.</summary>
    BppInstallation = 4,
}

/// <summary>ES2+ HandleDownloadProgressInfo (SGP.22 5.3.5), from the SM-DP+ to the operator. The answer is 204 without a body.</summary>
/// <param name="Header">Who tells.</param>
/// <param name="Iccid">The profile.</param>
/// <param name="ProfileType">Its type.</param>
/// <param name="Timestamp">When it happened; sent in UTC, in whole seconds.</param>
/// <param name="NotificationPointId">Which step.</param>
/// <param name="NotificationPointStatus">How it ended.</param>
/// <param name="Eid">The eUICC, where known.</param>
/// <param name="ResultData">The eUICC's signed installation result, at the last step.</param>
public sealed record HandleDownloadProgressInfoRequest(
    FunctionRequestHeader Header,
    Iccid Iccid,
    string ProfileType,
    DateTimeOffset Timestamp,
    NotificationPoint NotificationPointId,
    FunctionExecutionStatus NotificationPointStatus,
    Eid? Eid = null,
    ReadOnlyMemory<byte>? ResultData = null);

/// <summary>JSON body of handleDownloadProgressInfo (SGP.22 6.5.2.5).</summary>
public sealed record HandleDownloadProgressInfoRequestJson(
    FunctionRequestHeader? Header,
    string? Eid = null,
    string? Iccid = null,
    string? ProfileType = null,
    string? Timestamp = null,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] int? NotificationPointId = null,
    FunctionExecutionStatus? NotificationPointStatus = null,
    ReadOnlyMemory<byte>? ResultData = null)
{
    /// <summary>From the request.</summary>
    public static HandleDownloadProgressInfoRequestJson From(HandleDownloadProgressInfoRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(
            request.Header,
            request.Eid?.ToString(),
            Es2PlusField.Write(request.Iccid),
            request.ProfileType,
            request.Timestamp.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            (int)request.NotificationPointId,
            request.NotificationPointStatus,
            request.ResultData);
    }

    /// <summary>The request.</summary>
    /// <exception cref="ProtocolException">A field is missing or malformed.</exception>
    public HandleDownloadProgressInfoRequest ToRequest() => new(
        Es2PlusField.Header(Header),
        Es2PlusField.RequiredIccid(Iccid),
        JsonField.Required(ProfileType, "profileType", Es2PlusField.MaxTextLength),
        ReadTimestamp(),
        (NotificationPoint)(NotificationPointId ?? throw new ProtocolException("notificationPointId is missing")),
        JsonField.Required(NotificationPointStatus, "notificationPointStatus"),
        Es2PlusField.OptionalEid(Eid),
        ResultData);

    private DateTimeOffset ReadTimestamp() =>
        DateTimeOffset.TryParse(
            JsonField.Required(Timestamp, "timestamp", 64), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var timestamp)
            ? timestamp
            : throw new ProtocolException("timestamp is not a W3C date and time");
}
