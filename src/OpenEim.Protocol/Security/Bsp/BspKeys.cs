using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The three 16-byte values that a BSP session starts from (SGP.22 clause 2.6.4.2, annex G). Disposing wipes them.</summary>
public sealed class BspKeys : IDisposable
{
    /// <summary>The length of each value.</summary>
    public const int Length = 16;

    /// <summary>The greatest length of a host id, which one byte counts.</summary>
    public const int MaxHostIdLength = 127;

    /// <summary>The control reference template of a BSP session: the key is for AES-128 …</summary>
    private const byte KeyType = 0x88;

    /// <summary>… and has 16 bytes.</summary>
    private const byte KeyLength = 0x10;

    private readonly byte[] _material;
    private bool _disposed;

    private BspKeys(byte[] material) => _material = material;

    /// <summary>The initial MAC chaining value.</summary>
    public ReadOnlySpan<byte> InitialChainingValue => Part(0);

    /// <summary>S-ENC, or PPK-ENC.</summary>
    public ReadOnlySpan<byte> Encryption => Part(1);

    /// <summary>S-MAC, or PPK-CMAC.</summary>
    public ReadOnlySpan<byte> Mac => Part(2);

    /// <summary>Derives session keys from the shared secret Z by X9.63 with SHA-256 (BSI TR-03111 clause 4.3.3).</summary>
    /// <param name="sharedSecret">What <see cref="OneTimeKey.Agree"/> gave; the caller wipes it.</param>
    /// <param name="hostId">The SM-DP+'s host id from the control reference template, tag 84.</param>
    /// <param name="eid">The eUICC, which enters as 16 packed bytes.</param>
    /// <exception cref="ProtocolException">The host id is too long.</exception>
    public static BspKeys Derive(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> hostId, Eid eid)
    {
        if (hostId.Length > MaxHostIdLength)
        {
            throw new ProtocolException($"a host id has {hostId.Length} bytes, more than {MaxHostIdLength}");
        }

        var material = new byte[3 * Length];
        Span<byte> output = stackalloc byte[2 * SHA256.HashSizeInBytes];
        byte[] input =
        [
            .. sharedSecret, 0, 0, 0, 1,
            KeyType, KeyLength, (byte)hostId.Length, .. hostId, Eid.ByteLength, .. eid.ToBytes(),
        ];
        try
        {
            SHA256.HashData(input, output);
            input[sharedSecret.Length + 3] = 2;
            SHA256.HashData(input, output[SHA256.HashSizeInBytes..]);
            output[..material.Length].CopyTo(material);
            return new BspKeys(material);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
            CryptographicOperations.ZeroMemory(output);
        }
    }

    /// <summary>Takes over given values, 16 bytes each.</summary>
    /// <exception cref="ProtocolException">A length is wrong.</exception>
    public static BspKeys FromValues(ReadOnlySpan<byte> initialChainingValue, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> mac) =>
        initialChainingValue.Length == Length && encryption.Length == Length && mac.Length == Length
            ? new BspKeys([.. initialChainingValue, .. encryption, .. mac])
            : throw new ProtocolException($"session keys have {Length} bytes each");

    /// <summary>Makes random keys, to protect a profile package before its eUICC is known.</summary>
    public static BspKeys Random() => new(RandomNumberGenerator.GetBytes(3 * Length));

    /// <summary>Copies the keys that protect a profile package made before its eUICC was known.</summary>
    /// <exception cref="ProtocolException">A length is wrong.</exception>
    public static BspKeys FromRequest(ReplaceSessionKeysRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return FromValues(request.InitialMacChainingValue.Span, request.PpkEnc.Span, request.PpkCmac.Span);
    }

    /// <summary>The command that gives these keys to an eUICC. It holds no copy: disposing this object wipes it too.</summary>
    public ReplaceSessionKeysRequest ToRequest()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_material.AsMemory(0, Length), _material.AsMemory(Length, Length), _material.AsMemory(2 * Length, Length));
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_material);
    }

    private ReadOnlySpan<byte> Part(int index)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _material.AsSpan(index * Length, Length);
    }
}
