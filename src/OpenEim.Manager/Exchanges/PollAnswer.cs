
namespace OpenEim.Manager.Exchanges;

/// <summary>What a poll is answered with.</summary>
public enum PollAnswer
{
    /// <summary>There is nothing to do.</summary>
    Idle,

    /// <summary>A package; before it is looked for, that there may be one.</summary>
    Package,

    /// <summary>Nobody has registered this EID.</summary>
    Unknown,
}

/// <summary>Why something that a device brought was not believed.</summary>
internal enum Distrust
{
    /// <summary>It answers another eIM.</summary>
    OtherEim,

    /// <summary>The eUICC's certificate is not known yet, or is missing.</summary>
    UnknownKey,

    /// <summary>The signature does not verify.</summary>
    Signature,

    /// <summary>The counter is not that of the package.</summary>
    Counter,

    /// <summary>A certificate does not lead to a trusted CI, or is not this eUICC's.</summary>
    Certificate,

    /// <summary>It carries no signature that could be checked, or signs another transaction.</summary>
    Content,
}
