using System.Globalization;
using System.Text.RegularExpressions;
using OpenEim.Hosting.Settings;
using OpenEim.Server;
using OpenEim.Smdp;

namespace OpenEim.Tests.Architecture;

/// <summary>Whoever sets a server up finds every setting and every option in a table, with the default that the code has.</summary>
public sealed partial class SettingsDocsTests
{
    [Fact]
    public void Every_setting_of_the_eim_stands_once_in_its_table_with_its_default()
    {
        var rows = RowsOf("settings.md");
        var known = KnownTo("OpenEim", configuration => ServerSettings.Read(configuration));

        Assert.Equal(known.Order(), rows.Select(row => row.Name).Order());
        var defaults = new ServerOptions();
        var wrong = rows
            .Select(row => (row.Name, row.Default, Expected: TextOf(typeof(ServerOptions).GetProperty(row.Name)?.GetValue(defaults))))
            .Where(row => row.Expected is not null && !row.Expected.Equals(row.Default, StringComparison.OrdinalIgnoreCase));
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_setting_of_the_smdp_stands_in_its_table()
    {
        var known = KnownTo("OpenEimSmdp", configuration => SmdpSettings.Read(configuration));

        Assert.Equal(known.Order(), RowsOf("smdp.md").Select(row => row.Name).Order());
    }

    [Theory]
    [InlineData("OpenEim.Server", "settings.md")]
    [InlineData("OpenEim.Smdp", "smdp.md")]
    public void Every_option_of_the_command_line_stands_in_the_table(string project, string page)
    {
        var folder = Path.Combine(Root(), "src", project);
        var sources = File.ReadAllText(Path.Combine(folder, "Program.cs"))
            + string.Concat(Directory.GetFiles(Path.Combine(folder, "Hosting"), "*Arguments.cs").Select(File.ReadAllText));
        var options = Option().Matches(sources).Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.Contains("--data", options);

        var text = File.ReadAllText(Path.Combine(Root(), "docs", page));
        Assert.All(options, option => Assert.Contains($"`{option}`", text, StringComparison.Ordinal));
    }

    /// <summary>The names in the first cells of a page's tables of settings; several may share a row.</summary>
    private static List<(string Name, string Default)> RowsOf(string page)
    {
        var rows = new List<(string, string)>();
        var isTable = false;
        foreach (var line in File.ReadLines(Path.Combine(Root(), "docs", page)))
        {
            var cells = line.Split('|');
            isTable = cells.Length >= 6 && (isTable || cells[1].Trim() == "setting");
            if (isTable && Name().IsMatch(cells[1]))
            {
                rows.AddRange(cells[1].Split(',').Select(name => (name.Trim(' ', '`'), cells[3].Trim(' ', '`'))));
            }
        }

        return rows;
    }

    /// <summary>What the refusal of an unknown setting names.</summary>
    private static List<string> KnownTo(string section, Func<IConfiguration, object> read)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new($"{section}:NoSuchSetting", "1")]).Build();
        var refusal = Assert.Throws<SetupException>(() => read(configuration));
        return [.. refusal.Message.TrimEnd('.').Split("known are ")[1].Split(", ")];
    }

    /// <summary>A default as the page writes it; null where it is described in words.</summary>
    private static string? TextOf(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        int or double => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Uri url => url.ToString().TrimEnd('/'),
        Enum choice => choice.ToString(),
        _ => null,
    };

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OpenEim.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex("""\("(--[a-z0-9-]+)"\)""")]
    private static partial Regex Option();

    [GeneratedRegex("^ `?[A-Z]")]
    private static partial Regex Name();
}
