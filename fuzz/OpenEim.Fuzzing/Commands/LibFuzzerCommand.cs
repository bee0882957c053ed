using System.CommandLine;
using SharpFuzz;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>libfuzzer</c>: what libfuzzer-dotnet starts, over instrumented assemblies.</summary>
internal static class LibFuzzerCommand
{
    private static readonly Argument<string> Target = TargetArgument.Create();

    public static Command Create()
    {
        var command = new Command("libfuzzer", "Serves inputs of libfuzzer-dotnet, which starts this program.") { Target };
        command.SetAction(arguments =>
        {
            var runner = new GuidedRunner(arguments.GetValue(Target)!);
            Fuzzer.LibFuzzer.Run(input => runner.Run(input.ToArray()));
        });
        return command;
    }
}
