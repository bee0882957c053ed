using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OpenEim.Benchmarks;

/// <summary>One line of the report: a rate beside its reference, taken in turns so that a noisy machine hits both.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Measured">Ours.</param>
/// <param name="Reference">What it is held against.</param>
/// <param name="Budget">The least ratio of the two rates.</param>
internal sealed record Measurement(string Name, Rate Measured, Rate Reference, double Budget)
{
    public double Ratio => Measured.PerSecond / Reference.PerSecond;

    public bool IsWithinBudget => Ratio >= Budget;

    /// <summary>The same ratio by processor time, which does not count what other programs took.</summary>
    public double ProcessorRatio => Reference.ProcessorMicroseconds / Measured.ProcessorMicroseconds;
}

/// <summary>How fast something went, and the processor time that this process spent on each.</summary>
internal readonly record struct Rate(double PerSecond, double ProcessorMicroseconds);

internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>
    /// The processor time that A takes before it is measured: until the runtime has compiled what is hot for good; before that its
    /// compiler is what is measured. Not time on the clock, of which a busy machine gives this process only a part.
    /// </summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(24);

    /// <summary>What is measured, by name.</summary>
    public static readonly SortedDictionary<string, Func<TimeSpan, CancellationToken, Task<IReadOnlyList<Measurement>>>> Parts = new(StringComparer.Ordinal)
    {
        ["downloads"] = Downloads.MeasureAsync,
        ["idle-polls"] = IdlePolls.MeasureAsync,
        ["initiate-authentication"] = InitiateAuthentications.MeasureAsync,
        ["operations"] = OperationRate.MeasureAsync,
    };

    /// <summary>Measures the given parts, all of them when none is given.</summary>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(IReadOnlyCollection<string> parts, TimeSpan duration, CancellationToken ct)
    {
        var lines = new List<Measurement>();
        foreach (var part in Parts.Where(part => parts.Count == 0 || parts.Contains(part.Key)))
        {
            lines.AddRange(await part.Value(duration, ct).ConfigureAwait(false));
        }

        return lines;
    }

    /// <summary>The report for people.</summary>
    public static string ToTable(IReadOnlyList<Measurement> lines)
    {
        var table = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors, .NET {Environment.Version}; `dotnet run -c Release --project bench/OpenEim.Benchmarks -- report`")
            .AppendLine()
            .AppendLine("| what | per second | reference per second | ratio | by processor time | budget | |")
            .AppendLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var line in lines)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"| {line.Name} | {line.Measured.PerSecond:N0} | {line.Reference.PerSecond:N0} | {line.Ratio:P0} | {line.ProcessorRatio:P0} | {line.Budget:P0} | {(line.IsWithinBudget ? "ok" : "missed")} |");
        }

        return table.ToString();
    }

    /// <summary>The report for programs; both rates are per second.</summary>
    public static string ToJson(IReadOnlyList<Measurement> lines) => JsonSerializer.Serialize(
        lines.Select(line => new
        {
            line.Name,
            Measured = line.Measured.PerSecond,
            Reference = line.Reference.PerSecond,
            line.Ratio,
            line.Budget,
            Ok = line.IsWithinBudget,
        }),
        Indented);

    /// <summary>Takes turns of A and B, each of which returns its rate per second, and returns the median of each.</summary>
    public static async Task<(Rate A, Rate B)> TakeTurnsAsync(Func<TimeSpan, Task<double>> a, Func<TimeSpan, Task<double>> b, TimeSpan duration)
    {
        const int Rounds = 5;
        var slice = duration / Rounds;
        await WarmUpAsync(a).ConfigureAwait(false);
        await b(slice).ConfigureAwait(false);
        var rates = (A: new List<Rate>(), B: new List<Rate>());
        for (var i = 0; i < Rounds; i++)
        {
            rates.A.Add(await TimeAsync(a, slice).ConfigureAwait(false));
            rates.B.Add(await TimeAsync(b, slice).ConfigureAwait(false));
        }

        return (Median(rates.A), Median(rates.B));
    }

    private static async Task WarmUpAsync(Func<TimeSpan, Task<double>> run)
    {
        var spent = Environment.CpuUsage.TotalTime;
        while (Environment.CpuUsage.TotalTime - spent < WarmUp)
        {
            await run(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
    }

    /// <summary>Runs for a while what returns its rate per second.</summary>
    public static async Task<Rate> TimeAsync(Func<TimeSpan, Task<double>> run, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var spent = Environment.CpuUsage.TotalTime;
        var perSecond = await run(slice).ConfigureAwait(false);
        var count = perSecond * Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Rate(perSecond, (Environment.CpuUsage.TotalTime - spent).TotalMicroseconds / count);
    }

    private static Rate Median(List<Rate> rates) => new(
        rates.Select(rate => rate.PerSecond).Order().ElementAt(rates.Count / 2),
        rates.Select(rate => rate.ProcessorMicroseconds).Order().ElementAt(rates.Count / 2));
}
