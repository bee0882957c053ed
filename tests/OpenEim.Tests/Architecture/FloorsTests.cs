using System.Text.RegularExpressions;

namespace OpenEim.Tests.Architecture;

/// <summary>The floors of the Manager: a folder names only folders of lower floors, so that there is no circle. They change only with a record in docs/decisions.</summary>
public sealed partial class FloorsTests
{
    private static readonly string[][] Floors =
    [
        ["Queries", "Secrets", "Telemetry", "Nodes", "Events"],
        ["Euiccs", "Organisations", "Smdps"],
        ["Exchanges", "Stock", "Restoration"],
        ["Operations", "Notifications"],
        ["Downloads", "Webhooks"],
        ["Packages", "Campaigns"],
        ["Esipa"],
    ];

    private static string Manager => Path.Combine(Checkout.Root, "src", "OpenEim.Manager");

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Manager).Select(Path.GetFileName).OfType<string>().Except(["bin", "obj", "Schema"])];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_names_only_folders_of_lower_floors(string folder)
    {
        var own = FloorOf(folder);
        Assert.True(own >= 0, $"{folder} is on no floor");

        var files = Directory.GetFiles(Path.Combine(Manager, folder), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        var offences = files.SelectMany(file => Named(file)
            .Where(named => named != folder && FloorOf(named) >= own)
            .Select(named => $"{folder}/{Path.GetFileName(file)} names {named}"));

        Assert.Empty(offences);
    }

    [Fact]
    public void Only_the_composition_and_the_clock_stand_beside_the_folders() =>
        Assert.Equal(["Eim.cs", "Times.cs"], Directory.GetFiles(Manager, "*.cs").Select(Path.GetFileName).Order());

    /// <summary>Folders in using lines, and in names that are written with them.</summary>
    private static IEnumerable<string> Named(string file)
    {
        var text = File.ReadAllText(file);
        return Used().Matches(text).Concat(Qualified().Matches(text))
            .Select(match => match.Groups[1].Value)
            .Where(name => FloorOf(name) >= 0)
            .Distinct();
    }

    private static int FloorOf(string folder) => Array.FindIndex(Floors, floor => floor.Contains(folder));

    [GeneratedRegex(@"OpenEim\.Manager\.(\w+)")]
    private static partial Regex Used();

    [GeneratedRegex(@"(?<![\w.""])(Queries|Secrets|Telemetry|Nodes|Events|Euiccs|Organisations|Smdps|Exchanges|Stock|Restoration|Operations|Notifications|Downloads|Webhooks|Packages|Campaigns|Esipa)\.[A-Z]\w+")]
    private static partial Regex Qualified();
}
