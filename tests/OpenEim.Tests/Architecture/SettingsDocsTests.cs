using System.CommandLine;
using OpenEim.Hosting.Settings;
using OpenEim.Server;
using OpenEim.Smdp;

namespace OpenEim.Tests.Architecture;

/// <summary>A setting is one row: the tables of the documentation and the options of the command line are made of these rows.</summary>
public sealed class SettingsDocsTests
{
    private const string Header = "| setting | option | default | what |";

    [Fact]
    public void Tables_of_the_eIM_are_those_of_its_rows() => AssertTables("settings.md", ServerSettings.All);

    [Fact]
    public void Table_of_the_SMDP_is_that_of_its_rows() => AssertTables("smdp.md", SmdpSettings.All);

    [Fact]
    public void Every_property_of_the_options_is_a_setting()
    {
        // Three settings make the retention.
        Assert.Equal(
            typeof(ServerOptions).GetProperties().Select(property => property.Name).Except(["Retention"]).Concat(["KeepOperations", "KeepExchanges", "KeepNotifications"]).Order(),
            ServerSettings.All.Groups.SelectMany(group => group.Settings).Select(setting => setting.Name).Order());
        Assert.Equal(
            typeof(SmdpOptions).GetProperties().Select(property => property.Name).Order(),
            SmdpSettings.All.Groups.SelectMany(group => group.Settings).Select(setting => setting.Name).Order());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_setting_changes_the_property_of_its_name_and_no_other(string name)
    {
        AssertApplies(ServerSettings.All, name);
        AssertApplies(SmdpSettings.All, name);
    }

    [Fact]
    public void Retention_has_the_defaults_of_its_rows()
    {
        var retention = new ServerOptions().Retention;
        Assert.Equal(
            [$"`{retention.Operations:c}`", $"`{retention.Exchanges:c}`", $"`{retention.Notifications:c}`"],
            ServerSettings.All.Groups[0].Settings.Where(setting => setting.Name.StartsWith("Keep", StringComparison.Ordinal)).Select(setting => setting.Default));
    }

    [Fact]
    public void Command_line_wins_over_the_configuration_and_is_read_by_the_same_row()
    {
        var configuration = Configuration(("OpenEim:EimId", "from-file"), ("OpenEim:ApiUrl", "http://127.0.0.1:1"), ("OpenEim:SmdpHosts:0", "a.example.com"), ("OpenEim:SmdpHosts:1", "b.example.com"));
        var options = Parse(
            ServerSettings.All, configuration,
            "--eim-id", "given", "--esipa-host", "one.example.com", "--esipa-host", "two.example.com", "--direct-download", "--new-database", "--shutdown-delay", "2.5", "--log-format", "JSON");

        Assert.Equal(("given", new Uri("http://127.0.0.1:1")), (options.EimId, options.ApiUrl));
        Assert.Equal(["a.example.com", "b.example.com"], options.SmdpHosts);
        Assert.Equal(["one.example.com", "two.example.com"], options.EsipaHosts);
        Assert.Equal((false, true, TimeSpan.FromSeconds(2.5), LogFormat.Json), (options.IndirectDownload, options.NewDatabase, options.ShutdownDelay, options.LogFormat));
        Assert.Equal(["c.example.com", "d.example.com"], Parse(ServerSettings.All, Configuration(("OpenEim:SmdpHosts", "c.example.com, d.example.com"))).SmdpHosts);
    }

    [Theory]
    [InlineData("--api-url", "nonsense", "--api-url is \"nonsense\", which is not a URL such as http://127.0.0.1:8080.")]
    [InlineData("--log-format", "xml", "--log-format is \"xml\", which is none of text, json.")]
    [InlineData("--shutdown-delay", "3601", "--shutdown-delay is \"3601\", which is not 0 to 3600 seconds.")]
    [InlineData("--shutdown-delay", "-Infinity", "--shutdown-delay is \"-Infinity\", which is not 0 to 3600 seconds.")]
    [InlineData("--shutdown-delay", "soon", "--shutdown-delay is \"soon\", which is not 0 to 3600 seconds.")]
    public void Option_of_another_kind_is_refused(string option, string given, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<SetupException>(() => Parse(ServerSettings.All, Configuration(), option, given)).Message);

    [Theory]
    [InlineData("RequestBurst", "-1", "which is not a whole number.")]
    [InlineData("TraceRatio", "half", "which is not a number such as 0.1.")]
    [InlineData("NewEimKey", "yes", "which is neither true nor false.")]
    [InlineData("PackageHold", "a minute", "which is not a time such as 00:15:00.")]
    [InlineData("AllowV10", "1", "which is none of off, auto, on.")]
    [InlineData("ApiUrl", "here", "which is not a URL such as http://127.0.0.1:8080.")]
    public void Setting_of_another_kind_is_refused(string name, string given, string sentence) => Assert.Equal(
        $"The setting OpenEim:{name} is \"{given}\", {sentence}",
        Assert.Throws<SetupException>(() => ServerSettings.Read(Configuration(($"OpenEim:{name}", given)))).Message);

    [Fact]
    public void Unknown_setting_is_refused_with_the_known_ones()
    {
        var refusal = Assert.Throws<SetupException>(() => SmdpSettings.Read(Configuration(("OpenEimSmdp:NoSuchSetting", "1"))));
        Assert.StartsWith("The setting OpenEimSmdp:NoSuchSetting is not known; known are Data, Database, ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_says_what_the_table_says()
    {
        var root = new RootCommand();
        SmdpSettings.All.AddTo(root);

        Assert.Equal(
            "Names under which devices reach ES9+. The generated certificate has all of them. Activation codes have the first one, with its port unless that is 443; may be given more than once (default: the listener's address).",
            root.Options.Single(option => option.Name == "--host").Description);
        Assert.Equal("Text or json (default: text).", root.Options.Single(option => option.Name == "--log-format").Description);
        Assert.Equal(
            "Seconds for which the server goes on serving requests after the signal to stop (default: 0).",
            root.Options.Single(option => option.Name == "--shutdown-delay").Description);
        Assert.Equal(
            "Makes a new database if the one of an earlier start is missing. Otherwise the server does not start.", root.Options.Single(option => option.Name == "--new-database").Description);
    }

    public static TheoryData<string> Names() =>
    [
        .. ServerSettings.All.Groups.SelectMany(group => group.Settings).Select(setting => setting.Name)
            .Union(SmdpSettings.All.Groups.SelectMany(group => group.Settings).Select(setting => setting.Name)).Where(name => !name.StartsWith("Keep", StringComparison.Ordinal)),
    ];

    /// <summary>With OPENEIM_RECORD=docs the tables are written first: so the page follows the rows.</summary>
    private static void AssertTables<TOptions>(string page, HostSettings<TOptions> settings)
        where TOptions : CommonOptions, new()
    {
        var path = Path.Combine(Checkout.Root, "docs", page);
        if (Environment.GetEnvironmentVariable("OPENEIM_RECORD") == "docs")
        {
            var text = File.ReadAllLines(path).ToList();
            foreach (var group in settings.Groups)
            {
                var (begin, length) = Find(text, page, group.Title);
                text.RemoveRange(begin, length);
                text.InsertRange(begin, group.Table.TrimEnd().Split('\n'));
            }

            File.WriteAllLines(path, text);
        }

        var lines = File.ReadAllLines(path);
        foreach (var group in settings.Groups)
        {
            var (begin, length) = Find(lines, page, group.Title);
            Assert.Equal(group.Table, string.Join('\n', lines[begin..(begin + length)]) + "\n");
        }

        Assert.Equal(settings.Groups.Count, lines.Count(line => line == Header));
    }

    /// <summary>Where the table below a heading stands.</summary>
    private static (int Begin, int Length) Find(IReadOnlyList<string> lines, string page, string title)
    {
        var heading = lines.TakeWhile(line => line.TrimStart('#') != " " + title).Count();
        Assert.True(heading < lines.Count, $"{page} has no heading {title}");
        var begin = heading + lines.Skip(heading).TakeWhile(line => !line.StartsWith('|')).Count();
        return (begin, lines.Skip(begin).TakeWhile(line => line.StartsWith('|')).Count());
    }

    /// <summary>A value of the property's type that is not the default.</summary>
    private static void AssertApplies<TOptions>(HostSettings<TOptions> settings, string name)
        where TOptions : CommonOptions, new()
    {
        var setting = settings.Groups.SelectMany(group => group.Settings).SingleOrDefault(setting => setting.Name == name);
        if (setting is null)
        {
            return;
        }

        var property = typeof(TOptions).GetProperty(name)!;
        var before = property.GetValue(new TOptions());
        var given = property.PropertyType switch
        {
            var type when type == typeof(bool) => (bool)before! ? "false" : "true",
            var type when type == typeof(int) => "77",
            var type when type == typeof(double) => "0.5",
            var type when type == typeof(TimeSpan) => "00:07:07",
            var type when type == typeof(Uri) => "https://127.0.0.7:7777",
            var type when type.IsEnum => Enum.GetNames(type).Last(),
            _ => "seven",
        };
        var options = setting.Apply(new TOptions(), SettingValue.Of(name, given));

        Assert.Equal([name], typeof(TOptions).GetProperties()
            .Where(other => !TextOf(other.GetValue(options)).Equals(TextOf(other.GetValue(new TOptions())), StringComparison.Ordinal)).Select(other => other.Name));
    }

    private static string TextOf(object? value) => value is IEnumerable<string> list ? string.Join(",", list) : $"{value}";

    private static TOptions Parse<TOptions>(HostSettings<TOptions> settings, IConfiguration configuration, params string[] arguments)
        where TOptions : CommonOptions, new()
    {
        var root = new RootCommand();
        settings.AddTo(root);
        return settings.Read(root.Parse(arguments), configuration);
    }

    private static IConfigurationRoot Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
}
