using System.CommandLine;
using OpenEim.Fuzzing.Targets;
using SharpFuzz;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>afl</c>: what afl-fuzz starts, over instrumented assemblies. <c>fuzz/afl.sh</c> does all of it.</summary>
internal static class AflCommand
{
    private static readonly Argument<string> Target = TargetArgument.Create();

    public static Command Create()
    {
        var command = new Command("afl", "Serves inputs of afl-fuzz, which starts this program; fuzz/afl.sh prepares and starts both.") { Target };
        command.SetAction(async arguments =>
        {
            if (TargetArgument.Find(arguments.GetValue(Target)!) is not { } target)
            {
                return 2;
            }

            await using (target.ConfigureAwait(false))
            {
                await target.StartAsync().ConfigureAwait(false);
                Fuzzer.Run(stream => Run(target, stream));
            }

            return 0;
        });
        return command;
    }

    private static void Run(FuzzTarget target, Stream stream)
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        target.RunAsync(input.ToArray()).GetAwaiter().GetResult();
    }
}
