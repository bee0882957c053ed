using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OpenEim.Benchmarks.Reports;

/// <summary>The report for people and the one for programs.</summary>
internal static class Tables
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The report for people, in Markdown.</summary>
    public static string ToMarkdown(BenchRun run, IReadOnlyList<Part> parts, string command)
    {
        var text = new StringBuilder()
            .AppendLine("# Benchmarks")
            .AppendLine()
            .AppendLine("Written by `bench/`; do not edit. Where the time goes, and how to load an installation of your own: [load.md](load.md).")
            .AppendLine()
            .AppendLine("Rates are taken in turns with their reference within one run, and the round whose ratio is the median is shown; absolute numbers say")
            .AppendLine("little on a shared machine. *By processor time* is the same ratio by what this process and the database server spent on each, which")
            .AppendLine("does not count what other programs took.")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"`{command}`")
            .AppendLine()
            .Append(Machine.Describe(run))
            .AppendLine()
            .AppendLine("| what | measured | reference | ratio | by processor time | budget | |")
            .AppendLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var line in run.Lines)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {line.Name} | {Number(line.Measured)} | {Number(line.Reference)} | {Percent(line.Ratio)} | {Percent(line.ProcessorRatio)} | {Budget(line)} | {Verdict(line)} |");
        }

        text.AppendLine().AppendLine("Numbers are per second unless the line says otherwise.").AppendLine();
        foreach (var remark in run.Remarks)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- Not measured: {remark}");
        }

        text.Append(run.Remarks.Count > 0 ? Environment.NewLine : "");
        foreach (var part in parts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- **{part.Name}**: {part.What}");
        }

        return text.ToString();
    }

    /// <summary>The report for programs.</summary>
    public static string ToJson(IReadOnlyList<Measurement> lines) => JsonSerializer.Serialize(
        lines.Select(line => new { line.Name, line.Measured, line.Reference, line.Ratio, line.Budget, Ok = line.IsWithinBudget }), Indented);

    /// <summary>A number to read: whole where it is large.</summary>
    public static string Number(double number) => number.ToString(number >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);

    private static string Percent(double? ratio) => ratio?.ToString("P0", CultureInfo.InvariantCulture) ?? "";

    private static string Budget(Measurement line) => line.Budget is not { } budget ? "" : $"{(line.Bound == Bound.AtLeast ? "≥" : "≤")} {Percent(budget)}";

    private static string Verdict(Measurement line) => line switch
    {
        { Budget: null } => "",
        { IsWithinBudget: true } => "ok",
        _ => string.Create(CultureInfo.InvariantCulture, $"**missed by {Math.Abs(line.Ratio - line.Budget.Value) * 100:0.#} points**"),
    };
}
