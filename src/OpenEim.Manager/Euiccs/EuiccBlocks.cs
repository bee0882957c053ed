using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>
/// How many of a list's eUICCs have an id in each block of ids. These counts are kept with every change, by triggers on <c>euicc</c> and by
/// <see cref="AddAsync"/>, so that the length of a list, and where in it a page begins, are read from some hundred rows at most.
/// </summary>
internal sealed class EuiccBlocks
{
    /// <summary>How many ids the smallest blocks have: a page that begins in one is that near.</summary>
    public const int Smallest = FanOut;

    private const int FanOut = 256;
    private const long Largest = FanOut * FanOut * FanOut;

    private static readonly long[] Sizes = [Smallest, FanOut * FanOut, Largest];

    private static readonly BulkUpsert<Added> Add = new(
        "euicc_block",
        new BulkColumns<Added>()
            .Whole("organisation_id", added => added.OrganisationId)
            .Whole("size", added => added.Size)
            .Whole("block", added => added.Block)
            .Whole("supported_profile_type", added => added.Type)
            .Whole("euiccs", added => added.Euiccs),
        "ON CONFLICT (organisation_id, size, block, supported_profile_type) DO UPDATE SET euiccs = euicc_block.euiccs + excluded.euiccs");

    private readonly DbSession _session;
    private readonly SqlValues _values;
    private readonly string _filtered;
    private readonly IReadOnlyList<Block> _largest;

    private EuiccBlocks(DbSession session, SqlValues values, string filtered, IReadOnlyList<Block> largest)
    {
        _session = session;
        _values = values;
        _filtered = filtered;
        _largest = largest;
        Total = largest.Sum(block => block.Euiccs);
    }

    /// <summary>How many eUICCs the list has; none also where no counts are kept, in a distributed database.</summary>
    public long Total { get; }

    /// <summary>Counts eUICCs that were added in the same transaction. PostgreSQL does so itself, once for each statement.</summary>
    public static async ValueTask AddAsync(DbSession session, long organisationId, IEnumerable<(long Id, int Type)> euiccs)
    {
        if (session.Engine == DbEngine.Sqlite)
        {
            var added = euiccs.CountBy(euicc => (Block: euicc.Id / Smallest, euicc.Type))
                .SelectMany(block => Sizes.Select(size => (Key: (Size: size, Block: block.Key.Block * Smallest / size, block.Key.Type), Euiccs: block.Value)))
                .AggregateBy(block => block.Key, 0L, (sum, block) => sum + block.Euiccs);
            await session.UpsertAsync(
                Add, [.. added.Select(sum => new Added(organisationId, sum.Key.Size, sum.Key.Block, sum.Key.Type, sum.Value))]).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the counts of a list.</summary>
    /// <param name="session">In which the list is read too.</param>
    /// <param name="values">Of the filter, and <c>organisationId</c>.</param>
    /// <param name="filtered">Narrows <c>e</c> by columns that are counted; it begins with AND, or is empty.</param>
    public static async ValueTask<EuiccBlocks> ReadAsync(DbSession session, SqlValues values, string filtered) =>
        new(session, values, filtered, await QueryAsync(session, values, filtered, Largest, 0, long.MaxValue).ConfigureAwait(false));

    /// <summary>Where in the list, sorted by id, what stands after the first <paramref name="skip"/> begins; null when it is not as long.</summary>
    public async ValueTask<PagePlace?> FindAsync(long skip, bool isDescending)
    {
        var blocks = _largest;
        for (var size = Largest; ; size /= FanOut)
        {
            if (BlockOf(blocks, isDescending, ref skip) is not { } block)
            {
                return null;
            }

            if (size == Smallest)
            {
                return new PagePlace((block * size) + (isDescending ? size - 1 : 0), skip);
            }

            blocks = await QueryAsync(_session, _values, _filtered, size / FanOut, block * FanOut, (block * FanOut) + FanOut - 1).ConfigureAwait(false);
        }
    }

    /// <summary>The block after <paramref name="skip"/> eUICCs, of which those that stand before the block are taken off.</summary>
    private static long? BlockOf(IReadOnlyList<Block> blocks, bool isDescending, ref long skip)
    {
        foreach (var block in isDescending ? blocks.Reverse() : blocks)
        {
            if (skip < block.Euiccs)
            {
                return block.Number;
            }

            skip -= block.Euiccs;
        }

        return null;
    }

    private static ValueTask<IReadOnlyList<Block>> QueryAsync(DbSession session, SqlValues values, string filtered, long size, long first, long last)
    {
        values.Parameters.Add("size", size);
        values.Parameters.Add("firstBlock", first);
        values.Parameters.Add("lastBlock", last);
        return session.QueryAsync<Block>(
            $"""
            SELECT e.block AS number, CAST(sum(e.euiccs) AS bigint) AS euiccs FROM euicc_block e
            WHERE e.organisation_id = @organisationId AND e.size = @size AND e.block BETWEEN @firstBlock AND @lastBlock{filtered}
            GROUP BY e.block ORDER BY e.block
            """,
            values.Parameters);
    }

    private sealed record Added(long OrganisationId, long Size, long Block, int Type, long Euiccs);

    private sealed record Block
    {
        public long Number { get; init; }

        public long Euiccs { get; init; }
    }
}
