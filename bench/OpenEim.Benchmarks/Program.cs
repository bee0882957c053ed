using System.CommandLine;
using OpenEim.Benchmarks;

var quick = new Option<bool>("--quick") { Description = "Short runs on small data." };
var output = new Option<string?>("--output") { Description = "Also write the table to this file." };
var json = new Option<string?>("--json") { Description = "Also write the figures to this file, as JSON." };
var only = new Option<string[]>("--only") { Description = $"Measure these parts only: {string.Join(", ", Report.Parts.Keys)}." };
only.AcceptOnlyFromAmong([.. Report.Parts.Keys]);
var report = new Command("report", "Measures the budgets, each beside its reference, in one run.") { quick, output, json, only };
report.SetAction(async (arguments, ct) =>
{
    var lines = await Report.MeasureAsync(arguments.GetValue(only) ?? [], arguments.GetValue(quick) ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(10), ct);
    var table = Report.ToTable(lines);
    Console.WriteLine(table);
    if (arguments.GetValue(output) is { } path)
    {
        await File.WriteAllTextAsync(path, table, ct);
    }

    if (arguments.GetValue(json) is { } jsonPath)
    {
        await File.WriteAllTextAsync(jsonPath, Report.ToJson(lines), ct);
    }

    return 0;
});
return await new RootCommand("OpenEim's benchmarks: ratios measured side by side.") { report }.Parse(args).InvokeAsync();
