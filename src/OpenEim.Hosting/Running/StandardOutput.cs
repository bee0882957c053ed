using Microsoft.Win32.SafeHandles;
using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Running;

/// <summary>The process's standard output, for lines that must arrive.</summary>
/// <remarks>The console of .NET says nothing when the reader has gone, and takes whatever file has got the number of a closed output.</remarks>
public static class StandardOutput
{
    private const int Number = 1;

    /// <summary>How the process's files were opened; the lowest two bits of the flags are zero where that was for reading only.</summary>
    private const string Descriptors = "/proc/self/fdinfo";

    private const int AccessMode = 3;

    /// <summary>Writes a line.</summary>
    /// <exception cref="SetupException">It did not arrive.</exception>
    public static void WriteLine(string line)
    {
        try
        {
            Console.Out.Flush();
            if (OperatingSystem.IsWindows())
            {
                Console.Out.WriteLine(line);
                return;
            }

            using var handle = new SafeFileHandle(Number, ownsHandle: false);
            using var output = new FileStream(handle, FileAccess.Write, bufferSize: 0);
            output.Write(System.Text.Encoding.UTF8.GetBytes(line + Environment.NewLine));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The standard output cannot be written: {e.Message}", e);
        }
    }

    /// <summary>
    /// Refuses to run with a closed standard output: a file that is opened gets its number, and what is written to the console goes there. The
    /// runtime itself opens files, for reading, before it comes to us.
    /// </summary>
    /// <exception cref="SetupException">It is closed, or cannot be written.</exception>
    public static void RefuseMissing()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Descriptors))
        {
            return;
        }

        var state = Path.Combine(Descriptors, "1");
        var flags = File.Exists(state) ? File.ReadLines(state).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal)) : "flags: 0";
        if (flags is not null && (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & AccessMode) == 0)
        {
            throw new SetupException("The standard output is closed: send it to a file, or to /dev/null.");
        }
    }
}
