using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace OpenEim.Tests.Cluster;

/// <summary>One section of the balancer's configuration in this run.</summary>
/// <param name="Port">Where it listens.</param>
/// <param name="Nodes">The nodes' ports.</param>
/// <param name="Checks">The ports that tell how the nodes are, where the documented line has a port of its own for that.</param>
/// <param name="Certificate">A PEM file with the certificate and its key, where TLS ends here.</param>
internal sealed record BalancedService(int Port, IReadOnlyList<int> Nodes, IReadOnlyList<int>? Checks = null, string? Certificate = null);

/// <summary>HAProxy on free ports of the loopback, with the configuration of docs/operations-haproxy.md; only addresses and files are this run's own.</summary>
internal sealed partial class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private Balancer(Process process) => _process = process;

    /// <summary>Skips the test where HAProxy is not on the machine; where CI is set that is a failure.</summary>
    public static void Require()
    {
        if (Find() is null)
        {
            const string reason = "HAProxy is not on the PATH";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") is not null, reason);
            Assert.Fail(reason);
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="folder">Where the configuration is written.</param>
    /// <param name="ciFile">The CI that the nodes' certificates lead to.</param>
    /// <param name="services">By the names in the documented configuration.</param>
    public static async Task<Balancer> StartAsync(string folder, string ciFile, IReadOnlyDictionary<string, BalancedService> services)
    {
        var file = Path.Combine(folder, "haproxy.cfg");
        await File.WriteAllTextAsync(file, Configuration(ciFile, services));
        var process = Process.Start(new ProcessStartInfo(Find()!, ["-db", "-f", file]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var balancer = new Balancer(process);
        var errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        var begin = Stopwatch.StartNew();
        while (!await ListensAsync(services.Values.First().Port))
        {
            Assert.False(process.HasExited, process.HasExited ? await errors : "");
            Assert.True(begin.Elapsed < Patience, "HAProxy does not listen");
        }

        return balancer;
    }

    /// <summary>The documented configuration with the addresses of this run.</summary>
    public static string Configuration(string ciFile, IReadOnlyDictionary<string, BalancedService> services)
    {
        var text = new StringBuilder();
        var service = "";
        foreach (var line in Documented())
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            service = words is ["frontend" or "backend", var name] ? name : service;
            switch (words)
            {
                case ["bind", ..]:
                    var tls = services[service].Certificate is { } pem ? $" ssl crt {pem}" : "";
                    text.AppendLine(CultureInfo.InvariantCulture, $"    bind 127.0.0.1:{services[service].Port}{tls}");
                    break;
                case ["server", ..]:
                    AppendNodes(text, line, services[service], ciFile);
                    break;
                default:
                    text.AppendLine(line);
                    break;
            }
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void AppendNodes(StringBuilder text, string line, BalancedService service, string ciFile)
    {
        for (var node = 0; node < service.Nodes.Count; node++)
        {
            var own = NodeAddress().Replace(line, $" node{node + 1} 127.0.0.1:{service.Nodes[node]}");
            own = CiFile().Replace(own, $"ca-file {ciFile} verifyhost localhost");
            text.AppendLine(service.Checks is { } checks ? CheckPort().Replace(own, $"check port {checks[node]}") : own);
        }
    }

    private static string[] Documented()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "OpenEim.slnx")))
        {
            folder = folder.Parent;
        }

        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "operations-haproxy.md"));
        return page.Split("```haproxy\n")[1].Split("```")[0].Split('\n');
    }

    private static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "haproxy")).FirstOrDefault(File.Exists);

    [GeneratedRegex(@" \w+ 10\.[\d.]+:\d+")]
    private static partial Regex NodeAddress();

    [GeneratedRegex(@"ca-file \S+ verifyhost \S+")]
    private static partial Regex CiFile();

    [GeneratedRegex(@"check port \d+")]
    private static partial Regex CheckPort();
}
