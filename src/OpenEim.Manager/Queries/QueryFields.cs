namespace OpenEim.Manager.Queries;

/// <summary>The fields of one kind of list: turns <c>q</c> and <c>sort</c> into SQL.</summary>
/// <param name="fields">The first is what a list is sorted by when nothing is asked for; its values are unique.</param>
public sealed class QueryFields(params QueryField[] fields)
{
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

    /// <summary>Whether every criterion is on a field that is counted; so also where there is none.</summary>
    /// <exception cref="QueryException">A criterion cannot be followed.</exception>
    public bool IsCounted(string? q) => string.IsNullOrWhiteSpace(q) || q.Split(',').All(criterion => Filtered(criterion.Trim()).Field.IsCounted);

    /// <summary>Whether a criterion names the rows themselves, by a field whose values are unique and without a wildcard: few rows, found by an index.</summary>
    /// <exception cref="QueryException">A criterion cannot be followed.</exception>
    public bool NamesRows(string? q) => !string.IsNullOrWhiteSpace(q) && q.Split(',').Any(criterion =>
    {
        var (field, value) = Filtered(criterion.Trim());
        return (field == fields[0] || field.IsUnique) && !value.Contains('*', StringComparison.Ordinal);
    });

    /// <summary>Reads <c>field,-field,+field</c>.</summary>
    /// <exception cref="QueryException">A criterion cannot be followed.</exception>
    public QueryOrder Order(string? sort)
    {
        var columns = new List<SortColumn>();
        foreach (var criterion in string.IsNullOrWhiteSpace(sort) ? [] : sort.Split(','))
        {
            var column = Column(criterion.Trim());
            if (column.Field.Column is { } sql && !columns.Exists(known => known.Column == sql))
            {
                columns.Add(column);
            }
        }

        var unique = columns.FindIndex(column => column.Number == 0 || column.Field.IsUnique);
        if (unique < 0)
        {
            // In the direction of what comes before it, as an index is walked in one direction.
            columns.Add(new SortColumn(0, fields[0], columns is [.., { IsDescending: true }]));
            unique = columns.Count - 1;
        }

        return new QueryOrder(columns[..(unique + 1)]); // what follows would order nothing
    }

    private SortColumn Column(string criterion)
    {
        var number = Array.FindIndex(fields, field => field.Name == criterion.TrimStart('-', '+').Trim());
        return number >= 0 ? new SortColumn(number, fields[number], criterion.StartsWith('-'))
            : throw new QueryException($"sort criterion \"{criterion}\" is not one of {Names(fields)}") { Part = QueryPart.Sort };
    }

    private string Criterion(string criterion, SqlValues values)
    {
        var (field, value) = Filtered(criterion);
        var alternatives = value.Split('|', StringSplitOptions.TrimEntries)
            .Select(value => (value.Length == 0 ? null : field.Match!(value, values))
                ?? throw new QueryException($"filter criterion \"{criterion}\" has a value that {field.Name} cannot have"));
        return $"({string.Join(" OR ", alternatives)})";
    }

    private (QueryField Field, string Value) Filtered(string criterion)
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
        return (field, criterion[(colon + 1)..]);
    }

    private static string Names(IEnumerable<QueryField> fields) => string.Join(", ", fields.Select(field => field.Name));
}
