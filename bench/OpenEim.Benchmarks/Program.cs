using System.CommandLine;
using OpenEim.Benchmarks.Load;
using OpenEim.Benchmarks.Micro;
using OpenEim.Benchmarks.Reports;

var root = new RootCommand("OpenEim's benchmarks: the budgets as ratios measured side by side, micro-benchmarks, a load generator.")
{
    ReportCommand.Create(), LoadCommand.Create(), MicroCommand.Create(),
};

// Ctrl-C ends what was started and removes its data, which takes a moment.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
