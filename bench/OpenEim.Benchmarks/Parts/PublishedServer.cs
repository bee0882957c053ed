using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenEim.Benchmarks.Reports;

namespace OpenEim.Benchmarks.Parts;

/// <summary>The server as it is published, in a process of its own: how soon it is ready, and what memory it takes at rest.</summary>
internal static class PublishedServer
{
    private const double MegaByte = 1e6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task MeasureAsync(BenchRun run)
    {
        var program = await PublishAsync(run).ConfigureAwait(false);
        var data = run.NewFolder();
        var first = await StartAsync(run, program, data, TimeSpan.Zero).ConfigureAwait(false);
        var starts = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            starts.Add((await StartAsync(run, program, data, TimeSpan.Zero).ConfigureAwait(false)).Ready);
        }

        var rest = await StartAsync(run, program, data, TimeSpan.FromSeconds(run.IsQuick ? 10 : 60)).ConfigureAwait(false);
        run.Add(Measurement.AtMost("published server ready, median of five starts, seconds (at most)", starts.Order().ElementAt(starts.Count / 2), 1));
        run.Add(Measurement.AtMost("published server ready, first start, which makes keys and the database, seconds (at most)", first.Ready, 1));
        run.Add(Measurement.AtMost("published server at rest, resident memory, MB (at most)", rest.Memory / MegaByte, 150));
    }

    private static async Task<string> PublishAsync(BenchRun run)
    {
        var folder = run.NewFolder();
        var project = Path.Combine(Checkout.Root(), "src", "OpenEim.Server", "OpenEim.Server.csproj");
        run.Say("    publishing the server");
        using var publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-o", folder, "--nologo", "-v", "quiet"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            var said = await publish.StandardOutput.ReadToEndAsync(run.Stop).ConfigureAwait(false);
            await publish.WaitForExitAsync(run.Stop).ConfigureAwait(false);
            return publish.ExitCode == 0 ? Path.Combine(folder, "openeim-server.dll") : throw new InvalidOperationException($"dotnet publish failed: {said}");
        }
        finally
        {
            End(publish);
        }
    }

    /// <summary>Starts the server, waits until it is ready and then for a while, and ends it.</summary>
    private static async Task<(double Ready, long Memory)> StartAsync(BenchRun run, string program, string data, TimeSpan rest)
    {
        var (api, esipa) = (FreePort(), FreePort());
        var start = Stopwatch.GetTimestamp();
        using var server = Process.Start(new ProcessStartInfo(
            "dotnet", [program, "--data", data, "--api-url", $"http://127.0.0.1:{api}", "--esipa-url", $"https://127.0.0.1:{esipa}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = data,
        })!;
        server.OutputDataReceived += (_, _) => { };
        server.BeginOutputReadLine();
        try
        {
            await WaitUntilReadyAsync(server, new Uri($"http://127.0.0.1:{api}/health/ready"), start, run.Stop).ConfigureAwait(false);
            var ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await Task.Delay(rest, run.Stop).ConfigureAwait(false);
            server.Refresh();
            return (ready, server.WorkingSet64);
        }
        finally
        {
            End(server);
        }
    }

    private static async Task WaitUntilReadyAsync(Process server, Uri url, long start, CancellationToken ct)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(url, ct).ConfigureAwait(false);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
            {
                if (server.HasExited || Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new InvalidOperationException("the published server does not become ready", e);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), ct).ConfigureAwait(false);
        }
    }

    private static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
