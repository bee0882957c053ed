
namespace OpenEim.Manager.Euiccs;

/// <summary>A profile's status, with the numbers of the REST API.</summary>
public enum ProfileStatus
{
    /// <summary>On the SM-DP+, linked to nobody.</summary>
    Available = 1,

    /// <summary>Reserved, no EID yet.</summary>
    Allocated = 2,

    /// <summary>EID given.</summary>
    Linked = 3,

    /// <summary>Confirmed; on its way to Released.</summary>
    Confirmed = 4,

    /// <summary>Ready to download.</summary>
    Released = 5,

    /// <summary>Left the server; the final notification is awaited.</summary>
    Downloaded = 6,

    /// <summary>On the eUICC, not active.</summary>
    Installed = 7,

    /// <summary>On the eUICC, active.</summary>
    Enabled = 8,

    /// <summary>Was on the eUICC.</summary>
    Deleted = 9,

    /// <summary>Not known.</summary>
    Unknown = 10,
}
