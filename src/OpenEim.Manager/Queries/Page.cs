namespace OpenEim.Manager.Queries;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Number">From 1; one beyond the last means the last.</param>
/// <param name="Size">Items per page.</param>
public sealed record PageRequest(long Number, int Size)
{
    /// <summary>The hint that came with the link to a next page; then the number is what the page is called, and not where it is.</summary>
    public string? After { get; init; }

    /// <summary>The hint that came with the link to a previous page.</summary>
    public string? Before { get; init; }

    /// <summary>The page that is shown of a list with <paramref name="total"/> items.</summary>
    public PageRequest Within(long total) => new(Math.Clamp(Number, 1, Math.Max(1, PageCount(total))), Size);

    /// <summary>How to come to the page along the list: from its end where that is nearer, and known to be the end.</summary>
    internal PageWalk WalkOver(long total, bool isExact)
    {
        var left = Math.Max(0, total - Skip);
        var take = Math.Min(Size, left);
        return isExact && Skip > total / 2 ? new PageWalk(true, left - take, take)
            : new PageWalk(false, Skip, isExact ? Math.Min(Size + 1, left) : Size + 1);
    }

    /// <summary>The same from a place that is known to be near, in a list of exactly <paramref name="total"/> items.</summary>
    internal PageWalk WalkFrom(PagePlace place, long total) => new(false, place.Skip, Math.Min(Size + 1, Math.Max(0, total - Skip))) { From = place.From };

    /// <summary>How many items stand before the page.</summary>
    public long Skip => (Number - 1) * Size;

    /// <summary>How many pages a list with <paramref name="total"/> items has; an empty one has none.</summary>
    public long PageCount(long total) => (total + Size - 1) / Size;
}

/// <summary>A way to a page: over <paramref name="Skip"/> items, and <paramref name="Take"/> of what follows. One more than the page has tells of the next.</summary>
internal readonly record struct PageWalk(bool IsBackwards, long Skip, long Take)
{
    /// <summary>The number of the list's own field that the way begins at, in the list's order; null at an end of the list.</summary>
    public long? From { get; init; }
}

/// <summary>Where a page is: after <paramref name="Skip"/> of the items that follow in the list's order from the number <paramref name="From"/> of its own field on.</summary>
internal readonly record struct PagePlace(long From, long Skip);

/// <summary>A part of a list.</summary>
/// <param name="Items">In the order asked for.</param>
/// <param name="Shown">The page that this is, after clamping.</param>
/// <param name="Total">How many items the whole list has; counted up to <see cref="CountBound"/> where its filter is on a field that no counts are kept of.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, PageRequest Shown, long Total)
{
    /// <summary>No list is counted row by row beyond this: counting millions would take seconds.</summary>
    public const int CountBound = 100_000;

    /// <summary>How many pages the list has, as far as it is counted.</summary>
    public long PageCount => Shown.PageCount(Total);

    /// <summary>The page before this one, or null.</summary>
    public PageRequest? Previous { get; init; } = Shown.Number > 1 ? Shown with { Number = Shown.Number - 1 } : null;

    /// <summary>The page after this one, or null.</summary>
    public PageRequest? Next { get; init; } = Shown.Number < Shown.PageCount(Total) ? Shown with { Number = Shown.Number + 1 } : null;

    internal Page<TOther> With<TOther>(IReadOnlyList<TOther> items) => new(items, Shown, Total) { Previous = Previous, Next = Next };
}
