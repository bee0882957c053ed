using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;
using System.Text;

namespace OpenEim.Benchmarks.Reports;

/// <summary>What the report was measured on.</summary>
internal static class Machine
{
    /// <summary>A list in Markdown.</summary>
    public static string Describe(BenchRun run)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"- {Environment.ProcessorCount} processors{ProcessorName()}, {memory:0.#} GiB of memory")
            .AppendLine(CultureInfo.InvariantCulture, $"- {RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}; {RuntimeInformation.FrameworkDescription}, {(GCSettings.IsServerGC ? "server" : "workstation")} garbage collector, {GCSettings.LatencyMode}")
            .AppendLine(CultureInfo.InvariantCulture, $"- {string.Join(", ", run.Engines.Select(engine => engine.Version))}; {(run.IsQuick ? "short runs on small data" : "full runs")}, {run.Elapsed.TotalMinutes:0.#} minutes in all, ended {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC")
            .ToString();
    }

    private static string ProcessorName()
    {
        const string File = "/proc/cpuinfo";
        var name = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return name is null ? "" : $" ({name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()})";
    }
}
