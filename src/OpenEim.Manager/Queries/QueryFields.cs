namespace OpenEim.Manager.Queries;

/// <summary>The fields of one kind of list: turns <c>q</c> and <c>sort</c> into SQL.</summary>
/// <param name="fields">The first is what a list is sorted by when nothing is asked for; its values are unique.</param>
public sealed class QueryFields(params QueryField[] fields)
{
    private const string Descending = " DESC";
    private const int MaxValues = 100; // of one filter: databases bound the depth of a condition

    /// <summary>Reads <c>field:value[,field:value…]</c>; a comma is AND, <c>|</c> inside a value is OR.</summary>
    /// <returns>A condition, or null when there is no criterion.</returns>
    /// <exception cref="QueryException">A criterion cannot be followed.</exception>
    public string? Condition(string? q, SqlValues values)
    {
        if (string.IsNullOrWhiteSpace(q))
        {
            return null;
        }

        if (q.AsSpan().CountAny(',', '|') >= MaxValues)
        {
            throw new QueryException($"filter has more than {MaxValues} values");
        }

        return string.Join(" AND ", q.Split(',').Select(criterion => Criterion(criterion.Trim(), values)));
    }

    /// <summary>Reads <c>field,-field,+field</c>.</summary>
    /// <returns>What follows ORDER BY; the last column makes the order complete, so that pages neither overlap nor miss rows.</returns>
    /// <exception cref="QueryException">A criterion cannot be followed.</exception>
    public string Order(string? sort)
    {
        var columns = new List<string>();
        foreach (var criterion in string.IsNullOrWhiteSpace(sort) ? [] : sort.Split(','))
        {
            var name = criterion.Trim();
            var descending = name.StartsWith('-');
            var field = fields.FirstOrDefault(field => field.Name == name.TrimStart('-', '+').Trim())
                ?? throw new QueryException($"sort criterion \"{name}\" is not one of {Names(fields)}") { IsSort = true };
            if (field.Column is { } column && !columns.Exists(known => known == column || known == column + Descending))
            {
                columns.Add(column + (descending ? Descending : ""));
            }
        }

        var unique = fields[0].Column!;
        if (!columns.Exists(column => column == unique || column == unique + Descending))
        {
            // In the direction of what comes before it, as an index is walked in one direction.
            columns.Add(columns is [.., var last] && last.EndsWith(Descending, StringComparison.Ordinal) ? unique + Descending : unique);
        }

        return string.Join(", ", columns);
    }

    /// <summary>The order in which the last come first.</summary>
    public static string Reverse(string order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return string.Join(", ", order.Split(", ").Select(column =>
            column.EndsWith(Descending, StringComparison.Ordinal) ? column[..^Descending.Length] : column + Descending));
    }

    private string Criterion(string criterion, SqlValues values)
    {
        var colon = criterion.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new QueryException($"filter criterion \"{criterion}\" is not of the form field:value");
        }

        var filters = fields.Where(field => field.Match is not null);
        var name = criterion[..colon].Trim();
        var field = filters.FirstOrDefault(field => field.Name == name)
            ?? throw new QueryException($"filter criterion \"{criterion}\" names none of the fields {Names(filters)}");
        var alternatives = criterion[(colon + 1)..].Split('|', StringSplitOptions.TrimEntries)
            .Select(value => (value.Length == 0 ? null : field.Match!(value, values))
                ?? throw new QueryException($"filter criterion \"{criterion}\" has a value that {field.Name} cannot have"));
        return $"({string.Join(" OR ", alternatives)})";
    }

    private static string Names(IEnumerable<QueryField> fields) => string.Join(", ", fields.Select(field => field.Name));
}
