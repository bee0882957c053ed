using OpenEim.Protocol;
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

    /// <summary>
    /// Reads the operator's own PKI files, and for what he did not bring the ones that an earlier start generated; generates and
    /// keeps the rest, so that the eIM's keys are the same after every start.
    /// </summary>
    /// <exception cref="ServerSetupException">A file cannot be read or does not fit.</exception>
    public PkiDirectory OpenPki(string? brought, PkiOptions options)
    {
        try
        {
            var pki = PkiDirectory.Open(name => ReadPair(brought, name), options);
            foreach (var file in pki.GeneratedFiles)
            {
                WritePrivate(Path.Combine(PkiPath, file.Name), file.Text);
            }

            return pki;
        }
        catch (ProtocolException e)
        {
            throw new ServerSetupException($"The PKI in {brought ?? PkiPath} does not fit: {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerSetupException($"The PKI in {brought ?? PkiPath} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>A certificate and its key come from the same folder: whoever brought one of the two must have brought both.</summary>
    private string? ReadPair(string? brought, string name)
    {
        var folder = brought is not null && IsAnyOfPairIn(brought, name) ? brought : PkiPath;
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadAllText(path) : null;
    }

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
