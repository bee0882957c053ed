namespace OpenEim.Device.Euicc;

/// <summary>Where a test may cut the card's power.</summary>
public enum PowerFailurePoint
{
    /// <summary>The command has been worked out; nothing of it is in non-volatile memory yet.</summary>
    BeforeWrite = 0,

    /// <summary>Everything is in non-volatile memory; the answer has not left the card.</summary>
    AfterWrite = 1,
}
