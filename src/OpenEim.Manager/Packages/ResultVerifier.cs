using System.Collections.Concurrent;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Checks the eUICC's signature on a package result, over the bytes received.</summary>
internal static class ResultVerifier
{
    private const int MaxKeys = 20_000;

    // Parsed keys by their own bytes: nothing here can be out of date.
    private static readonly ConcurrentDictionary<string, EcPublicKey> Keys = new(StringComparer.Ordinal);

    /// <summary>Whether it verifies by the rule of SGP.32 v1.1 and later.</summary>
    public static bool Verifies(EcPublicKey key, long? token, SignedPackageResult result) =>
        key.Verify(PackageSignature.Input(result.SignedData.Span, token), result.Signature.Span);

    /// <summary>Whether it verifies by the rule of SGP.32 v1.0.</summary>
    /// <param name="key">The eUICC's key.</param>
    /// <param name="request">The exact bytes of the package that is answered.</param>
    /// <param name="result">The result as received.</param>
    public static bool VerifiesAsV10(EcPublicKey key, byte[] request, SignedPackageResult result)
    {
        var eimSignature = BerMessage.Decode<EuiccPackageRequest>(request).Signature;
        return key.Verify(PackageSignature.InputV10(result.SignedData.Span, eimSignature.Span), result.Signature.Span);
    }

    /// <summary>The parsed key: to parse one costs as much as a signature.</summary>
    public static EcPublicKey KeyOf(byte[] subjectPublicKeyInfo)
    {
        if (Keys.Count >= MaxKeys)
        {
            Keys.Clear();
        }

        return Keys.GetOrAdd(
            Convert.ToBase64String(subjectPublicKeyInfo), static (_, spki) => EcPublicKey.FromSubjectPublicKeyInfo(spki), subjectPublicKeyInfo);
    }
}
