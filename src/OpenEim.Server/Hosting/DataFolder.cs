using OpenEim.Protocol.Security;

namespace OpenEim.Server;

/// <summary>The data folder: database, master key, generated keys and certificates, the first application token.</summary>
internal sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;

    private DataFolder(string path) => _path = path;

    public string DatabasePath => Path.Combine(_path, "openeim.db");

    public string MasterKeyPath => Path.Combine(_path, "master.key");

    public string ApplicationTokenPath => Path.Combine(_path, "application-token");

    private string PkiPath => Path.Combine(_path, "pki");

    /// <summary>Opens, and at the first start makes, the folder.</summary>
    /// <exception cref="ServerSetupException">It cannot be made.</exception>
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
            throw new ServerSetupException($"The data folder {folder._path} cannot be used: {e.Message}", e);
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

    /// <summary>The PKI, with what is missing generated and kept here.</summary>
    /// <exception cref="ServerSetupException">A file cannot be read or does not fit.</exception>
    public PkiDirectory OpenPki(string? brought, PkiOptions options) => PkiFolder.Open(PkiPath, brought, options);

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
