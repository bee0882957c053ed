namespace OpenEim.Manager.Queries;

/// <summary>What the REST API calls its numbers. Filters match these texts, so they stand beside the queries.</summary>
public static class Descriptions
{
    /// <summary>The kind of eUICC that takes operations.</summary>
    public const int IotProfileType = 5;

    /// <summary>The one status of eUICCs.</summary>
    public const int ActiveEuicc = 1;

    /// <summary>Of eUICCs.</summary>
    public static IReadOnlyDictionary<int, string> EuiccStatus { get; } = new SortedDictionary<int, string> { [ActiveEuicc] = "Active" };

    /// <summary>Of eUICCs: the kinds.</summary>
    public static IReadOnlyDictionary<int, string> SupportedProfileType { get; } = new SortedDictionary<int, string>
    {
        [1] = "UICC",
        [4] = "Consumer eUICC Profile",
        [IotProfileType] = "IoT eUICC Profile",
    };

    /// <summary>Of profiles.</summary>
    public static IReadOnlyDictionary<int, string> ProfileStatus { get; } = new SortedDictionary<int, string>
    {
        [1] = "Available",
        [2] = "Allocated",
        [3] = "Linked",
        [4] = "Confirmed",
        [5] = "Released",
        [6] = "Downloaded",
        [7] = "Installed",
        [8] = "Enabled",
        [9] = "Deleted",
        [10] = "Unknown",
    };

    /// <summary>Of profiles: the profile class of SGP.22.</summary>
    public static IReadOnlyDictionary<int, string> ProfileClass { get; } = new SortedDictionary<int, string>
    {
        [0] = "Test",
        [1] = "Provisioning",
        [2] = "Operational",
    };

    /// <summary>Of application tokens.</summary>
    public static IReadOnlyDictionary<int, string> ApplicationTokenStatus { get; } = new SortedDictionary<int, string>
    {
        [0] = "Activated",
        [1] = "Revoked",
    };

    /// <summary>Of operations: what they do.</summary>
    public static IReadOnlyDictionary<int, string> Action { get; } = new SortedDictionary<int, string>
    {
        [1] = "Audit eUICC",
        [2] = "Download profile",
        [3] = "Enable profile",
        [4] = "Set fallback attribute",
        [5] = "Delete profile",
        [6] = "Disable profile",
        [7] = "Unset fallback attribute",
    };

    /// <summary>Of operations: where they stand.</summary>
    public static IReadOnlyDictionary<int, string> OperationStatus { get; } = new SortedDictionary<int, string>
    {
        [1] = "Scheduled",
        [2] = "Succeeded",
        [3] = "Failed",
        [4] = "Expired",
        [5] = "Canceled",
    };
}
