using System.Security.Cryptography;
using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Keys;

/// <summary>A file, or all files of a folder, as bytes; tells when they have changed. Names that begin with a dot are left out.</summary>
public sealed class WatchedFiles(string path)
{
    /// <summary>The most files that are read.</summary>
    public const int MaxFiles = 1_000;

    /// <summary>The longest file that is read, in bytes.</summary>
    public const long MaxLength = 16 * 1024 * 1024;

    private byte[] _seen = [];

    /// <summary>Reads them.</summary>
    /// <param name="onlyChanged">Null where they are as at the last call.</param>
    /// <exception cref="SetupException">They cannot be read, or are too many or too long.</exception>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Content)>? Read(bool onlyChanged)
    {
        try
        {
            var names = Names();
            var state = StateOf(names);
            if (onlyChanged && state.AsSpan().SequenceEqual(_seen))
            {
                return null;
            }

            List<(string, ReadOnlyMemory<byte>)> files = [.. names.Select(name => (Path.GetFileName(name), (ReadOnlyMemory<byte>)File.ReadAllBytes(name)))];
            _seen = state;
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Lets the next call read them again, changed or not: what was read last could not be used.</summary>
    public void Forget() => _seen = [];

    private List<string> Names()
    {
        if (File.Exists(path))
        {
            return [path];
        }

        var names = Directory.EnumerateFiles(path).Where(name => Path.GetFileName(name)[0] != '.').Take(MaxFiles + 1).Order(StringComparer.Ordinal).ToList();
        return names.Count <= MaxFiles ? names : throw new SetupException($"{path} holds more than {MaxFiles} files.");
    }

    /// <summary>By name, length and time of the last change.</summary>
    private static byte[] StateOf(List<string> names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names)
        {
            var file = new FileInfo(name);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            if (target.Length > MaxLength)
            {
                throw new SetupException($"{name} has {target.Length} bytes, more than {MaxLength}.");
            }

            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name}\0{target.FullName}\0{target.Length}\0{target.LastWriteTimeUtc.Ticks}\n"));
        }

        return hash.GetHashAndReset();
    }
}
