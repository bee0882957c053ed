using System.Globalization;

namespace OpenEim.Hosting.Settings;

/// <summary>What was given for a setting: in the configuration, or on the command line.</summary>
/// <param name="Name">The setting or the option, as a sentence names it.</param>
/// <param name="Given">The text; null where a list was given, or nothing.</param>
/// <param name="Items">The items of a list.</param>
public sealed record SettingValue(string Name, string? Given, IReadOnlyList<string?> Items)
{
    private const char Separator = ',';

    /// <summary>One text.</summary>
    public static SettingValue Of(string name, string? given) => new(name, given, []);

    /// <summary>What a section of the configuration says.</summary>
    public static SettingValue Of(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return new($"The setting {section.Path}", section.Value, [.. section.GetChildren().Select(item => item.Value)]);
    }

    /// <summary>Any text.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public string Text() => Given ?? throw new SetupException($"{Name} must be a text.");

    /// <summary>A number from 0.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public int Number() => int.TryParse(Given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Refused("a whole number");

    /// <summary>A number with decimals.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public double Ratio() =>
        double.TryParse(Given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var ratio) ? ratio : throw Refused("a number such as 0.1");

    /// <summary><c>true</c> or <c>false</c>.</summary>
    /// <exception cref="SetupException">It is neither.</exception>
    public bool Flag() => bool.TryParse(Given, out var flag) ? flag : throw new SetupException($"{Name} is \"{Given}\", which is neither true nor false.");

    /// <summary>One of an enumeration's names, in any case.</summary>
    /// <exception cref="SetupException">It is none of them.</exception>
    public T Choice<T>()
        where T : struct, Enum =>
        Array.Find(Enum.GetNames<T>(), name => name.Equals(Given, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw new SetupException($"{Name} is \"{Given}\", which is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");

    /// <summary>A time.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public TimeSpan Time() => TimeSpan.TryParse(Given, CultureInfo.InvariantCulture, out var time) ? time : throw Refused("a time such as 00:15:00");

    /// <summary>A time in seconds, an hour at most.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public TimeSpan Seconds() =>
        double.TryParse(Given, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw Refused("0 to 3600 seconds");

    /// <summary>A URL.</summary>
    /// <exception cref="SetupException">It is none.</exception>
    public Uri Url() => Uri.TryCreate(Given, UriKind.Absolute, out var url) ? url : throw Refused("a URL such as http://127.0.0.1:8080");

    /// <summary>A list: an array in appsettings.json, one text with commas in an environment variable, an option given again on the command line.</summary>
    /// <exception cref="SetupException">An item is no text.</exception>
    public IReadOnlyList<string> List() => Given is { } text
        ? text.Split(Separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : [.. Items.Select((item, index) => item ?? throw new SetupException($"{Name}:{index} must be a text."))];

    private SetupException Refused(string what) => new($"{Name} is \"{Given}\", which is not {what}.");
}
