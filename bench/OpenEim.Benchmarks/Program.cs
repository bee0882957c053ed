using System.CommandLine;
using OpenEim.Benchmarks;

var quick = new Option<bool>("--quick") { Description = "Short runs on small data." };
var output = new Option<string?>("--output") { Description = "Also write the table to this file." };
var only = new Option<string[]>("--only") { Description = $"Measure these parts only: {string.Join(", ", Report.Parts.Keys)}." };
only.AcceptOnlyFromAmong([.. Report.Parts.Keys]);
var report = new Command("report", "Measures the budgets, each beside its reference, in one run.") { quick, output, only };
report.SetAction(async (arguments, ct) =>
{
    var table = await Report.RunAsync(arguments.GetValue(only) ?? [], arguments.GetValue(quick) ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(10), ct);
    Console.WriteLine(table);
    if (arguments.GetValue(output) is { } path)
    {
        await File.WriteAllTextAsync(path, table, ct);
    }

    return 0;
});
return await new RootCommand("OpenEim's benchmarks: ratios measured side by side.") { report }.Parse(args).InvokeAsync();
