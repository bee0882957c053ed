using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>JSON body of handleNotification (SGP.32 6.4.1.7): one of the two fields. The answer is 204 without a body.</summary>
/// <param name="PendingNotification">BF37 or 30.</param>
/// <param name="ProvideEimPackageResult">BF50: a whole result.</param>
public sealed record HandleNotificationRequestJson(
    ReadOnlyMemory<byte>? PendingNotification = null, ReadOnlyMemory<byte>? ProvideEimPackageResult = null)
{
    /// <summary>From the message.</summary>
    public static HandleNotificationRequestJson From(HandleNotification request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Result is { } result ? new(ProvideEimPackageResult: result.Encode()) : new(request.Notification?.Encoded);
    }

    /// <summary>The message.</summary>
    /// <exception cref="ProtocolException">Neither field is there, or it is malformed.</exception>
    public HandleNotification ToMessage() => ProvideEimPackageResult is { } result
        ? new HandleNotification(null, BerMessage.Decode<ProvideEimPackageResult>(result))
        : new HandleNotification(BerMessage.Decode<PendingNotification>(JsonField.Required(PendingNotification, "pendingNotification")));
}
