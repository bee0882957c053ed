using System.Collections.Concurrent;
using System.Security.Cryptography;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>Checks an eUICC's certificates (SGP.22 4.5.2.2) and says which of them is wrong, as ES9+ has it; remembers the latest eUICCs' keys.</summary>
internal sealed class EuiccVerification(RspTrust trust, TimeProvider time)
{
    private const int MaxKnownEums = 256;
    private const int MaxKnownKeys = 1024;

    // Parsing proves a point to be on its curve, which costs as much as a signature; there are few EUMs.
    private readonly ConcurrentDictionary<string, RspCertificate> _eums = new(StringComparer.Ordinal);

    // A key's first verification costs several later ones, and one download verifies three signatures of the same eUICC.
    private readonly ConcurrentDictionary<string, EcPublicKey> _keys = new(StringComparer.Ordinal);

    /// <summary>The verified eUICC.</summary>
    /// <exception cref="FunctionFailedException">A certificate is not believed.</exception>
    public (EcPublicKey Key, Eid Eid) Verify(ReadOnlyMemory<byte> euiccCertificate, ReadOnlyMemory<byte> eumCertificate)
    {
        var now = time.GetUtcNow();
        var eum = ReadEum(eumCertificate, now);
        RspCertificate euicc;
        try
        {
            euicc = RspCertificate.Parse(euiccCertificate);
        }
        catch (ProtocolException e)
        {
            throw new FunctionFailedException(StatusCodes.EuiccCertificateInvalid, e.Message);
        }

        var result = trust.VerifyEuicc(euicc, eum, null, now);
        return result is { PublicKey: { } key, Eid: { } eid }
            ? (Remember(HashOf(euiccCertificate), key), eid)
            : throw new FunctionFailedException(
                result.Error == ChainError.Expired ? StatusCodes.EuiccCertificateExpired : StatusCodes.EuiccCertificateInvalid, result.Reason);
    }

    /// <summary>The key of an eUICC whose certificate was verified when its session began, maybe by another node.</summary>
    public EcPublicKey KeyOf(ReadOnlyMemory<byte> euiccCertificate)
    {
        var hash = HashOf(euiccCertificate);
        return _keys.TryGetValue(hash, out var key) ? key : Remember(hash, RspCertificate.Parse(euiccCertificate).PublicKey);
    }

    private EcPublicKey Remember(string hash, EcPublicKey key)
    {
        if (_keys.Count >= MaxKnownKeys)
        {
            _keys.Clear();
        }

        return _keys[hash] = key;
    }

    private static string HashOf(ReadOnlyMemory<byte> certificate) => Convert.ToHexString(SHA256.HashData(certificate.Span));

    private RspCertificate ReadEum(ReadOnlyMemory<byte> certificate, DateTimeOffset now)
    {
        var hash = HashOf(certificate);
        var isKnown = _eums.TryGetValue(hash, out var eum);
        try
        {
            // A copy, so that a remembered certificate does not keep a whole request alive.
            eum ??= RspCertificate.Parse(certificate.ToArray());
        }
        catch (ProtocolException e)
        {
            throw new FunctionFailedException(StatusCodes.EumCertificateInvalid, e.Message);
        }

        var result = trust.VerifyEum(eum, now);
        if (!result.IsTrusted)
        {
            throw new FunctionFailedException(CodeOf(result.Error), result.Reason);
        }

        if (!isKnown)
        {
            if (_eums.Count >= MaxKnownEums)
            {
                _eums.Clear();
            }

            _eums[hash] = eum;
        }

        return eum;
    }

    private static StatusCode CodeOf(ChainError error) => error switch
    {
        ChainError.UntrustedCi => StatusCodes.UnknownCi,
        ChainError.Expired => StatusCodes.EumCertificateExpired,
        _ => StatusCodes.EumCertificateInvalid,
    };
}
