using System.Collections.Concurrent;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>What a signature was checked with; it holds as long as the eUICC's row says the same.</summary>
/// <param name="PublicKey">SubjectPublicKeyInfo.</param>
/// <param name="AssociationToken">The token, where one is configured.</param>
/// <param name="Rule">The rule that fits; null when the signature does not verify.</param>
internal sealed record ResultVerification(byte[] PublicKey, long? AssociationToken, SignatureRule? Rule)
{
    public bool StillHolds(LockedEuicc euicc) =>
        euicc.PublicKey is { } key && key.AsSpan().SequenceEqual(PublicKey) && euicc.AssociationToken == AssociationToken;
}

/// <summary>Checks the eUICC's signature on a package result, over the bytes received.</summary>
internal static class ResultVerifier
{
    private const int MaxKeys = 20_000;

    // Parsed keys by their own bytes: nothing here can be out of date.
    private static readonly ConcurrentDictionary<string, EcPublicKey> Keys = new(StringComparer.Ordinal);

    /// <summary>Tries the rule of SGP.32 v1.1 and later, then that of v1.0.</summary>
    /// <param name="publicKey">SubjectPublicKeyInfo of the verified CERT.EUICC.</param>
    /// <param name="token">The association token.</param>
    /// <param name="request">The package's exact bytes, for the older rule; null when it is not known.</param>
    /// <param name="result">The result as received.</param>
    public static ResultVerification Verify(byte[] publicKey, long? token, byte[]? request, SignedPackageResult result)
    {
        var key = KeyOf(publicKey);
        if (key.Verify(PackageSignature.Input(result.SignedData.Span, token), result.Signature.Span))
        {
            return new ResultVerification(publicKey, token, SignatureRule.AssociationToken);
        }

        var eimSignature = request is null ? default : BerMessage.Decode<EuiccPackageRequest>(request).Signature;
        return !eimSignature.IsEmpty && key.Verify(PackageSignature.InputV10(result.SignedData.Span, eimSignature.Span), result.Signature.Span)
            ? new ResultVerification(publicKey, token, SignatureRule.EimSignature)
            : new ResultVerification(publicKey, token, null);
    }

    private static EcPublicKey KeyOf(byte[] subjectPublicKeyInfo)
    {
        if (Keys.Count >= MaxKeys)
        {
            Keys.Clear();
        }

        return Keys.GetOrAdd(
            Convert.ToBase64String(subjectPublicKeyInfo), static (_, spki) => EcPublicKey.FromSubjectPublicKeyInfo(spki), subjectPublicKeyInfo);
    }
}
