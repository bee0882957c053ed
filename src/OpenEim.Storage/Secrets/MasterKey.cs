using System.Security.Cryptography;
using System.Text;

namespace OpenEim.Storage.Secrets;

/// <summary>The key from outside the database under which the database's secrets are encrypted (AES-256-GCM).</summary>
/// <remarks>All nodes of one installation hold the same key. If it is lost, nobody can read the secrets.</remarks>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int Length = 32;

    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;
    private bool _disposed;

    private MasterKey(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Uses this key, which the caller may then zero.</summary>
    /// <exception cref="SecretException">The length is wrong.</exception>
    public static MasterKey FromBytes(ReadOnlySpan<byte> key) =>
        key.Length == Length ? new MasterKey(key) : throw new SecretException($"A master key has {Length} bytes, not {key.Length}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }

    /// <summary>Encrypts; only the same name decrypts, so that values cannot change places in the database.</summary>
    public byte[] Protect(string name, ReadOnlySpan<byte> value)
    {
        var result = new byte[NonceLength + TagLength + value.Length];
        var nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = NewCipher();
        cipher.Encrypt(nonce, value, result.AsSpan(NonceLength + TagLength), result.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(name));
        return result;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="SecretException">Another key or another name encrypted it, or it was changed.</exception>
    public byte[] Unprotect(string name, ReadOnlySpan<byte> value)
    {
        using var cipher = NewCipher();
        try
        {
            var result = new byte[Math.Max(0, value.Length - NonceLength - TagLength)];
            cipher.Decrypt(value[..NonceLength], value[(NonceLength + TagLength)..], value.Slice(NonceLength, TagLength), result, Encoding.UTF8.GetBytes(name));
            return result;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentOutOfRangeException)
        {
            throw new SecretException($"The secret \"{name}\" cannot be decrypted: the master key is not the one it was stored with, or the data is damaged.", e);
        }
    }

    /// <summary>One for each use: AesGcm is not safe for several threads, and secrets are few.</summary>
    private AesGcm NewCipher()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new AesGcm(_key, TagLength);
    }
}
