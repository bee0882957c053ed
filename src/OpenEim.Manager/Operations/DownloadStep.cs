
namespace OpenEim.Manager.Operations;

/// <summary>The exchanges of a download operation, as they stand in its column <c>step</c>.</summary>
internal static class DownloadStep
{
    /// <summary>The trigger is to be sent, or its result is awaited.</summary>
    public const int Trigger = 0;

    /// <summary>The profile is there and is to be enabled.</summary>
    public const int Enable = 1;

    /// <summary>A failure was reported that may be the echo of an earlier success: notifications and the profile list are read first.</summary>
    public const int Check = 2;
}
