using OpenEim.Storage;

namespace OpenEim.Benchmarks.Engines;

/// <summary>Writes a fleet at rest into a new database, set by set: eUICCs past their first contact, their profile and last poll, their finished operations.</summary>
internal sealed class FleetSeed(IEngine engine, Database database, FleetSize size)
{
    /// <summary>How far the history goes back: less than the server keeps.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(180);

    private const int Batch = 100_000;

    // PostgreSQL counts by itself. The greater blocks are summed from the smallest.
    private const string SmallestBlocks = """
        INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
        SELECT organisation_id, 256, id / 256, supported_profile_type, count(*) FROM euicc GROUP BY 1, 3, 4
        """;

    private const string GreaterBlocks = """
        INSERT INTO euicc_block (organisation_id, size, block, supported_profile_type, euiccs)
        SELECT organisation_id, s.size, block * 256 / s.size, supported_profile_type, sum(euiccs)
        FROM euicc_block AS b, (SELECT 65536 AS size UNION ALL SELECT 16777216) AS s WHERE b.size = 256 GROUP BY 1, 2, 3, 4
        """;

    // As long as a SubjectPublicKeyInfo on P-256, so that rows are as wide as real ones.
    private static readonly byte[] PublicKey = new byte[91];

    private readonly long _now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private string Eid => EidRange.Sql(engine, "n");

    public async Task WriteAsync(CancellationToken ct)
    {
        var age = (long)Age.TotalMilliseconds;
        var parameters = new Dictionary<string, object> { ["now"] = _now - age, ["each"] = size.OperationsEach, ["key"] = PublicKey };
        await RunAsync(Euiccs, size.Euiccs, parameters, ct).ConfigureAwait(false);
        await RunAsync(Contacts, size.Euiccs, new() { ["now"] = _now }, ct).ConfigureAwait(false);
        await RunAsync(Profiles, size.Euiccs, new() { ["now"] = _now }, ct).ConfigureAwait(false);
        if (size.OperationsEach > 0)
        {
            parameters = new() { ["now"] = _now - age, ["each"] = size.OperationsEach, ["interval"] = age / size.OperationsEach };
            await RunAsync(Operations, size.Euiccs * size.OperationsEach, parameters, ct).ConfigureAwait(false);
        }

        await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE sequence SET last = @count WHERE name = 'euicc'", new { count = size.Euiccs }).ConfigureAwait(false);
                await session.ExecuteAsync("INSERT INTO euicc_count (organisation_id, euiccs) VALUES (1, @count)", new { count = size.Euiccs }).ConfigureAwait(false);
                if (session.Engine == DbEngine.Sqlite)
                {
                    await session.ExecuteAsync(SmallestBlocks).ConfigureAwait(false);
                    await session.ExecuteAsync(GreaterBlocks).ConfigureAwait(false);
                }
            },
            ct).ConfigureAwait(false);
    }

    private string Euiccs => $"""
        INSERT INTO euicc (eid, id, organisation_id, slice, name, supported_profile_type, status, created, modified, pending_count, tasks, counter,
                           revision, association_token, public_key, signature_rule, last_audited, last_synced)
        SELECT {Eid}, n, 1, n % 16, 'Device ' || n, 5, 1, @now, @now, 0, 0, @each, 2 * @each, 1, @key, 1, NULL, @now FROM {engine.Series} AS numbers
        """;

    private string Contacts => $"INSERT INTO contact (eid, last_polled) SELECT {Eid}, @now - n % 600000 FROM {engine.Series} AS numbers";

    private string Profiles => $"""
        INSERT INTO profile (eid, iccid, status, profile_class, created, updated)
        SELECT {Eid}, '8988' || {engine.Digits("n", 15)}, 8, 2, @now, @now FROM {engine.Series} AS numbers
        """;

    // Audits that succeeded, in the order of the primary key: first all of the first eUICC. An id is a UUIDv7, its time first.
    private string Operations => $"""
        INSERT INTO operation (eid, id, organisation_id, slice, action, enable, rollback, status, step, created, updated, expiry, delivered, deadline,
                               finalized, created_revision, finalized_revision, creator_id, creator_name)
        SELECT {EidRange.Sql(engine, "number")}, {engine.FromHex($"{engine.HexDigits("created", 12)} || '7000' || {engine.HexDigits("turn", 16)}")}, 1, number % 16, 1, 0, 0, 2, 1,
               created, created + 5000, created + 86400000, created + 4000, created + 86400000, created + 5000, 2 * turn + 1, 2 * turn + 2, 1, 'bench'
        FROM (SELECT 1 + (n - 1) / @each AS number, (n - 1) % @each AS turn, @now + ((n - 1) % @each) * @interval + n % 3600000 AS created
              FROM {engine.Series} AS numbers) AS operations
        """;

    private async Task RunAsync(string sql, long count, Dictionary<string, object> parameters, CancellationToken ct)
    {
        for (var first = 1L; first <= count; first += Batch)
        {
            ct.ThrowIfCancellationRequested();
            parameters["first"] = first;
            parameters["last"] = Math.Min(count, first + Batch - 1);
            await database.WriteAsync(async session => await session.ExecuteAsync(sql, parameters).ConfigureAwait(false), ct).ConfigureAwait(false);
        }
    }
}
