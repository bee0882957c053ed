using System.Text.RegularExpressions;

namespace OpenEim.Manager.Queries;

/// <summary>One field that a list can be filtered or sorted by.</summary>
/// <param name="Name">As callers write it.</param>
/// <param name="Column">The SQL to sort by; null when every row has the same value.</param>
/// <param name="Match">Turns one value into a condition, or gives null when the value cannot be one of the field's; null when the field only sorts.</param>
public sealed record QueryField(string Name, string? Column, Func<string, SqlValues, string?>? Match)
{
    /// <summary>Whether no two rows have the same value.</summary>
    public bool IsUnique { get; init; }

    /// <summary>Whether rows are kept that count how many have each value, so that a list filtered by it needs no counting.</summary>
    public bool IsCounted { get; init; }

    /// <summary>How many bytes every value has; null when values are no bytes.</summary>
    public int? ByteLength { get; init; }

    /// <summary>A field that the list can only be sorted by.</summary>
    public static QueryField SortOnly(string name, string column) => new(name, column, null);

    /// <summary>A whole number; <c>12*</c> matches its digits.</summary>
    public static QueryField Number(string name, string column) => new(name, column, (value, values) =>
        WholeNumber.TryParse(value, out var number) ? $"{column} = {values.Add(number)}"
        : IsPattern(value, char.IsAsciiDigit) ? $"CAST({column} AS TEXT) LIKE {values.Add(Like(value))}"
        : null);

    /// <summary>An ICCID, stored as its text: hexadecimal digits of either case; an F at the end is padding and does not count.</summary>
    public static QueryField Iccid(string name, string column) => new(name, column, (value, values) =>
        value.Contains('*', StringComparison.Ordinal) && IsPattern(value, char.IsAsciiHexDigit) ? $"{column} LIKE {values.Add(Like(value.ToUpperInvariant()))}"
        : Protocol.Identifiers.Iccid.TryParse(value, out var iccid) ? $"{column} = {values.Add(iccid.ToString())}"
        : null);

    /// <summary>Bytes that callers see as <paramref name="byteLength"/> × 2 hexadecimal digits, where dashes do not count.</summary>
    public static QueryField Hex(string name, string column, int byteLength) => new(name, column, (value, values) =>
    {
        var digits = value.Replace("-", "", StringComparison.Ordinal);
        return !IsPattern(digits, char.IsAsciiHexDigit) ? null
            : IsPrefix(digits, byteLength) ? $"{column} BETWEEN {values.Add(Padded(digits, byteLength, '0'))} AND {values.Add(Padded(digits, byteLength, 'F'))}"
            : digits.Contains('*', StringComparison.Ordinal) ? $"hex({column}) LIKE {values.Add(Like(digits))}"
            : digits.Length == 2 * byteLength ? $"{column} = {values.Add(Convert.FromHexString(digits))}"
            : null;
    })
    {
        ByteLength = byteLength,
    };

    /// <summary>One of a table of numbers with descriptions: an integer is the number, anything else the description, whatever its case.</summary>
    public static QueryField Choice(string name, string column, IReadOnlyDictionary<int, string> descriptions) => new(name, column, (value, values) =>
    {
        if (WholeNumber.TryParse(value, out var number))
        {
            return $"{column} = {values.Add(number)}";
        }

        var numbers = descriptions.Where(pair => Matches(pair.Value, value)).Select(pair => values.Add((long)pair.Key)).ToList();
        return numbers.Count == 0 ? "1 = 0" : $"{column} IN ({string.Join(", ", numbers)})";
    });

    /// <summary>A number with a description that is the same for every row.</summary>
    public static QueryField Constant(string name, int number, string description) => new(name, null, (value, _) =>
        (WholeNumber.TryParse(value, out var asked) ? asked == number : Matches(description, value))
            ? "1 = 1"
            : "1 = 0");

    private static bool Matches(string description, string pattern) => Regex.IsMatch(
        description,
        "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    private static bool IsPattern(string value, Func<char, bool> isAllowed) => value.All(c => c == '*' || isAllowed(c));

    /// <summary>Whether a pattern is a beginning and a wildcard: then it is a range, which an index has in order.</summary>
    private static bool IsPrefix(string digits, int byteLength) =>
        digits.Length > 1 && digits.Length <= 2 * byteLength && digits.IndexOf('*', StringComparison.Ordinal) == digits.Length - 1;

    private static byte[] Padded(string pattern, int byteLength, char with) => Convert.FromHexString(pattern[..^1].PadRight(2 * byteLength, with));

    // The characters of these patterns are digits and the wildcard, so nothing needs escaping.
    private static string Like(string pattern) => pattern.Replace('*', '%');
}
