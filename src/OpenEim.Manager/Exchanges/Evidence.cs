using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Exchanges;

/// <summary>Why a part of a message is not believed.</summary>
/// <param name="Why">For the metrics.</param>
/// <param name="Part">Its kind, for the metrics.</param>
/// <param name="Sentence">For the log.</param>
internal sealed record Refusal(Distrust Why, string Part, string Sentence);

/// <summary>How a result's signature verifies.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Token">The association token, by the newer rule.</param>
internal readonly record struct ResultProof(SignatureRule Rule, long? Token);

/// <summary>Which parts of one message the eUICC has signed. It is found before the eUICC's row is locked, and holds while the row has the same key and token.</summary>
/// <param name="keys">The row's key and token.</param>
internal sealed class Evidence(EuiccKeys keys)
{
    // By reference: two equal parts of a message are checked one by one.
    private readonly Dictionary<object, ResultProof> _verified = new(ReferenceEqualityComparer.Instance);

    /// <summary>The row's key and token.</summary>
    public EuiccKeys Keys => keys;

    /// <summary>The key that the message's own certificates prove to be this eUICC's.</summary>
    public EcPublicKey? ProvedKey { get; set; }

    /// <summary>Why the message's certificates are not believed.</summary>
    public string? CertificatesRefused { get; set; }

    /// <summary>What is not believed, in the order of the checks. After a signature that does not verify the rest of its list is not looked at.</summary>
    public List<Refusal> Refusals { get; } = [];

    /// <summary>How many parts were not looked at.</summary>
    public int Skipped { get; set; }

    /// <summary>Whether the message, though it proves nothing, answers an exchange that is still open and is not held back.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Whether anything may follow from the message. If not, nobody needs to lock the eUICC's row for it.</summary>
    public bool Matters => _verified.Count > 0 || IsAwaited;

    /// <summary>Whether the eUICC has signed any part.</summary>
    public bool ProvesAnything => _verified.Count > 0;

    /// <summary>How the result's signature verifies; null when it does not.</summary>
    public ResultProof? ProofOf(SignedPackageResult result) => _verified.TryGetValue(result, out var proof) ? proof : null;

    /// <summary>Whether the eUICC has signed the notification.</summary>
    public bool Proves(PendingNotification notification) => _verified.ContainsKey(notification);

    /// <summary>What the eUICC has signed and nobody can read, each with the tag of the part that it stands in. A notification without a number is kept whole.</summary>
    public IReadOnlyList<(uint Message, UnreadableValue Value)> Unreadable()
    {
        List<(uint, UnreadableValue)>? found = null;
        foreach (var part in _verified.Keys)
        {
            var tag = part switch
            {
                EuiccPackageResult => 0xBF51u,
                ProfileInstallationResult => 0xBF37u,
                _ => 0x30u,
            };
            foreach (var value in part is EuiccPackageResult result ? result.Unreadable : ((PendingNotification)part).Unreadable)
            {
                (found ??= []).Add((tag, value));
            }

            if (part is PendingNotification { Metadata.SequenceNumber: null } notification)
            {
                (found ??= []).Add((tag, new UnreadableValue(tag, notification.Encoded, "the notification has no sequence number that can be read")));
            }
        }

        return found ?? [];
    }

    /// <summary>Whether a result is signed by v1.0's rule.</summary>
    public bool HasOldSignature { get; private set; }

    public void Add(SignedPackageResult result, ResultProof proof)
    {
        _verified[result] = proof;
        HasOldSignature |= proof.Rule == SignatureRule.EimSignature;
    }

    public void Add(PendingNotification notification) => _verified[notification] = default;

    /// <summary>Whether the locked row still has the key and the token of the checks.</summary>
    public bool StillHolds(LockedEuicc euicc) =>
        euicc.AssociationToken == keys.AssociationToken && euicc.PublicKey.AsSpan().SequenceEqual(keys.PublicKey);
}
