using System.Security.Cryptography;
using System.Text;

namespace OpenEim.Manager.Organisations;

/// <summary>The key from outside the database under which the database's secrets are encrypted (AES-256-GCM).</summary>
/// <remarks>All nodes of one installation hold the same key. Whoever loses it loses the secrets.</remarks>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int Length = 32;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly AesGcm _cipher;

    private MasterKey(ReadOnlySpan<byte> key) => _cipher = new AesGcm(key, TagLength);

    /// <summary>Uses this key, which the caller may then zero.</summary>
    /// <exception cref="SecretException">The length is wrong.</exception>
    public static MasterKey FromBytes(ReadOnlySpan<byte> key) =>
        key.Length == Length ? new MasterKey(key) : throw new SecretException($"A master key has {Length} bytes, not {key.Length}.");

    /// <summary>Reads the key file, base64 text; the first start makes it, readable by its owner alone.</summary>
    /// <exception cref="SecretException">Others can read the file, it does not hold a key, or it cannot be reached.</exception>
    public static MasterKey LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            return Load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"The key file {path} cannot be used: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    /// <summary>Encrypts; only the same name decrypts, so that values cannot change places in the database.</summary>
    internal byte[] Protect(string name, ReadOnlySpan<byte> value)
    {
        var result = new byte[NonceLength + TagLength + value.Length];
        var nonce = result.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(nonce, value, result.AsSpan(NonceLength + TagLength), result.AsSpan(NonceLength, TagLength), Encoding.UTF8.GetBytes(name));
        return result;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="SecretException">Another key or another name encrypted it, or it was changed.</exception>
    internal byte[] Unprotect(string name, ReadOnlySpan<byte> value)
    {
        try
        {
            var result = new byte[Math.Max(0, value.Length - NonceLength - TagLength)];
            _cipher.Decrypt(value[..NonceLength], value[(NonceLength + TagLength)..], value.Slice(NonceLength, TagLength), result, Encoding.UTF8.GetBytes(name));
            return result;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentOutOfRangeException)
        {
            throw new SecretException($"The secret \"{name}\" cannot be decrypted: the master key is not the one it was stored with, or the data is damaged.", e);
        }
    }

    private static MasterKey Load(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
        {
            throw new SecretException($"The key file {path} can be reached by others than its owner: restrict it (chmod 600) before starting.");
        }

        Span<byte> key = stackalloc byte[Length + 3];
        try
        {
            // The text itself cannot be zeroed; the process is not yet serving anybody when it is read.
            return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var length) && length == Length
                ? new MasterKey(key[..Length])
                : throw new SecretException($"The key file {path} does not hold {Length} bytes in base64.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static void Create(string path)
    {
        // Written aside and moved, so that a node that starts at the same moment never reads half a key.
        var aside = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var key = RandomNumberGenerator.GetBytes(Length);
        try
        {
            using (var file = new FileStream(aside, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another node was first: its key is the one.
            File.Delete(aside);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
