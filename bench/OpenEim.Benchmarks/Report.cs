using System.Globalization;
using System.Text;

namespace OpenEim.Benchmarks;

/// <summary>One line of the report: a rate beside its reference, taken in turns so that a noisy machine hits both.</summary>
internal sealed record Measurement(string Name, double Measured, double Reference, double Budget)
{
    public double Ratio => Measured / Reference;
}

internal static class Report
{
    // Until the runtime has compiled what is hot for good; before that its compiler is what is measured.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(12);

    /// <summary>What is measured, by name.</summary>
    public static readonly SortedDictionary<string, Func<TimeSpan, CancellationToken, Task<IReadOnlyList<Measurement>>>> Parts = new(StringComparer.Ordinal)
    {
        ["idle-polls"] = IdlePolls.MeasureAsync,
        ["operations"] = OperationRate.MeasureAsync,
    };

    public static async Task<string> RunAsync(IReadOnlyCollection<string> parts, TimeSpan duration, CancellationToken ct)
    {
        var lines = new List<Measurement>();
        foreach (var part in Parts.Where(part => parts.Count == 0 || parts.Contains(part.Key)))
        {
            lines.AddRange(await part.Value(duration, ct).ConfigureAwait(false));
        }

        var table = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors, .NET {Environment.Version}; `dotnet run -c Release --project bench/OpenEim.Benchmarks -- report`")
            .AppendLine()
            .AppendLine("| what | per second | reference per second | ratio | budget | |")
            .AppendLine("|---|---:|---:|---:|---:|---|");
        foreach (var line in lines)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"| {line.Name} | {line.Measured:N0} | {line.Reference:N0} | {line.Ratio:P0} | {line.Budget:P0} | {(line.Ratio >= line.Budget ? "ok" : "missed")} |");
        }

        return table.ToString();
    }

    /// <summary>Takes turns of A and B and returns the median rate of each.</summary>
    public static async Task<(double A, double B)> TakeTurnsAsync(Func<TimeSpan, Task<double>> a, Func<TimeSpan, Task<double>> b, TimeSpan duration)
    {
        const int Rounds = 5;
        var slice = duration / Rounds;
        await a(WarmUp).ConfigureAwait(false);
        await b(slice).ConfigureAwait(false);
        var rates = (A: new List<double>(), B: new List<double>());
        for (var i = 0; i < Rounds; i++)
        {
            rates.A.Add(await a(slice).ConfigureAwait(false));
            rates.B.Add(await b(slice).ConfigureAwait(false));
        }

        rates.A.Sort();
        rates.B.Sort();
        return (rates.A[Rounds / 2], rates.B[Rounds / 2]);
    }
}
