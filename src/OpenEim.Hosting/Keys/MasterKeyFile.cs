using System.Security.Cryptography;
using System.Text;
using OpenEim.Storage.Secrets;

namespace OpenEim.Hosting.Keys;

/// <summary>The file that holds the <see cref="MasterKey"/>, the same for all nodes of one installation.</summary>
public static class MasterKeyFile
{
    private const int MaxReadAttempts = 50;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

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

    private static MasterKey Load(string path)
    {
        if (PrivateFile.IsReachableByOthers(path))
        {
            throw new SecretException($"The key file {path} can be reached by others than its owner: restrict it (chmod 600) before starting.");
        }

        Span<byte> key = stackalloc byte[MasterKey.Length + 3];
        try
        {
            // The text itself cannot be zeroed; the process is not yet serving anybody when it is read.
            return Convert.TryFromBase64String(ReadWhenWritten(path).Trim(), key, out var length) && length == MasterKey.Length
                ? MasterKey.FromBytes(key[..MasterKey.Length])
                : throw new SecretException($"The key file {path} does not hold {MasterKey.Length} bytes in base64.");
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
        var key = RandomNumberGenerator.GetBytes(MasterKey.Length);
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
