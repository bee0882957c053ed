using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Keys;

/// <summary>Files that hold a private key: for their owner alone.</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnersOwn = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether the group or others may read, write or execute the file. Windows has no such bits.</summary>
    public static bool IsReachableByOthers(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnersOwn) != 0;

    /// <summary>Refuses a key that others can reach.</summary>
    /// <exception cref="SetupException">They can.</exception>
    public static void RefuseReachableByOthers(string path)
    {
        if (IsReachableByOthers(path))
        {
            throw new SetupException($"The key file {path} can be reached by others than its owner: restrict it (chmod 600) before starting.");
        }
    }
}
