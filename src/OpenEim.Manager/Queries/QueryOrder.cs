namespace OpenEim.Manager.Queries;

/// <summary>The columns that a list is sorted by. The last one is unique, so that pages neither overlap nor miss rows.</summary>
public sealed class QueryOrder
{
    internal QueryOrder(IReadOnlyList<SortColumn> columns) => Columns = columns;

    /// <summary>What follows ORDER BY.</summary>
    public string Sql => string.Join(", ", Columns.Select(column => column.Sql(column.IsDescending)));

    /// <summary>What follows ORDER BY when the last come first.</summary>
    public string ReversedSql => string.Join(", ", Columns.Select(column => column.Sql(!column.IsDescending)));

    /// <summary>Whether the greatest of the list's own field, its first, comes first; null when it is sorted by another.</summary>
    internal bool? IsDescendingById => Columns[0].Number == 0 ? Columns[0].IsDescending : null;

    /// <summary>Whether one field orders the list, beside the unique one behind it.</summary>
    internal bool IsByOneField => Columns.Count == 1 || (Columns.Count == 2 && Columns[1].Number == 0 && Columns[1].IsDescending == Columns[0].IsDescending);

    internal IReadOnlyList<SortColumn> Columns { get; }

    /// <summary>The condition that a row comes after the one with this key, or before it.</summary>
    internal string Beyond(IReadOnlyList<object> key, bool isBefore, SqlValues values)
    {
        var placeholders = key.Select(values.Add).ToList();
        var comparisons = Columns.Select(column => column.IsDescending == isBefore ? ">" : "<").ToList();
        if (comparisons.Distinct().Count() > 1)
        {
            return Expanded(placeholders, comparisons, 0);
        }

        // A comparison of rows is what both engines walk an index of these columns by.
        return Columns.Count == 1
            ? $"{Columns[0].Column} {comparisons[0]} {placeholders[0]}"
            : $"({string.Join(", ", Columns.Select(column => column.Column))}) {comparisons[0]} ({string.Join(", ", placeholders)})";
    }

    /// <summary>The same for columns of different directions: what comes first narrows, what follows decides among equals.</summary>
    private string Expanded(List<string> placeholders, List<string> comparisons, int index)
    {
        var (column, comparison, placeholder) = (Columns[index].Column, comparisons[index], placeholders[index]);
        return index == Columns.Count - 1
            ? $"{column} {comparison} {placeholder}"
            : $"({column} {comparison}= {placeholder} AND ({column} {comparison} {placeholder} OR {Expanded(placeholders, comparisons, index + 1)}))";
    }
}

/// <summary>One column of an order.</summary>
/// <param name="Number">Of the field, among those of its list.</param>
/// <param name="Field">One that has a column.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
internal sealed record SortColumn(int Number, QueryField Field, bool IsDescending)
{
    public string Column => Field.Column!;

    public string Sql(bool isDescending) => isDescending ? Column + " DESC" : Column;
}
