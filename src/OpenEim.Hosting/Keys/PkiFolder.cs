using OpenEim.Hosting.Settings;
using OpenEim.Protocol;
using OpenEim.Protocol.Security;

namespace OpenEim.Hosting.Keys;

/// <summary>A folder of PEM files, and beside it the operator's own.</summary>
public static class PkiFolder
{
    /// <summary>
    /// Reads the operator's own PKI files, and for the others the ones that an earlier start generated. Generates and keeps the rest, so
    /// that the host's keys are the same after every start.
    /// </summary>
    /// <exception cref="SetupException">A file cannot be read or does not fit.</exception>
    public static PkiDirectory Open(string path, string? brought, PkiOptions options)
    {
        var pki = Read(path, brought, options);
        Keep(path, pki);
        return pki;
    }

    /// <summary>As <see cref="Open"/>, but what it generates is not kept yet.</summary>
    /// <exception cref="SetupException">A file cannot be read or does not fit.</exception>
    public static PkiDirectory Read(string path, string? brought, PkiOptions options)
    {
        try
        {
            return PkiDirectory.Open(name => DataFolder.ReadPair(path, brought, name), options);
        }
        catch (ProtocolException e)
        {
            throw new SetupException($"The PKI in {brought ?? path} does not fit: {e.Message}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The PKI in {brought ?? path} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Keeps what was generated.</summary>
    /// <exception cref="SetupException">It cannot be written.</exception>
    public static void Keep(string path, PkiDirectory pki)
    {
        try
        {
            foreach (var file in pki.GeneratedFiles)
            {
                DataFolder.WritePrivate(Path.Combine(path, file.Name), file.Text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The generated PKI cannot be kept in {path}: {e.Message}", e);
        }
    }
}
