using System.CommandLine;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The argument TARGET.</summary>
internal static class TargetArgument
{
    public static Argument<string> Create() => new("target") { Description = "The target's name; the command list shows all." };

    /// <summary>The target, or a sentence on the error stream.</summary>
    public static FuzzTarget? Find(string name)
    {
        if (TargetList.Find(name) is { } target)
        {
            return target;
        }

        Console.Error.WriteLine($"There is no target {name}. The command list shows all targets.");
        return null;
    }
}
