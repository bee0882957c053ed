namespace OpenEim.Manager.Organisations;

/// <summary>What a member may do, within its own organisation.</summary>
public enum Role
{
    /// <summary>Everything.</summary>
    Administrator = 1,

    /// <summary>Devices and operations.</summary>
    User = 2,

    /// <summary>Reads only.</summary>
    Observer = 3,
}
