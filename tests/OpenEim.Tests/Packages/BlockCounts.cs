using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>How many eUICCs there are in each block of ids, as the database has it and as it is.</summary>
internal sealed record BlockCounts
{
    private const string Kept = "SELECT organisation_id, size, block, supported_profile_type, euiccs FROM euicc_block WHERE euiccs <> 0 ORDER BY 1, 2, 3, 4";

    private const string Counted = """
        SELECT e.organisation_id, s.size, e.id / s.size AS block, e.supported_profile_type, count(*) AS euiccs
        FROM euicc e CROSS JOIN (SELECT 256 AS size UNION ALL SELECT 65536 UNION ALL SELECT 16777216) AS s GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """;

    public long OrganisationId { get; init; }

    public long Size { get; init; }

    public long Block { get; init; }

    public long SupportedProfileType { get; init; }

    public long Euiccs { get; init; }

    public static ValueTask<IReadOnlyList<BlockCounts>> KeptAsync(Database database) =>
        database.ReadAsync(session => session.QueryAsync<BlockCounts>(Kept), TestContext.Current.CancellationToken);

    /// <summary>Counts what was written past the manager, where the database does not by itself.</summary>
    public static async ValueTask AddAllAsync(DbSession session)
    {
        if (session.Engine == DbEngine.Sqlite)
        {
            await session.ExecuteAsync($"INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs) {Counted}");
        }
    }

    /// <summary>That what is kept is so, and is not nothing.</summary>
    public static async Task AssertKeptAsync(Database database)
    {
        var (kept, counted) = await database.ReadAsync(
            async session => (await session.QueryAsync<BlockCounts>(Kept), await session.QueryAsync<BlockCounts>(Counted)), TestContext.Current.CancellationToken);
        Assert.NotEmpty(kept);
        Assert.Equal(counted, kept);
    }
}
