namespace OpenEim.Storage.Files;

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

    /// <summary>Puts a file down whole, readable by the owner alone, in place of what was there.</summary>
    public static void WritePrivate(string path, string text)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var writer = new StreamWriter(aside, options))
        {
            writer.Write(text);
            writer.Flush();
            ((FileStream)writer.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    /// <summary>
    /// Reads one file of certificates or keys: the operator's own where he brought any of the pair NAME.pem and NAME.key, which must
    /// then both be his, and otherwise the one that an earlier start generated.
    /// </summary>
    /// <param name="generated">The folder of what was generated.</param>
    /// <param name="brought">The operator's folder, if he has one.</param>
    /// <param name="name">The file, <c>ci.pem</c> for example.</param>
    /// <returns>The text, or null when there is no such file.</returns>
    public static string? ReadPair(string generated, string? brought, string name)
    {
        var folder = brought is not null && IsAnyOfPairIn(brought, name) ? brought : generated;
        var file = Path.Combine(folder, name);
        return File.Exists(file) ? File.ReadAllText(file) : null;
    }

    /// <summary>A file in the folder.</summary>
    public string PathOf(string name) => Path.Combine(_path, name);

    private static bool IsAnyOfPairIn(string folder, string name) =>
        File.Exists(Path.Combine(folder, Path.ChangeExtension(name, ".pem"))) || File.Exists(Path.Combine(folder, Path.ChangeExtension(name, ".key")));

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
