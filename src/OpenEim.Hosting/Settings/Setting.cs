using System.Globalization;

namespace OpenEim.Hosting.Settings;

/// <summary>How a setting is given on the command line.</summary>
public enum OptionForm
{
    /// <summary>With a value.</summary>
    Value,

    /// <summary>With a value, and again for each further one.</summary>
    Repeated,

    /// <summary>Without a value.</summary>
    Switch,
}

/// <summary>One setting. From this row come the reading of the configuration, the option, <c>--help</c>, and the table in the documentation.</summary>
/// <typeparam name="TOptions">Whose setting.</typeparam>
/// <param name="Name">In the configuration.</param>
/// <param name="Option">On the command line; null where there is none.</param>
/// <param name="What">What it says: half a sentence that begins with a small letter; names of settings and files in backticks.</param>
/// <param name="Apply">Reads the value into the options.</param>
public sealed record Setting<TOptions>(string Name, string? Option, string What, Func<TOptions, SettingValue, TOptions> Apply)
    where TOptions : CommonOptions, new()
{
    private readonly string? _default;

    /// <summary>How the option is given.</summary>
    public OptionForm Form { get; init; }

    /// <summary>Whether the subcommands have the option too.</summary>
    public bool IsOfEveryCommand { get; init; }

    /// <summary>Reads the option, where that is not given as the setting is.</summary>
    public Func<TOptions, SettingValue, TOptions>? ApplyOption { get; init; }

    /// <summary>What must be known of the option, as the table says it: <c>(seconds)</c>.</summary>
    public string? OptionNote { get; init; }

    /// <summary>What <c>--help</c> says, where the option means something else than the setting.</summary>
    public string? OptionHelp { get; init; }

    /// <summary>A pointer to a page, for the table alone.</summary>
    public string? See { get; init; }

    /// <summary>What holds where nothing is given, as the table says it: the options' own default unless another text is set.</summary>
    public string Default
    {
        get => _default ?? TextOf(typeof(TOptions).GetProperty(Name)?.GetValue(new TOptions()));
        init => _default = value;
    }

    /// <summary>What <c>--help</c> says.</summary>
    public string Help
    {
        get
        {
            if (OptionHelp is not null)
            {
                return OptionHelp;
            }

            var what = Plain(What);
            var sentence = char.ToUpperInvariant(what[0]) + what[1..];
            var repeated = Form == OptionForm.Repeated ? "; may be given more than once" : "";
            return Form == OptionForm.Switch ? $"{sentence}{repeated}." : $"{sentence}{repeated} (default: {Plain(Default)}).";
        }
    }

    /// <summary>The row of the table, in Markdown.</summary>
    public string Row
    {
        get
        {
            var note = OptionNote ?? (Form == OptionForm.Repeated ? "(repeat)" : null);
            var option = Option is null ? "" : note is null ? $"`{Option}` " : $"`{Option}` {note} ";
            return $"| `{Name}` | {option}| {Default} | {What}{(See is null ? "" : $" ({See})")} |";
        }
    }

    private static string Plain(string markdown) => markdown.Replace("`", "", StringComparison.Ordinal);

    private static string TextOf(object? value) => value switch
    {
        null => "none",
        IReadOnlyCollection<string> { Count: 0 } => "none",
        bool flag => flag ? "`true`" : "`false`",
        TimeSpan time => $"`{time.ToString("c", CultureInfo.InvariantCulture)}`",
        Uri url => $"`{url.ToString().TrimEnd('/')}`",
        Enum choice => $"`{choice.ToString().ToLowerInvariant()}`",
        int or double => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        _ => $"`{value}`",
    };
}

/// <summary>Settings that stand in one table of the documentation.</summary>
/// <typeparam name="TOptions">Whose settings.</typeparam>
/// <param name="Title">The heading above the table.</param>
/// <param name="Settings">The rows.</param>
public sealed record SettingGroup<TOptions>(string Title, params IReadOnlyList<Setting<TOptions>> Settings)
    where TOptions : CommonOptions, new()
{
    /// <summary>The table, in Markdown.</summary>
    public string Table => string.Join('\n', ["| setting | option | default | what |", "|---|---|---|---|", .. Settings.Select(setting => setting.Row)]) + "\n";
}
