using System.CommandLine;
using OpenEim.Fuzzing.Running;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>repro</c>: one input of one target, with the whole exception.</summary>
internal static class ReproCommand
{
    private static readonly Argument<string> Target = TargetArgument.Create();
    private static readonly Argument<FileInfo> File = new("file") { Description = "The input." };

    public static Command Create()
    {
        var command = new Command("repro", "Runs one file through a target and shows what it does.") { Target, File };
        command.SetAction(async (arguments, ct) =>
        {
            if (TargetArgument.Find(arguments.GetValue(Target)!) is not { } target)
            {
                return 2;
            }

            await using (target.ConfigureAwait(false))
            {
                return await ReproduceAsync(target, await System.IO.File.ReadAllBytesAsync(arguments.GetValue(File)!.FullName, ct).ConfigureAwait(false)).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task<int> ReproduceAsync(Targets.FuzzTarget target, byte[] input)
    {
        try
        {
            var accepted = await FuzzLoop.ReproduceAsync(target, input).ConfigureAwait(false);
            Console.WriteLine(accepted ? "valid, and all invariants hold" : "refused, and all invariants hold");
            return 0;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Console.WriteLine($"FINDING in {target.Name}: {e}");
            return 1;
        }
    }
}
