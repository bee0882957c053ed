using System.CommandLine;
using System.Security.Cryptography;
using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>run</c>: our own loop, on one target or on all.</summary>
internal static class RunCommand
{
    private static readonly Argument<string> Target = new("target") { Description = "The target's name, the beginning of some followed by *, or all." };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "How long to run, all targets together.", DefaultValueFactory = _ => 60 };
    private static readonly Option<int?> Seed = new("--seed") { Description = "Makes the run repeatable; random by default." };

    public static Command Create()
    {
        var command = new Command("run", "Mutates the corpus for a bounded time, without looking at coverage.") { Target, Seconds, Seed };
        command.SetAction((arguments, ct) => RunAsync(
            arguments.GetValue(Target)!, TimeSpan.FromSeconds(arguments.GetValue(Seconds)), arguments.GetValue(Seed) ?? RandomNumberGenerator.GetInt32(int.MaxValue), ct));
        return command;
    }

    private static async Task<int> RunAsync(string name, TimeSpan time, int seed, CancellationToken ct)
    {
        var targets = TargetList.All().Where(target => IsMeant(target, name)).ToList();
        if (targets.Count == 0)
        {
            await Console.Error.WriteLineAsync($"There is no target {name}. The command list shows all targets.").ConfigureAwait(false);
            return 2;
        }

        Console.WriteLine($"seed {seed}, {targets.Count} targets, {time.TotalSeconds:0} s");
        var loop = new FuzzLoop(Corpus.Find(), Console.Out);
        var weight = targets.Sum(target => target.Weight);
        var reports = new List<FuzzReport>();
        foreach (var target in targets)
        {
            await using (target.ConfigureAwait(false))
            {
                await target.StartAsync().ConfigureAwait(false);
                var report = await loop.RunAsync(target, time * target.Weight / weight, seed, ct).ConfigureAwait(false);
                Console.WriteLine($"{target.Name,-45} {report.Executions,9} inputs, {report.Accepted,9} valid, {report.Findings.Count} findings");
                reports.Add(report);
            }
        }

        var findings = reports.Sum(report => report.Findings.Count);
        Console.WriteLine($"{reports.Sum(report => report.Executions)} inputs, {findings} findings, seed {seed}");
        return findings == 0 ? 0 : 1;
    }

    private static bool IsMeant(FuzzTarget target, string name) =>
        name == "all" || target.Name == name || (name.EndsWith('*') && target.Name.StartsWith(name[..^1], StringComparison.Ordinal));
}
