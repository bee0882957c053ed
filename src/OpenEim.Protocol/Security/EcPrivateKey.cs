using System.Security.Cryptography;

namespace OpenEim.Protocol.Security;

/// <summary>A private key on one of the two curves of RSP. Signing is safe from many threads; disposing wipes the key.</summary>
public sealed class EcPrivateKey : ISigner, IDisposable
{
    private readonly byte[] _scalar;
    private readonly EcdsaPool? _pool;
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <param name="scalar">The key, which this object owns from now on.</param>
    /// <param name="platform">The key as the platform has it already, since importing it again costs several signatures; null for brainpool.</param>
    private EcPrivateKey(byte[] scalar, ECDsa? platform)
    {
        _scalar = scalar;
        if (platform is null)
        {
            PublicKey = EcPublicKey.FromPoint(EcCurve.BrainpoolP256r1, Brainpool.PublicPoint(scalar));
            return;
        }

        var q = platform.ExportParameters(includePrivateParameters: false).Q;
        PublicKey = EcPublicKey.FromPoint(EcCurve.P256, [0x04, .. q.X!, .. q.Y!]);
        _pool = new EcdsaPool(Import);
        _pool.Return(platform);
    }

    /// <inheritdoc/>
    public EcPublicKey PublicKey { get; }

    /// <summary>The curve.</summary>
    public EcCurve Curve => PublicKey.Curve;

    /// <summary>Makes a new key.</summary>
    public static EcPrivateKey Generate(EcCurve curve)
    {
        if (curve == EcCurve.BrainpoolP256r1)
        {
            return new EcPrivateKey(Brainpool.GenerateScalar(), null);
        }

        var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new EcPrivateKey(ecdsa.ExportParameters(includePrivateParameters: true).D!, ecdsa);
    }

    /// <summary>Reads the first private key of a PEM text: PKCS#8 (PRIVATE KEY) or SEC1 (EC PRIVATE KEY), not encrypted.</summary>
    /// <exception cref="ProtocolException">There is none, or it is malformed or on another curve.</exception>
    public static EcPrivateKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        foreach (var block in Pem.Read(pem))
        {
            try
            {
                switch (block.Label)
                {
                    case "PRIVATE KEY":
                        return FromPkcs8(block.Data.Span);
                    case "EC PRIVATE KEY":
                        return FromSec1(block.Data.Span);
                    case "ENCRYPTED PRIVATE KEY":
                        throw new ProtocolException("the private key is encrypted; only keys in plain PKCS#8 or SEC1 are read");
                }
            }
            finally
            {
                block.Wipe();
            }
        }

        throw new ProtocolException("the PEM text holds no private key in PKCS#8 or SEC1");
    }

    /// <summary>Reads PKCS#8 (RFC 5208) with an EC private key inside.</summary>
    /// <exception cref="ProtocolException">It is malformed, on another curve, or its parts do not belong together.</exception>
    public static EcPrivateKey FromPkcs8(ReadOnlySpan<byte> encoded) => Read(encoded, PrivateKeyFormat.ReadPkcs8);

    /// <summary>Reads SEC1 (RFC 5915), which must name its curve.</summary>
    /// <exception cref="ProtocolException">It is malformed, on another curve, or its parts do not belong together.</exception>
    public static EcPrivateKey FromSec1(ReadOnlySpan<byte> encoded) => Read(encoded, data => PrivateKeyFormat.ReadSec1(data, null));

    /// <summary>Writes PKCS#8. The caller wipes the result.</summary>
    public byte[] ToPkcs8() => WithScalar(scalar => PrivateKeyFormat.WritePkcs8(scalar, PublicKey));

    /// <summary>Writes PKCS#8 as PEM.</summary>
    public string ToPem()
    {
        var encoded = ToPkcs8();
        try
        {
            return Pem.Write("PRIVATE KEY", encoded);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
        }
    }

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        if (_pool is null)
        {
            var hash = SHA256.HashData(data);
            return WithScalar(scalar => Brainpool.Sign(scalar, hash));
        }

        var ecdsa = _pool.Rent();
        try
        {
            return ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _pool.Return(ecdsa);
        }
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _pool?.Dispose();
        lock (_gate)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(_scalar);
        }
    }

    private static EcPrivateKey Read(ReadOnlySpan<byte> encoded, Func<ReadOnlyMemory<byte>, PrivateKeyFormat.Parts> read)
    {
        var copy = encoded.ToArray();
        try
        {
            var parts = read(copy);
            if (!parts.Domain.IsScalar(parts.Scalar.Span))
            {
                throw new ProtocolException($"a private key is not a number of the group of {parts.Domain.Curve}");
            }

            var key = FromScalar(parts.Domain.Curve, parts.Scalar.ToArray());
            if (parts.PublicPoint is { } point && !point.Span.SequenceEqual(key.PublicKey.Point.Span))
            {
                key.Dispose();
                throw new ProtocolException("a private key carries the public key of another one");
            }

            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    private static EcPrivateKey FromScalar(EcCurve curve, byte[] scalar) => new(
        scalar,
        curve == EcCurve.P256 ? ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar }) : null);

    private ECDsa Import() => WithScalar(scalar => ECDsa.Create(PublicKey.ToParameters() with { D = scalar }));

    /// <summary>Works on a copy, so that disposing on another thread never leaves half a key to sign with.</summary>
    private T WithScalar<T>(Func<byte[], T> use)
    {
        byte[] copy;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            copy = [.. _scalar];
        }

        try
        {
            return use(copy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}
