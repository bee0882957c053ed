using System.Security.Cryptography;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>A public key on one of the two curves of RSP, its point proved to be on the curve. Safe to use from many threads.</summary>
public sealed class EcPublicKey : IEquatable<EcPublicKey>
{
    private readonly byte[] _point;
    private EcdsaPool? _pool;

    private EcPublicKey(EcCurve curve, byte[] point)
    {
        Curve = curve;
        _point = point;
    }

    /// <summary>The curve.</summary>
    public EcCurve Curve { get; }

    /// <summary>The uncompressed point, 04‖X‖Y, 65 bytes.</summary>
    public ReadOnlyMemory<byte> Point => _point;

    /// <summary>Reads an uncompressed point, 04‖X‖Y.</summary>
    /// <exception cref="ProtocolException">The bytes are not a point of the curve.</exception>
    public static EcPublicKey FromPoint(EcCurve curve, ReadOnlySpan<byte> point) =>
        EcDomain.Of(curve).IsOnCurve(point)
            ? new EcPublicKey(curve, point.ToArray())
            : throw new ProtocolException($"a public key is not an uncompressed point of {curve}");

    /// <summary>Reads a SubjectPublicKeyInfo (RFC 5480) with a named curve and an uncompressed point.</summary>
    /// <exception cref="ProtocolException">It is malformed, on another curve, or its point is not on the curve.</exception>
    public static EcPublicKey FromSubjectPublicKeyInfo(ReadOnlySpan<byte> encoded)
    {
        var spki = Security.SubjectPublicKeyInfo.Read(encoded.ToArray());
        return spki.Domain is { } domain
            ? FromPoint(domain.Curve, spki.Point.Span)
            : throw new ProtocolException($"a public key is neither on P-256 nor on brainpoolP256r1 but of {spki.Kind}");
    }

    /// <summary>Writes the SubjectPublicKeyInfo (RFC 5480).</summary>
    public byte[] ToSubjectPublicKeyInfo() => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            using (writer.Constructed(0x30))
            {
                writer.WriteObjectIdentifier(Oids.EcPublicKey);
                writer.WriteObjectIdentifier(EcDomain.Of(Curve).Oid);
            }

            writer.WriteBitString(_point);
        }
    });

    /// <summary>The key identifier that certificates of RSP carry: SHA-1 over the point (RFC 5280, 4.2.1.2, method 1).</summary>
    public byte[] KeyIdentifier()
    {
#pragma warning disable CA5350 // A name for the key, prescribed by the standard; nothing is protected by it.
        return SHA1.HashData(_point);
#pragma warning restore CA5350
    }

    /// <summary>Verifies an ECDSA signature with SHA-256: raw r‖s of 64 bytes, and DER when the value has any other length.</summary>
    /// <returns>False for every signature that is not right, however malformed; never throws for one.</returns>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        signature.Length == EcdsaSignature.RawLength ? VerifyRaw(data, signature) : VerifyDer(data, signature);

    /// <summary>Verifies a DER signature, as certificates carry it.</summary>
    internal bool VerifyDer(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> raw = stackalloc byte[EcdsaSignature.RawLength];
        return EcdsaSignature.TryFromDer(signature, raw) && VerifyRaw(data, raw);
    }

    private bool VerifyRaw(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var domain = EcDomain.Of(Curve);
        if (!domain.IsScalar(signature[..EcDomain.FieldLength]) || !domain.IsScalar(signature[EcDomain.FieldLength..]))
        {
            return false;
        }

        if (Curve == EcCurve.BrainpoolP256r1)
        {
            return Brainpool.Verify(_point, SHA256.HashData(data), signature);
        }

        var pool = Pool();
        var ecdsa = pool.Rent();
        try
        {
            return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            pool.Return(ecdsa);
        }
    }

    /// <inheritdoc/>
    public bool Equals(EcPublicKey? other) =>
        other is not null && Curve == other.Curve && _point.AsSpan().SequenceEqual(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EcPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_point, 1);

    private EcdsaPool Pool() =>
        Volatile.Read(ref _pool)
        ?? Interlocked.CompareExchange(ref _pool, new EcdsaPool(Import), null)
        ?? _pool;

    private ECDsa Import() => ECDsa.Create(ToParameters());

    /// <summary>The key as the platform takes it; P-256 only.</summary>
    internal ECParameters ToParameters() => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint
        {
            X = _point[1..(1 + EcDomain.FieldLength)],
            Y = _point[(1 + EcDomain.FieldLength)..],
        },
    };
}
