namespace OpenEim.Manager.Smdps;

/// <summary>Why an SM-DP+ could not be asked, with the numbers of docs/error-reasons.md.</summary>
public enum SmdpTrouble
{
    /// <summary>No connection, or an HTTP error.</summary>
    Unreachable = 7101,

    /// <summary>No answer in time.</summary>
    TimedOut = 7102,

    /// <summary>TLS failed: no certificate of a trusted CI for this host.</summary>
    NotTrusted = 7103,

    /// <summary>The answer is not what the standard says, or too long.</summary>
    Malformed = 7104,

    /// <summary>It is not one that this eIM calls: the name is unknown, not allowed, or leads into a network that is not public.</summary>
    OutOfReach = 7108,
}
