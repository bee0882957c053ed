using System.Security.Cryptography;
using System.Text;

namespace OpenEim.Storage.Files;

/// <summary>The key from outside the database under which the database's secrets are encrypted (AES-256-GCM).</summary>
/// <remarks>All nodes of one installation hold the same key. Whoever loses it loses the secrets.</remarks>
public sealed class MasterKey : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int Length = 32;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxReadAttempts = 50;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] _key;
    private bool _disposed;

    private MasterKey(ReadOnlySpan<byte> key) => _key = key.ToArray();

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

    private static MasterKey Load(string path)
    {
        if (PrivateFile.IsReachableByOthers(path))
        {
            throw new SecretException($"The key file {path} can be reached by others than its owner: restrict it (chmod 600) before starting.");
        }

        Span<byte> key = stackalloc byte[Length + 3];
        try
        {
            // The text itself cannot be zeroed; the process is not yet serving anybody when it is read.
            return Convert.TryFromBase64String(ReadWhenWritten(path).Trim(), key, out var length) && length == Length
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
        // CreateNew lets one node win when several start together. (Moving a finished file into place would not:
        // without overwriting, .NET looks first and renames then, so a second key could replace the first.)
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        FileStream file;
        try
        {
            file = new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return; // another node was first: its key is the one
        }

        using (file)
        {
            WriteNewKey(file);
        }
    }

    private static void WriteNewKey(FileStream file)
    {
        var key = RandomNumberGenerator.GetBytes(Length);
        var text = Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n");
        try
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            File.Delete(file.Name); // a full disk must not leave half a key behind
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>Gives a node that is making the file at this moment the time to write its one line.</summary>
    private static string ReadWhenWritten(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var text = File.ReadAllText(path);
                if (text.Length > 0 || attempt == MaxReadAttempts)
                {
                    return text;
                }
            }
            catch (IOException) when (attempt < MaxReadAttempts)
            {
                // On Windows its maker still holds it.
            }

            Thread.Sleep(10);
        }
    }
}
