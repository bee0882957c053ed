namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The protected parts of a bound profile package, in the order in which they come; the value is the tag (SGP.22 clause 2.5.4).</summary>
public enum BoundProfilePart
{
    /// <summary>ConfigureISDP, in segments 87.</summary>
    FirstSequenceOf87 = 0xA0,

    /// <summary>StoreMetadata, in segments 88.</summary>
    SequenceOf88 = 0xA1,

    /// <summary>ReplaceSessionKeys, in segments 87; may be left out.</summary>
    SecondSequenceOf87 = 0xA2,

    /// <summary>The profile package, in segments 86.</summary>
    SequenceOf86 = 0xA3,
}
