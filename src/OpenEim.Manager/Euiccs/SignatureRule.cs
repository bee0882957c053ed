
namespace OpenEim.Manager.Euiccs;

/// <summary>What an eUICC signs its results over; learned from the first one that verifies.</summary>
public enum SignatureRule
{
    /// <summary>No result yet.</summary>
    Unknown = 0,

    /// <summary>The signed data and the association token (SGP.32 v1.1 and later).</summary>
    AssociationToken = 1,

    /// <summary>The signed data and the eimSignature (SGP.32 up to v1.0).</summary>
    EimSignature = 2,
}
