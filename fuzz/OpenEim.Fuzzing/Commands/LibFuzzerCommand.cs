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
        command.SetAction(async arguments =>
        {
            if (TargetArgument.Find(arguments.GetValue(Target)!) is not { } target)
            {
                return 2;
            }

            await using (target.ConfigureAwait(false))
            {
                await target.StartAsync().ConfigureAwait(false);
                Fuzzer.LibFuzzer.Run(input => target.RunAsync(input.ToArray()).GetAwaiter().GetResult());
            }

            return 0;
        });
        return command;
    }
}
