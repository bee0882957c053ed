namespace OpenEim.Manager.Queries;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Number">From 1; one beyond the last means the last.</param>
/// <param name="Size">Items per page.</param>
public sealed record PageRequest(long Number, int Size)
{
    /// <summary>The page that is shown of a list with <paramref name="total"/> items.</summary>
    public PageRequest Within(long total) => this with { Number = Math.Clamp(Number, 1, Math.Max(1, PageCount(total))) };

    /// <summary>How to come to the page along the list: from its end where that is nearer, and known to be the end.</summary>
    internal PageWalk WalkOver(long total, bool isExact)
    {
        var take = Math.Min(Size, Math.Max(0, total - Skip));
        return isExact && Skip > total / 2 ? new PageWalk(true, total - Skip - take, take) : new PageWalk(false, Skip, Size);
    }

    /// <summary>How many items stand before the page.</summary>
    public long Skip => (Number - 1) * Size;

    /// <summary>How many pages a list with <paramref name="total"/> items has; an empty one has none.</summary>
    public long PageCount(long total) => (total + Size - 1) / Size;
}

/// <summary>A way to a page: over <paramref name="Skip"/> items, and <paramref name="Take"/> of what follows.</summary>
internal readonly record struct PageWalk(bool IsBackwards, long Skip, long Take);

/// <summary>A part of a list.</summary>
/// <param name="Items">In the order asked for.</param>
/// <param name="Shown">The page that this is, after clamping.</param>
/// <param name="Total">How many items the whole list has; for a filtered list counted up to <see cref="CountBound"/>.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, PageRequest Shown, long Total)
{
    /// <summary>A filtered list is not counted, and cannot be leafed through, beyond this: counting millions of rows would take seconds.</summary>
    public const int CountBound = 100_000;

    /// <summary>How many pages the list has.</summary>
    public long PageCount => Shown.PageCount(Total);
}
