using System.CommandLine;

namespace OpenEim.Benchmarks.Reports;

/// <summary>The command <c>report</c>.</summary>
internal static class ReportCommand
{
    private static readonly Option<bool> Quick = new("--quick") { Description = "Short runs on small data; ends within five minutes." };
    private static readonly Option<string[]> Only = new("--only") { Description = $"Measure this part only; may be repeated: {string.Join(", ", Part.All.Select(part => part.Name))}." };
    private static readonly Option<string?> Json = new("--json") { Description = "Also write the figures to this file, as JSON." };
    private static readonly Option<string?> Output = new("--output") { Description = "Write the report to this file (default: docs/benchmarks.md of the checkout; with --only, none)." };
    private static readonly Option<string?> Data = new("--data") { Description = "A folder with room for the databases: a full run takes some 20 GB (default: the system's temporary folder)." };

    public static Command Create()
    {
        Only.AcceptOnlyFromAmong([.. Part.All.Select(part => part.Name)]);
        var command = new Command("report", "Measures the budgets, each beside its reference, in one run.") { Quick, Only, Json, Output, Data };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var only = arguments.GetValue(Only) ?? [];
        var parts = Part.All.Where(part => only.Length == 0 || only.Contains(part.Name)).ToList();
        var output = arguments.GetValue(Output) ?? (only.Length == 0 ? Path.Combine(Checkout.Root(), "docs", "benchmarks.md") : null);
        var run = new BenchRun(arguments.GetValue(Quick), arguments.GetValue(Data), ct);
        await using var closing = run.ConfigureAwait(false);
        try
        {
            await run.StartEnginesAsync().ConfigureAwait(false);
            foreach (var part in parts)
            {
                await MeasureAsync(run, part).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            run.Say("stopped; no report is written");
            return 130;
        }

        var report = Tables.ToMarkdown(run, parts, CommandLine(arguments));
        Console.WriteLine(report);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, report, CancellationToken.None).ConfigureAwait(false);
        }

        if (arguments.GetValue(Json) is { } json)
        {
            await File.WriteAllTextAsync(json, Tables.ToJson(run.Lines), CancellationToken.None).ConfigureAwait(false);
        }

        return run.HasFailed ? 1 : 0;
    }

    /// <summary>A part that breaks down must not cost what the others have measured for an hour; the report and the exit code tell of it.</summary>
    private static async Task MeasureAsync(BenchRun run, Part part)
    {
        run.Say(part.Name);
        try
        {
            await part.MeasureAsync(run).ConfigureAwait(false);
        }
        catch (Exception e) when (!run.Stop.IsCancellationRequested)
        {
            run.Fail(part.Name, e);
        }
    }

    /// <summary>Without the files, which are the caller's own.</summary>
    private static string CommandLine(ParseResult arguments) => string.Join(' ', (string[])
    [
        "dotnet run -c Release --project bench/OpenEim.Benchmarks -- report",
        .. arguments.GetValue(Quick) ? (string[])["--quick"] : [],
        .. (arguments.GetValue(Only) ?? []).Select(part => "--only " + part),
    ]);
}
