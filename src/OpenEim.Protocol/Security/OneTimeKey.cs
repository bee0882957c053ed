using System.Security.Cryptography;

namespace OpenEim.Protocol.Security;

/// <summary>An ephemeral key for one profile download: otSK.DP.ECKA or otSK.EUICC.ECKA with its public half (SGP.22 clause 2.6.4).</summary>
/// <remarks>
/// Not for concurrent use. The private key can be exported, because an SM-DP+ and an eUICC keep it for a retry with the same
/// one-time key; disposing wipes it.
/// </remarks>
public sealed class OneTimeKey : IDisposable
{
    private readonly byte[] _scalar;
    private readonly ECDiffieHellman? _platform;
    private bool _disposed;

    /// <param name="scalar">For brainpool the key, which this object owns from now on; for P-256 nothing.</param>
    /// <param name="platform">For P-256 the key; null for brainpool.</param>
    private OneTimeKey(byte[] scalar, ECDiffieHellman? platform)
    {
        _scalar = scalar;
        _platform = platform;
        if (platform is null)
        {
            PublicKey = EcPublicKey.FromPoint(EcCurve.BrainpoolP256r1, Brainpool.PublicPoint(scalar));
            return;
        }

        var q = platform.ExportParameters(includePrivateParameters: false).Q;
        PublicKey = EcPublicKey.FromPoint(EcCurve.P256, [0x04, .. q.X!, .. q.Y!]);
    }

    /// <summary>The public half; its <see cref="EcPublicKey.Point"/> is what tag 5F49 carries.</summary>
    public EcPublicKey PublicKey { get; }

    /// <summary>The curve, which is that of the SM-DP+'s certificate for profile binding.</summary>
    public EcCurve Curve => PublicKey.Curve;

    /// <summary>Makes a new key.</summary>
    public static OneTimeKey Generate(EcCurve curve) => curve == EcCurve.BrainpoolP256r1
        ? new OneTimeKey(Brainpool.GenerateScalar(), null)
        : new OneTimeKey([], ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads what <see cref="Export"/> gave: 32 bytes, big-endian. They are copied.</summary>
    /// <exception cref="ProtocolException">The number is not a private key of the curve.</exception>
    public static OneTimeKey Import(EcCurve curve, ReadOnlySpan<byte> scalar)
    {
        if (!EcDomain.Of(curve).IsScalar(scalar))
        {
            throw new ProtocolException($"a one-time private key is not a number of the group of {curve}");
        }

        var copy = scalar.ToArray();
        if (curve == EcCurve.BrainpoolP256r1)
        {
            return new OneTimeKey(copy, null);
        }

        try
        {
            return new OneTimeKey([], ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = copy }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <summary>The private key, 32 bytes, big-endian. The caller protects it where it lies and wipes it.</summary>
    public byte[] Export()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _platform?.ExportParameters(includePrivateParameters: true).D ?? [.. _scalar];
    }

    /// <summary>Agrees with the other side's one-time key: Z, the X coordinate in 32 bytes (BSI TR-03111 clause 4.3.1). The caller wipes it.</summary>
    /// <exception cref="ProtocolException">The other key is on another curve.</exception>
    public byte[] Agree(EcPublicKey peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (peer.Curve != Curve)
        {
            throw new ProtocolException($"the other side's one-time key is on {peer.Curve} and ours on {Curve}");
        }

        if (_platform is null)
        {
            return Brainpool.Agree(_scalar, peer.Point.Span);
        }

        using var other = ECDiffieHellman.Create(peer.ToParameters());
        using var otherKey = other.PublicKey;
        return _platform.DeriveRawSecretAgreement(otherKey);
    }

    /// <summary>Wipes the private key.</summary>
    public void Dispose()
    {
        _disposed = true;
        _platform?.Dispose();
        CryptographicOperations.ZeroMemory(_scalar);
    }
}
