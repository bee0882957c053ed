using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenEim.Benchmarks.Engines;

/// <summary>The processes of a PostgreSQL in a temporary folder, on a free port of the loopback.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private const string Owner = "openeim";

    // Of the kernel's interface, in which processor time is told: USER_HZ, 100 on every platform of .NET.
    private const double TicksPerSecond = 100;

    // PostgreSQL refuses to run as root.
    private static readonly string Account =
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-bench-postgres-").FullName;
    private readonly int _port = FreePort();

    private PostgresProcess()
    {
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes and starts one; null where its programs are not on the PATH, or the system is not Linux, whose /proc is read.</summary>
    public static async Task<PostgresProcess?> StartAsync(string sharedBuffers, CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux() || Find("initdb") is null || Find("pg_ctl") is null || Find("postgres") is null)
        {
            return null;
        }

        var process = new PostgresProcess();
        try
        {
            await process.StartInFolderAsync(sharedBuffers, ct).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public string ConnectionString(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username={Owner};Database={database}");

    /// <summary>Of all its processes, those that have ended included.</summary>
    public TimeSpan ProcessorTime()
    {
        var postmaster = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        var ticks = TicksOf(postmaster, withEnded: true)
            + File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Sum(child => TicksOf(child, withEnded: false));
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await RunAsync("pg_ctl", ["stop", "-D", Data, "-m", "immediate", "-w"], CancellationToken.None).ConfigureAwait(false);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartInFolderAsync(string sharedBuffers, CancellationToken ct)
    {
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", [Account, _folder]);
            await chown.WaitForExitAsync(ct).ConfigureAwait(false);
        }

        await RunAsync("initdb", ["-D", Data, "-U", Owner, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"], ct).ConfigureAwait(false);
        string[] settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", $"shared_buffers={sharedBuffers}", "max_wal_size=4GB"];
        var options = string.Join(' ', settings.Select(setting => "-c " + setting).Append($"-p {_port}"));
        await RunAsync("pg_ctl", ["start", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-o", options], ct).ConfigureAwait(false);
    }

    /// <summary>The output of what stays in the background would be waited for, so none is read.</summary>
    private async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid", Account, "--regid", GroupOf(Account), "--clear-groups", Find(program)!, .. arguments]
            : [Find(program)!, .. arguments];
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>\"$0\"", Path.Combine(_folder, program + ".errors"), .. command])
        {
            WorkingDirectory = _folder,
        })!;
        await process.WaitForExitAsync(ct).ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await File.ReadAllTextAsync(Path.Combine(_folder, program + ".errors"), CancellationToken.None).ConfigureAwait(false)}");
        }
    }

    /// <summary>Fields 14 to 17 of proc(5)'s stat: user and system time, then those of children that were waited for.</summary>
    private static long TicksOf(string process, bool withEnded)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[11..(withEnded ? 15 : 13)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It has ended meanwhile, and is in its parent's from the next time on.
            return 0;
        }
    }

    private static string GroupOf(string account) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith(account + ":", StringComparison.Ordinal)).Split(':')[3];

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
