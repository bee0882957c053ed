using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>The outcome of a chain check: which rule was broken, in one sentence, and whose certificate it is when none was.</summary>
/// <param name="Error">The broken rule, or <see cref="ChainError.None"/>.</param>
/// <param name="Reason">The sentence for the log; empty when the chain is believed.</param>
public sealed record ChainResult(ChainError Error, string Reason)
{
    /// <summary>Whether the chain is believed.</summary>
    public bool IsTrusted => Error == ChainError.None;

    /// <summary>The believed eUICC's EID; null for other certificates and when the chain is not believed.</summary>
    public Eid? Eid { get; init; }

    /// <summary>The believed key; null when the chain is not believed.</summary>
    public EcPublicKey? PublicKey { get; init; }

    internal static ChainResult Trusted(EcPublicKey key, Eid? eid = null) => new(ChainError.None, "") { PublicKey = key, Eid = eid };
}
