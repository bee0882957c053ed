
namespace OpenEim.Manager.Euiccs;

/// <summary>Which version of SGP.32 a device speaks, as its messages show it. The numbers stand in the database.</summary>
public enum SpokenVersion
{
    /// <summary>Nothing has shown it yet.</summary>
    Unknown = 0,

    /// <summary>v1.0: no EID in BF50, no transaction id in BF52.</summary>
    V10 = 10,

    /// <summary>v1.1 or v1.2.</summary>
    V12 = 12,

    /// <summary>v1.3.</summary>
    V13 = 13,
}
