using System.CommandLine;
using OpenEim.Fuzzing.Commands;

var root = new RootCommand("OpenEim's fuzzing: every decoder and every listener, with the corpus in fuzz/. Read docs/fuzzing.md.")
{
    ListCommand.Create(), RunCommand.Create(), ReproCommand.Create(), SignedCommand.Create(), SeedCommand.Create(), AflCommand.Create(), LibFuzzerCommand.Create(),
};

return await root.Parse(args).InvokeAsync();
