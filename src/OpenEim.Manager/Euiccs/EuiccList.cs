using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>One question for a page of an organisation's eUICCs.</summary>
internal sealed class EuiccList
{
    private const int CountBound = Page<EuiccDirectoryRow>.CountBound;

    private readonly SqlValues _values = new();
    private readonly PageRequest _page;
    private readonly string? _filter;
    private readonly string? _condition;
    private readonly bool _isCounted;
    private readonly QueryOrder _order;
    private readonly PageHint? _hint;
    private readonly string _beyond;

    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/>, or a hint of the page, cannot be followed.</exception>
    public EuiccList(QueryFields fields, long organisationId, string? q, string? sort, PageRequest page)
    {
        _page = page;
        _filter = q;
        _condition = fields.Condition(q, _values);
        _isCounted = fields.IsCounted(q);
        _order = fields.Order(sort);
        _hint = PageHint.Of(page, _order);
        _beyond = _hint is null ? "" : " AND " + _order.Beyond(_hint.Key, _hint.IsBefore, _values);
        _values.Parameters.Add("organisationId", organisationId);
        MayTakeLong = page.Size > ListReads.MaxQuickSize || !(fields.NamesRows(q) || IsInOrderOfAnIndex(page));
    }

    /// <summary>Whether more is looked at than the rows of a page: all that a filter may match, or all that stands before the page.</summary>
    public bool MayTakeLong { get; }

    public async ValueTask<Page<EuiccDirectoryRow>> ReadAsync(DbSession session)
    {
        var blocks = _isCounted ? await EuiccBlocks.ReadAsync(session, _values, Filtered).ConfigureAwait(false) : null;
        var (total, isExact) = blocks is { Total: > 0 } ? (blocks.Total, true) : await CountAsync(session).ConfigureAwait(false);
        return _hint is null
            ? await ReadByNumberAsync(session, blocks, total, isExact).ConfigureAwait(false)
            : await ReadByHintAsync(session, _hint.IsBefore, total, isExact).ConfigureAwait(false);
    }

    private async ValueTask<Page<EuiccDirectoryRow>> ReadByNumberAsync(DbSession session, EuiccBlocks? blocks, long total, bool isExact)
    {
        var shown = _page.Within(total);
        var walk = await WalkToAsync(shown, blocks, total, isExact).ConfigureAwait(false);
        var rows = await WalkAsync(session, walk).ConfigureAwait(false);
        var hasNext = walk.IsBackwards ? walk.Skip > 0 : rows.Count > shown.Size;
        rows = [.. rows.Take(shown.Size)];
        return rows.Count == 0
            ? new Page<EuiccDirectoryRow>(rows, shown, total)
            : new Page<EuiccDirectoryRow>(rows, shown, total)
            {
                Previous = shown.Number > 1 ? Before(shown, rows, isExact) : null,
                Next = hasNext ? After(shown, rows, isExact) : null,
            };
    }

    /// <summary>From the nearer end; where that is far and the list is sorted by id, from the beginning of the block that the page begins in.</summary>
    private async ValueTask<PageWalk> WalkToAsync(PageRequest shown, EuiccBlocks? blocks, long total, bool isExact)
    {
        var walk = shown.WalkOver(total, isExact);
        return walk.Skip > EuiccBlocks.Smallest && blocks is not null && _order.IsDescendingById is { } isDescending
            && await blocks.FindAsync(shown.Skip, isDescending).ConfigureAwait(false) is { } place
            ? shown.WalkFrom(place, total)
            : walk;
    }

    /// <summary>Where a hint leads, there is a page on the side that it came from: the one with its row, as long as that is there.</summary>
    private async ValueTask<Page<EuiccDirectoryRow>> ReadByHintAsync(DbSession session, bool isBefore, long total, bool isExact)
    {
        var last = isExact ? Math.Max(1, _page.PageCount(total)) : long.MaxValue - 1;
        var shown = new PageRequest(Math.Clamp(_page.Number, 1, last), _page.Size);
        var rows = await WalkAsync(session, new PageWalk(isBefore, 0, shown.Size + 1)).ConfigureAwait(false);
        var goesOn = rows.Count > shown.Size;
        rows = [.. isBefore && goesOn ? rows.Skip(1) : rows.Take(shown.Size)];
        var page = new Page<EuiccDirectoryRow>(rows, shown, total);
        return rows.Count == 0
            ? page with { Previous = isBefore || total == 0 ? null : Numbered(_page.Number - 1), Next = isBefore && total > 0 ? Numbered(1) : null }
            : page with
            {
                Previous = !isBefore || goesOn ? Before(shown, rows, isExact) : null,
                Next = isBefore || goesOn ? After(shown, rows, isExact) : null,
            };
    }

    private PageRequest Numbered(long number) => new(Math.Max(1, number), _page.Size);

    private PageRequest Before(PageRequest shown, IReadOnlyList<EuiccDirectoryRow> rows, bool isExact) =>
        Numbered(shown.Number - 1) with { Before = HintOf(rows[0], isExact) };

    private PageRequest After(PageRequest shown, IReadOnlyList<EuiccDirectoryRow> rows, bool isExact) =>
        Numbered(shown.Number + 1) with { After = HintOf(rows[^1], isExact) };

    private string HintOf(EuiccDirectoryRow row, bool isExact) => PageHint.Encode(_order, row.ValueOf, isExact ? null : _filter);

    /// <summary>The inner query walks an index, from its nearer end, from an id or from a row; the rows are read for one page only.</summary>
    private ValueTask<IReadOnlyList<EuiccDirectoryRow>> WalkAsync(DbSession session, PageWalk walk)
    {
        _values.Parameters.Add("take", walk.Take);
        _values.Parameters.Add("skip", walk.Skip);
        var from = walk.From is { } id ? $" AND e.id {(_order.IsDescendingById == true ? "<=" : ">=")} {_values.Add(id)}" : "";
        return session.QueryAsync<EuiccDirectoryRow>(
            $"""
            {EuiccDirectoryRow.Select}
            WHERE e.eid IN (SELECT e.eid FROM euicc e WHERE e.organisation_id = @organisationId{Filtered}{_beyond}{from}
                            ORDER BY {(walk.IsBackwards ? _order.ReversedSql : _order.Sql)} LIMIT @take{(_hint is null ? " OFFSET @skip" : "")})
            ORDER BY {_order.Sql}
            """,
            _values.Parameters);
    }

    /// <summary>How many there are without the counts of blocks, and whether that is all: a filtered list is counted row by row, up to a bound.</summary>
    private async ValueTask<(long Total, bool IsExact)> CountAsync(DbSession session)
    {
        if (_condition is null)
        {
            return (await session.ExecuteScalarAsync<long>(
                "SELECT euiccs FROM euicc_count WHERE organisation_id = @organisationId", _values.Parameters).ConfigureAwait(false), true);
        }

        var total = _hint?.HasCounted(_filter) == true ? CountBound : await session.ExecuteScalarAsync<long>(
            $"SELECT count(*) FROM (SELECT 1 FROM euicc e WHERE e.organisation_id = @organisationId{Filtered} LIMIT {CountBound}) AS bounded",
            _values.Parameters).ConfigureAwait(false);
        return (total, total < CountBound);
    }

    private bool IsInOrderOfAnIndex(PageRequest page) => _order.IsDescendingById is not null
        ? _isCounted
        : _condition is null && _order.IsByOneField && (_hint is not null || page.Skip <= ListReads.MaxQuickWalk);

    private string Filtered => _condition is null ? "" : " AND " + _condition;
}
