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
    private readonly QueryOrder _order;
    private readonly PageHint? _hint;
    private readonly string _beyond;

    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/>, or a hint of the page, cannot be followed.</exception>
    public EuiccList(QueryFields fields, long organisationId, string? q, string? sort, PageRequest page)
    {
        _page = page;
        _filter = q;
        _condition = fields.Condition(q, _values);
        _order = fields.Order(sort);
        _hint = PageHint.Of(page, _order);
        _beyond = _hint is null ? "" : " AND " + _order.Beyond(_hint.Key, _hint.IsBefore, _values);
        _values.Parameters.Add("organisationId", organisationId);
    }

    public async ValueTask<Page<EuiccDirectoryRow>> ReadAsync(DbSession session)
    {
        var total = _hint?.HasCounted(_filter) == true ? CountBound : await CountAsync(session).ConfigureAwait(false);
        var isExact = _condition is null || total < CountBound;
        return _hint is null
            ? await ReadByNumberAsync(session, total, isExact).ConfigureAwait(false)
            : await ReadByHintAsync(session, _hint.IsBefore, total, isExact).ConfigureAwait(false);
    }

    private async ValueTask<Page<EuiccDirectoryRow>> ReadByNumberAsync(DbSession session, long total, bool isExact)
    {
        var shown = _page.Within(total);
        var walk = shown.WalkOver(total, isExact);
        _values.Parameters.Add("skip", walk.Skip);
        var rows = await WalkAsync(session, walk.IsBackwards, walk.Take, " OFFSET @skip").ConfigureAwait(false);
        var hasNext = walk.IsBackwards ? walk.Skip > 0 : rows.Count > shown.Size;
        rows = [.. rows.Take(shown.Size)];
        return new Page<EuiccDirectoryRow>(rows, shown, total)
        {
            Previous = shown.Number > 1 ? Before(shown, rows, isExact) : null,
            Next = hasNext ? After(shown, rows, isExact) : null,
        };
    }

    /// <summary>Where a hint leads, there is a page on the side that it came from: the one with its row, as long as that is there.</summary>
    private async ValueTask<Page<EuiccDirectoryRow>> ReadByHintAsync(DbSession session, bool isBefore, long total, bool isExact)
    {
        var last = isExact ? Math.Max(1, _page.PageCount(total)) : long.MaxValue - 1;
        var shown = new PageRequest(Math.Clamp(_page.Number, 1, last), _page.Size);
        var rows = await WalkAsync(session, isBefore, shown.Size + 1, "").ConfigureAwait(false);
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

    /// <summary>The inner query walks an index, from its nearer end or from a row; the rows are read for one page only.</summary>
    private ValueTask<IReadOnlyList<EuiccDirectoryRow>> WalkAsync(DbSession session, bool isBackwards, long take, string skip)
    {
        _values.Parameters.Add("take", take);
        return session.QueryAsync<EuiccDirectoryRow>(
            $"""
            {EuiccDirectoryRow.Select}
            WHERE e.eid IN (SELECT e.eid FROM euicc e WHERE e.organisation_id = @organisationId{Filtered}{_beyond}
                            ORDER BY {(isBackwards ? _order.ReversedSql : _order.Sql)} LIMIT @take{skip})
            ORDER BY {_order.Sql}
            """,
            _values.Parameters);
    }

    private async ValueTask<long> CountAsync(DbSession session) => await session.ExecuteScalarAsync<long>(
        _condition is null
            ? "SELECT euiccs FROM euicc_count WHERE organisation_id = @organisationId"
            : $"SELECT count(*) FROM (SELECT 1 FROM euicc e WHERE e.organisation_id = @organisationId{Filtered} LIMIT {CountBound}) AS bounded",
        _values.Parameters).ConfigureAwait(false);

    private string Filtered => _condition is null ? "" : " AND " + _condition;
}
