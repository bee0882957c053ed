namespace OpenEim.Smdp.Orders;

/// <summary>The life of a profile at the SM-DP+ (SGP.22 3.1.6); the values stand in the database.</summary>
public enum StockState
{
    /// <summary>In stock, for nobody.</summary>
    Available = 1,

    /// <summary>Reserved by downloadOrder, for no eUICC yet.</summary>
    Allocated = 2,

    /// <summary>Reserved by downloadOrder for an eUICC.</summary>
    Linked = 3,

    /// <summary>confirmOrder was done; not yet to be downloaded.</summary>
    Confirmed = 4,

    /// <summary>May be downloaded.</summary>
    Released = 5,

    /// <summary>A package has left, bound to one eUICC; its result is awaited.</summary>
    Downloaded = 6,

    /// <summary>The eUICC reported that it is installed.</summary>
    Installed = 7,

    /// <summary>The download ended without an installed profile.</summary>
    Error = 8,

    /// <summary>Cancelled for good.</summary>
    Unavailable = 9,

    /// <summary>It was installed, and the eUICC reported that it has deleted it.</summary>
    Deleted = 10,
}
