using System.Xml.Linq;

namespace OpenEim.Tests.Architecture;

/// <summary>The table of who may reference whom. It changes only with a record in docs/decisions.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["OpenEim.Protocol"] = [],
        ["OpenEim.Storage"] = [],
        ["OpenEim.Client"] = [],
        ["OpenEim.Hosting"] = ["OpenEim.Protocol", "OpenEim.Storage"],
        ["OpenEim.Manager"] = ["OpenEim.Protocol", "OpenEim.Storage"],
        ["OpenEim.Smdp"] = ["OpenEim.Hosting", "OpenEim.Protocol", "OpenEim.Storage"],
        ["OpenEim.Server"] = ["OpenEim.Hosting", "OpenEim.Manager", "OpenEim.Protocol", "OpenEim.Storage"],
        ["OpenEim.Device"] = ["OpenEim.Protocol"],
        ["OpenEim.Console"] = ["OpenEim.Client"],
        ["OpenEim.Cli"] = ["OpenEim.Client", "OpenEim.Protocol", "OpenEim.Device"],
        ["OpenEim.Demo"] = ["OpenEim.Server", "OpenEim.Smdp", "OpenEim.Device"],
    };

    public static TheoryData<string> Projects() => [.. Directory.GetDirectories(Path.Combine(Checkout.Root, "src")).Select(Path.GetFileName).OfType<string>()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        Assert.True(Allowed.ContainsKey(project), $"{project} is not in the table");
        var file = XDocument.Load(Path.Combine(Checkout.Root, "src", project, project + ".csproj"));
        var references = file.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Fact]
    public void The_protocol_does_no_input_or_output_has_no_clock_and_no_logger()
    {
        string[] forbidden = ["System.IO", "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.UtcNow", "TimeProvider", "ILogger", "HttpClient", "System.Net.Sockets", "Console."];
        var sources = Directory.GetFiles(Path.Combine(Checkout.Root, "src", "OpenEim.Protocol"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(sources);

        var offences = sources.SelectMany(path => File.ReadLines(path)
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Where(line => forbidden.Any(word => line.Contains(word, StringComparison.Ordinal)))
            .Select(line => $"{Path.GetFileName(path)}: {line.Trim()}"));

        Assert.Empty(offences);
    }
}
