
namespace OpenEim.Manager.Euiccs;

/// <summary>What the eIM itself wants of a device, beside the operators' operations.</summary>
[Flags]
public enum EuiccTasks
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>First contact: ask for the certificates and data. Before that no result is believed.</summary>
    Identify = 1,

    /// <summary>Read the profile list: after first contact, or when the device says that its state has changed.</summary>
    Synchronise = 2,

    /// <summary>Ask for stored package results: a package has run whose result never came.</summary>
    FetchResults = 4,

    /// <summary>Ask for pending notifications: a download may have succeeded whose result never came.</summary>
    FetchNotifications = 8,

    /// <summary>Ask anew for what the device claims of itself: after an audit, or when an older claim would end a download.</summary>
    Refresh = 16,

    /// <summary>Read the profile list after all operations: the device says too often that its state has changed, and anybody may say so.</summary>
    SynchroniseLater = 32,
}
