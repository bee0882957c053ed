namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The kinds of protected segments; the value is the tag (SGP.22 clause 2.5.4).</summary>
public enum BspTag
{
    /// <summary>A piece of the profile package: encrypted, then MACed.</summary>
    ProfileElements = 0x86,

    /// <summary>A command of ES8+: encrypted, then MACed.</summary>
    Command = 0x87,

    /// <summary>Profile metadata: in the clear, MACed.</summary>
    Metadata = 0x88,
}
