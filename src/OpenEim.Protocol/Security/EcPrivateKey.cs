using System.Security.Cryptography;

namespace OpenEim.Protocol.Security;

/// <summary>A private key on one of the two curves of RSP. Signing is safe from many threads; disposing wipes the key.</summary>
public sealed class EcPrivateKey : ISigner, IDisposable
{
    private readonly byte[] _scalar;
    private readonly EcdsaPool? _pool;
    private bool _disposed;

    private EcPrivateKey(EcCurve curve, byte[] scalar)
    {
        _scalar = scalar;
        if (curve == EcCurve.P256)
        {
            _pool = new EcdsaPool(Import);
        }

        PublicKey = EcPublicKey.FromPoint(curve, curve == EcCurve.P256 ? PlatformPoint() : Brainpool.PublicPoint(scalar));
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
            return new EcPrivateKey(curve, Brainpool.GenerateScalar());
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new EcPrivateKey(curve, ecdsa.ExportParameters(includePrivateParameters: true).D!);
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
    public byte[] ToPkcs8()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return PrivateKeyFormat.WritePkcs8(_scalar, PublicKey);
    }

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
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_pool is null)
        {
            return Brainpool.Sign(_scalar, SHA256.HashData(data));
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
        _disposed = true;
        _pool?.Dispose();
        CryptographicOperations.ZeroMemory(_scalar);
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

            var key = new EcPrivateKey(parts.Domain.Curve, parts.Scalar.ToArray());
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

    private byte[] PlatformPoint()
    {
        var ecdsa = _pool!.Rent();
        try
        {
            var q = ecdsa.ExportParameters(includePrivateParameters: false).Q;
            return [0x04, .. q.X!, .. q.Y!];
        }
        finally
        {
            _pool.Return(ecdsa);
        }
    }

    private ECDsa Import() => ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = _scalar });
}
