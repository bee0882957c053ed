using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpenEim.Tests.Cluster;

/// <summary>How a server is run as a process of its own.</summary>
/// <param name="Name">What messages call it; also the name of its log.</param>
/// <param name="Program">The program's assembly, beside the tests'.</param>
/// <param name="ReadyLine">How the line begins that it prints when it is ready.</param>
/// <param name="Arguments">Its command line.</param>
/// <param name="Environment">Its settings beyond that.</param>
internal sealed record NodeSetup(
    string Name, string Program, string ReadyLine, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

/// <summary>A server as a process of its own, which can be killed (kill -9) and started again as often as one likes.</summary>
/// <remarks>As an init system would, it starts a server again that does not come up, because its database is away, say.</remarks>
internal sealed class NodeProcess(NodeSetup setup, string logFolder) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private static readonly ConcurrentDictionary<int, bool> Given = [];

    private readonly string _log = Path.Combine(logFolder, setup.Name + ".log");
    private readonly Lock _gate = new();
    private Process? _process;
    private bool _isEnding;

    public string Name => setup.Name;

    /// <summary>How often it ended although nobody had killed it, after it had been ready: it must never.</summary>
    public int Crashes { get; private set; }

    /// <summary>How often it gave up before it was ready.</summary>
    public int FailedStarts { get; private set; }

    /// <summary>A port of the loopback from below those that the system gives to clients, so that it is still free when a killed server comes back.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(15_000, 32_000);
            if (!Given.TryAdd(port, true))
            {
                continue;
            }

            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Somebody else's; another one is tried.
            }
        }
    }

    /// <summary>Runs a program that ends by itself, and sees it succeed.</summary>
    public static async Task RunAsync(NodeSetup setup, CancellationToken ct)
    {
        using var process = Process.Start(StartInfo(setup, AppContext.BaseDirectory))!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        Assert.True(process.ExitCode == 0, $"{setup.Name}: {await output}{await errors}");
    }

    /// <summary>Starts it unless it runs, again if need be, and returns when it is ready.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        if (_process is not null)
        {
            return;
        }

        var begin = Stopwatch.StartNew();
        while (!await TryStartAsync(ct))
        {
            FailedStarts++;
            Assert.True(begin.Elapsed < Patience, $"{Name} did not start:\n{Tail()}");
            await Task.Delay(Pause, ct);
        }
    }

    /// <summary>SIGKILL: no chance to clean up. Returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        Process? process;
        lock (_gate)
        {
            (_isEnding, process, _process) = (true, _process, null);
        }

        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
    }

    /// <summary>The end of what it has printed.</summary>
    public string Tail()
    {
        lock (_gate)
        {
            return File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(40)) : "";
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task<bool> TryStartAsync(CancellationToken ct)
    {
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = StartInfo(setup, logFolder), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Heard(line.Data, ready);
        process.ErrorDataReceived += (_, line) => Heard(line.Data, null);
        process.Exited += (_, _) => Ended(process, ready);
        lock (_gate)
        {
            (_isEnding, _process) = (false, process);
        }

        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return await ready.Task.WaitAsync(Patience, ct);
    }

    private static ProcessStartInfo StartInfo(NodeSetup setup, string folder)
    {
        var info = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, setup.Program), .. setup.Arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        info.Environment["DOTNET_gcServer"] = "0";
        foreach (var (name, value) in setup.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private void Heard(string? line, TaskCompletionSource<bool>? ready)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            File.AppendAllText(_log, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {Name}: {line}\n");
        }

        if (line.StartsWith(setup.ReadyLine, StringComparison.Ordinal))
        {
            ready?.TrySetResult(true);
        }
    }

    private void Ended(Process process, TaskCompletionSource<bool> ready)
    {
        lock (_gate)
        {
            if (ready.TrySetResult(false) || _isEnding || !ReferenceEquals(process, _process))
            {
                return;
            }

            Crashes++;
            File.AppendAllText(_log, "— it has ended although nobody killed it —\n");
        }
    }
}
