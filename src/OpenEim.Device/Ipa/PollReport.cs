namespace OpenEim.Device.Ipa;

/// <summary>How a poll ended.</summary>
public enum PollOutcome
{
    /// <summary>The eIM has nothing more: the ordinary end.</summary>
    Idle,

    /// <summary>The device is off: nothing was done.</summary>
    Off,

    /// <summary>The card has no eIM that can be polled.</summary>
    NoEim,

    /// <summary>The eIM does not know this eUICC, or refuses for another reason of its own.</summary>
    Refused,

    /// <summary>There is no network.</summary>
    NoNetwork,

    /// <summary>There is a network, but the eIM was not reached, or is not the one that the card trusts.</summary>
    Unreachable,

    /// <summary>What the eIM answered made no sense.</summary>
    Malformed,

    /// <summary>The card refused a command.</summary>
    CardFailed,

    /// <summary>The device lost its power on the way.</summary>
    PowerLost,
}

/// <summary>What a poll did.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Packages">How many packages, of any kind, the eIM gave.</param>
public sealed record PollReport(PollOutcome Outcome, int Packages = 0);
