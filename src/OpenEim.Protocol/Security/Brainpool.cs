using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.TeleTrust;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace OpenEim.Protocol.Security;

/// <summary>ECDSA and key agreement on brainpoolP256r1, done by BouncyCastle: the platform's library has this curve on some systems only.</summary>
internal static class Brainpool
{
    private static readonly ECDomainParameters Domain = new(TeleTrusTNamedCurves.GetByOid(TeleTrusTObjectIdentifiers.BrainpoolP256R1));

    /// <summary>The public point of a private key, as 04‖X‖Y.</summary>
    public static byte[] PublicPoint(ReadOnlySpan<byte> scalar) =>
        Domain.G.Multiply(new BigInteger(1, scalar)).Normalize().GetEncoded(compressed: false);

    /// <summary>Signs a SHA-256 hash; r‖s. The nonce is that of RFC 6979, so no random number can spoil the key.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> scalar, byte[] hash)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, new ECPrivateKeyParameters(new BigInteger(1, scalar), Domain));
        var rs = signer.GenerateSignature(hash);
        var signature = new byte[2 * EcDomain.FieldLength];
        Place(rs[0], signature.AsSpan(0, EcDomain.FieldLength));
        Place(rs[1], signature.AsSpan(EcDomain.FieldLength));
        return signature;
    }

    /// <summary>Verifies r‖s, whose numbers are known to be in range, over a SHA-256 hash.</summary>
    public static bool Verify(ReadOnlySpan<byte> point, byte[] hash, ReadOnlySpan<byte> signature)
    {
        var verifier = new ECDsaSigner();
        verifier.Init(forSigning: false, new ECPublicKeyParameters(Domain.Curve.DecodePoint(point.ToArray()), Domain));
        return verifier.VerifySignature(
            hash,
            new BigInteger(1, signature[..EcDomain.FieldLength]),
            new BigInteger(1, signature[EcDomain.FieldLength..]));
    }

    /// <summary>The X coordinate of the private key times a point that is known to be on the curve: never the point at infinity, as the cofactor is 1.</summary>
    public static byte[] Agree(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> point) =>
        Domain.Curve.DecodePoint(point.ToArray()).Multiply(new BigInteger(1, scalar)).Normalize().AffineXCoord.GetEncoded();

    /// <summary>A new private key, uniform from 1 to the order less one.</summary>
    public static byte[] GenerateScalar()
    {
        var scalar = new byte[EcDomain.FieldLength];
        do
        {
            RandomNumberGenerator.Fill(scalar);
        }
        while (!EcDomain.Of(EcCurve.BrainpoolP256r1).IsScalar(scalar));

        return scalar;
    }

    private static void Place(BigInteger number, Span<byte> field)
    {
        var bytes = number.ToByteArrayUnsigned();
        field.Clear();
        bytes.CopyTo(field[(field.Length - bytes.Length)..]);
    }
}
