using System.CommandLine;
using SharpFuzz;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>afl</c>: what afl-fuzz starts, over instrumented assemblies. <c>fuzz/afl.sh</c> does all of it.</summary>
internal static class AflCommand
{
    private static readonly Argument<string> Target = TargetArgument.Create();

    public static Command Create()
    {
        var command = new Command("afl", "Serves inputs of afl-fuzz, which starts this program; fuzz/afl.sh prepares and starts both.") { Target };
        command.SetAction(arguments =>
        {
            var runner = new GuidedRunner(arguments.GetValue(Target)!);
            Fuzzer.Run(stream =>
            {
                using var input = new MemoryStream();
                stream.CopyTo(input);
                runner.Run(input.ToArray());
            });
        });
        return command;
    }
}
