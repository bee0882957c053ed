using System.CommandLine;
using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>list</c>.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Shows all targets with the number of their seeds and regressions.");
        command.SetAction(_ =>
        {
            var corpus = Corpus.Find();
            foreach (var target in TargetList.All())
            {
                Console.WriteLine($"{target.Name,-45} {target.Kind,-9} {corpus.Seeds(target.Name).Count,3} {corpus.Regressions(target.Name).Count,3}  {target.Description}");
            }
        });
        return command;
    }
}
