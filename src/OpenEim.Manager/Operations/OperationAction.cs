
namespace OpenEim.Manager.Operations;

/// <summary>What an operation does, with the numbers of the REST API.</summary>
public enum OperationAction
{
    /// <summary>Read the profile list and the eUICC's data, and reconcile ours.</summary>
    Audit = 1,

    /// <summary>Download a profile.</summary>
    Download = 2,

    /// <summary>Enable a profile.</summary>
    Enable = 3,

    /// <summary>Make a profile the fallback.</summary>
    SetFallback = 4,

    /// <summary>Delete a profile.</summary>
    Delete = 5,

    /// <summary>Disable a profile.</summary>
    Disable = 6,

    /// <summary>Let no profile be the fallback.</summary>
    UnsetFallback = 7,
}

/// <summary>Where an operation stands, with the numbers of the REST API. All but the first are final.</summary>
public enum OperationStatus
{
    /// <summary>Waits for its turn, for the device, or for the device's result.</summary>
    Scheduled = 1,

    /// <summary>The eUICC has signed that it is done.</summary>
    Succeeded = 2,

    /// <summary>Failed; the error says why.</summary>
    Failed = 3,

    /// <summary>Was not delivered in time.</summary>
    Expired = 4,

    /// <summary>Withdrawn before it was delivered.</summary>
    Canceled = 5,
}
