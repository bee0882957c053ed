using System.CommandLine;

namespace OpenEim.Hosting.Settings;

/// <summary>All settings of a host. What is not known is refused: a setting with a typing error must not be ignored in silence.</summary>
/// <typeparam name="TOptions">What they make.</typeparam>
public sealed class HostSettings<TOptions>
    where TOptions : CommonOptions, new()
{
    private readonly string _section;
    private readonly Dictionary<string, Setting<TOptions>> _byName;
    private readonly List<(Option Option, Func<ParseResult, TOptions, TOptions> Apply)> _options;

    /// <summary>Collects them.</summary>
    /// <param name="section">The section of the configuration.</param>
    /// <param name="groups">The settings, as the documentation groups them.</param>
    public HostSettings(string section, params IReadOnlyList<SettingGroup<TOptions>> groups)
    {
        _section = section;
        Groups = groups;
        _byName = groups.SelectMany(group => group.Settings).ToDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);
        _options = [.. _byName.Values.Where(setting => setting.Option is not null).Select(OptionOf)];
    }

    /// <summary>As the documentation groups them.</summary>
    public IReadOnlyList<SettingGroup<TOptions>> Groups { get; }

    /// <summary>Reads what the configuration says.</summary>
    /// <exception cref="SetupException">A setting is unknown, or its value is not of its kind.</exception>
    public TOptions Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.GetSection(_section).GetChildren().Aggregate(
            new TOptions(),
            (options, given) => _byName.TryGetValue(given.Key, out var setting)
                ? setting.Apply(options, SettingValue.Of(given))
                : throw new SetupException($"The setting {given.Path} is not known; known are {string.Join(", ", _byName.Keys)}."));
    }

    /// <summary>Reads what the configuration says, and over it what the command line says.</summary>
    /// <exception cref="SetupException">It cannot be followed.</exception>
    public TOptions Read(ParseResult arguments, IConfiguration configuration) =>
        _options.Aggregate(Read(configuration), (options, option) => option.Apply(arguments, options));

    /// <summary>Adds the options to the program's root command.</summary>
    public void AddTo(Command root)
    {
        ArgumentNullException.ThrowIfNull(root);
        foreach (var (option, _) in _options)
        {
            root.Add(option);
        }
    }

    private static (Option, Func<ParseResult, TOptions, TOptions>) OptionOf(Setting<TOptions> setting)
    {
        var apply = setting.ApplyOption ?? setting.Apply;
        var name = setting.Option!;
        switch (setting.Form)
        {
            case OptionForm.Switch:
                var flag = new Option<bool>(name) { Description = setting.Help, Recursive = setting.IsOfEveryCommand };
                return (flag, (arguments, options) => arguments.GetValue(flag) ? apply(options, SettingValue.Of(name, bool.TrueString)) : options);
            case OptionForm.Repeated:
                var list = new Option<string[]>(name) { Description = setting.Help, Recursive = setting.IsOfEveryCommand };
                return (list, (arguments, options) => arguments.GetValue(list) is { Length: > 0 } items ? apply(options, new(name, null, items)) : options);
            default:
                var value = new Option<string?>(name) { Description = setting.Help, Recursive = setting.IsOfEveryCommand };
                return (value, (arguments, options) => arguments.GetValue(value) is { } text ? apply(options, SettingValue.Of(name, text)) : options);
        }
    }
}
