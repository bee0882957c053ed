using System.CommandLine;
using BenchmarkDotNet.Running;

namespace OpenEim.Benchmarks.Micro;

/// <summary>The command <c>micro</c>: BenchmarkDotNet, with its own arguments.</summary>
internal static class MicroCommand
{
    private static readonly Argument<string[]> Arguments = new("arguments")
    {
        Description = "BenchmarkDotNet's, such as --filter '*Bsp*' or --job short. Write -- before them.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command("micro", "Micro-benchmarks of the codec, signatures and secure messaging, with BenchmarkDotNet.") { Arguments };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(arguments =>
        {
            string[] own = [.. arguments.GetValue(Arguments) ?? [], .. arguments.UnmatchedTokens];

            // In this process: BenchmarkDotNet would build a project of its own, which the locked packages of this checkout refuse.
            BenchmarkSwitcher.FromTypes([typeof(CodecBenchmarks), typeof(SignatureBenchmarks), typeof(BspBenchmarks)])
                .Run([.. own, .. own.Any(Selects) ? (string[])[] : ["--filter", "*"], "--inProcess"]);
        });
        return command;
    }

    private static bool Selects(string argument) => argument is "--filter" or "-f" or "--list" or "--help" or "--info" or "--version";
}
