using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Keys;

/// <summary>A host's data folder: its database, master key, generated keys and certificates, all for its owner alone.</summary>
public sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;

    private DataFolder(string path) => _path = path;

    /// <summary>The key under which the database's secrets are encrypted.</summary>
    public string MasterKeyPath => PathOf("master.key");

    /// <summary>Where generated keys and certificates are kept.</summary>
    public string PkiPath => PathOf("pki");

    /// <summary>Opens, and at the first start makes, the folder.</summary>
    /// <exception cref="SetupException">It cannot be made.</exception>
    public static DataFolder Open(string path)
    {
        var folder = new DataFolder(Path.GetFullPath(path));
        try
        {
            CreatePrivate(folder._path);
            CreatePrivate(folder.PkiPath);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The data folder {folder._path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Opens a folder for a command that needs what is in it. It makes nothing.</summary>
    /// <exception cref="SetupException">It is not there.</exception>
    public static DataFolder OpenExisting(string path)
    {
        var folder = new DataFolder(Path.GetFullPath(path));
        return Directory.Exists(folder._path)
            ? folder
            : throw new SetupException($"There is no data folder {folder._path}; --data must name the one that is meant.");
    }

    /// <summary>Puts a file down whole, readable by the owner alone, in place of what was there.</summary>
    public static void WritePrivate(string path, string text)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (var writer = new StreamWriter(aside, options))
            {
                writer.Write(text);
                writer.Flush();
                ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(aside); // a full disk must not leave half a secret behind
            throw;
        }
    }

    /// <summary>
    /// Reads one file of certificates or keys: the operator's own where he brought any of the pair NAME.pem and NAME.key, which must
    /// then both be his, and otherwise the one that an earlier start generated.
    /// </summary>
    /// <param name="generated">The folder of what was generated.</param>
    /// <param name="brought">The operator's folder, if he has one.</param>
    /// <param name="name">The file, <c>ci.pem</c> for example.</param>
    /// <returns>The text, or null when there is no such file.</returns>
    /// <exception cref="SetupException">It is a key that others than its owner can reach.</exception>
    public static string? ReadPair(string generated, string? brought, string name)
    {
        var folder = brought is not null && IsAnyOfPairIn(brought, name) ? brought : generated;
        var file = Path.Combine(folder, name);
        if (!IsThere(file))
        {
            return null;
        }

        if (Path.GetExtension(name) == ".key")
        {
            PrivateFile.RefuseReachableByOthers(file);
        }

        return File.ReadAllText(file);
    }

    /// <summary>Puts a file down like <see cref="WritePrivate"/>; one that is there already is moved aside, never overwritten.</summary>
    /// <returns>Where the earlier file is now; null when there was none.</returns>
    public static string? WritePrivateBeside(string path, string text)
    {
        string? aside = null;
        if (File.Exists(path))
        {
            aside = $"{path}.{File.GetLastWriteTimeUtc(path):yyyyMMdd-HHmmss}.{Guid.NewGuid():N}";
            File.Move(path, aside);
        }

        WritePrivate(path, text);
        return aside;
    }

    /// <summary>
    /// A database file that is missing, or empty, beside what an earlier start has left: a new one would look like the eIM or SM-DP+ that was
    /// here, and know nothing.
    /// </summary>
    /// <param name="file">The database's name in this folder.</param>
    /// <param name="isNewMeant">Whether a new one is meant.</param>
    /// <param name="companions">Files that a start makes after it has made the database.</param>
    /// <exception cref="SetupException">It is missing.</exception>
    public void RefuseLostDatabase(string file, bool isNewMeant, params ReadOnlySpan<string> companions)
    {
        if (isNewMeant || new FileInfo(PathOf(file)) is { Exists: true, Length: > 0 })
        {
            return;
        }

        foreach (var companion in companions)
        {
            if (File.Exists(PathOf(companion)))
            {
                throw new SetupException(
                    $"The database {PathOf(file)} is missing, although {companion} beside it is of an earlier start: restore it, or say that a new one is meant (--new-database).");
            }
        }
    }

    /// <summary>A file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(_path, name);

    private static bool IsAnyOfPairIn(string folder, string name) =>
        IsThere(Path.Combine(folder, Path.ChangeExtension(name, ".pem"))) || IsThere(Path.Combine(folder, Path.ChangeExtension(name, ".key")));

    /// <summary>A folder of that name and a link into nowhere count too: whoever put them there meant a file, and reading says what is wrong.</summary>
    private static bool IsThere(string file) => Path.Exists(file) || new FileInfo(file).LinkTarget is not null;

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }
}
