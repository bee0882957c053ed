namespace OpenEim.Protocol.Security.Bsp;

/// <summary>Why a protected segment is refused. On the card all but <see cref="Mac"/> are bspStructureError (7) of SGP.22 ErrorReason, and that one is bspSecurityError (8).</summary>
public enum BspError
{
    /// <summary>The segment is accepted.</summary>
    None,

    /// <summary>The segment is not a TLV, or its plaintext is not padded or coded as it must be.</summary>
    Structure,

    /// <summary>The segment has another tag than its place allows, or a part of the package comes in the wrong order.</summary>
    OutOfOrder,

    /// <summary>The segment is longer than <see cref="BspSession.MaxReceivedSegment"/>, too short, or not of whole blocks.</summary>
    Size,

    /// <summary>The MAC is wrong: tampered with, foreign, replayed, left out or reordered.</summary>
    Mac,
}
