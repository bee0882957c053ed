using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OpenEim.Manager;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Queries;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>How PostgreSQL runs the statements of the main job over a large fleet with a history: by an index each.</summary>
/// <remarks>
/// The statements are those that ran, with the plans that they ran with. OPENEIM_PLAN_ROWS=5000000 makes the fleet as large as the design
/// has it, and OPENEIM_PLANS=FILE writes the table.
/// </remarks>
public sealed partial class QueryPlanTests
{
    private const int DefaultRows = 100_000;

    private static readonly string[] Fill =
    [
        """
        INSERT INTO euicc (eid, id, organisation_id, slice, supported_profile_type, status, created, modified, pending_count, tasks, counter, revision, signature_rule)
        SELECT decode('8904403300000000' || lpad(n::text, 16, '0'), 'hex'), 1000000 + n, 1 + n % 2, n % 16, 5, 1, n, n, 0, 0, 3, 6, 1 FROM generate_series(1, {0}) n
        """,
        "INSERT INTO contact (eid, last_polled) SELECT eid, id FROM euicc",
        "INSERT INTO profile (eid, iccid, status, created, updated) SELECT eid, '8944' || lpad(id::text, 15, '0'), 8, 1, 1 FROM euicc",
        "SELECT openeim_extend_history(1767225600000)",
        """
        INSERT INTO operation (eid, id, organisation_id, slice, action, enable, rollback, status, step, created, updated, expiry, deadline, finalized,
                               created_revision, finalized_revision, creator_id, creator_name)
        SELECT e.eid, openeim_operation_bound(1767225600000 + o.n::bigint * 2000000000) || '\x7000'::bytea || int8send(e.id), e.organisation_id, e.slice, 3, 0, 0, 2, 1, 1, 1, 1, 1, 1,
               o.n, o.n, 1, 'history'
        FROM euicc e, generate_series(0, 2) AS o(n)
        """,
        """
        INSERT INTO exchange (eid, transaction_id, operation_id, task, step, kind, counter, request, response, created, deliveries, delivered, answered)
        SELECT eid, substring(id FROM 1 FOR 15) || '\x01'::bytea, id, 0, 0, 81, created_revision, '\x00', '\x00', 1767225600000 + created_revision * 2000000000, 1, 1, 1 FROM operation
        """,
        "INSERT INTO euicc_count (organisation_id, euiccs) SELECT organisation_id, count(*) FROM euicc GROUP BY 1",
        "VACUUM ANALYZE",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_statement_of_the_main_job_reads_a_large_fleet_by_an_index()
    {
        await using var server = await ExplainedServer.StartAsync();
        var data = await TestDatabase.CreateAsync(server, typeof(Eim).Assembly);
        var rows = int.Parse(Environment.GetEnvironmentVariable("OPENEIM_PLAN_ROWS") ?? $"{DefaultRows}", CultureInfo.InvariantCulture);
        foreach (var statement in Fill)
        {
            await server.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, statement, rows), data.DatabaseName);
        }

        await server.ExecuteAsync("ALTER SYSTEM SET auto_explain.log_min_duration = 0");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        IReadOnlySet<string> empty;
        await using (var lab = new EngineLab(data))
        {
            await WorkAsync(lab, rows);
            empty = await EmptyAsync(lab.Database);
        }

        var statements = await ExplainedServer.ReadAsync(server, empty, Ct);
        var ofDevices = statements.Where(statement => statement.Nodes.Any(IsOfDevices)).ToList();
        Assert.True(ofDevices.Count > 30, $"only {ofDevices.Count} statements were seen");
        var endToEnd = ofDevices.Where(statement => statement.Nodes.Any(node => IsOfDevices(node) && node.StartsWith("Seq Scan", StringComparison.Ordinal)));
        Assert.True(!endToEnd.Any(), string.Join("\n", endToEnd.Select(statement => $"{statement.Sql}: {string.Join(", ", statement.Nodes)}")));
        var pages = ofDevices.Where(statement => statement.Sql.Contains("IN (SELECT e.eid FROM euicc e", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, pages.Count(page => Hint().IsMatch(page.Sql)));
        Assert.Equal(4, pages.Count(page => Place().IsMatch(page.Sql)));
        Assert.Equal(3, ofDevices.Count(statement => statement.Sql.Contains("FROM euicc_block e", StringComparison.Ordinal)));
        var sorting = pages.Where(page => page.SortsToLimit && !IsFiltered(page.Sql));
        Assert.True(!sorting.Any(), string.Join("\n", sorting.Select(statement => $"{statement.Sql}: {string.Join(", ", statement.Nodes)}")));
        if (Environment.GetEnvironmentVariable("OPENEIM_PLANS") is { } file)
        {
            await File.WriteAllTextAsync(file, Table(ofDevices, rows), Ct);
        }
    }

    /// <summary>The main job, the lists and the background, each statement often enough to be prepared.</summary>
    private static async Task WorkAsync(EngineLab lab, int rows)
    {
        var device = await lab.NewKnownDeviceAsync();
        foreach (var action in new[] { OperationAction.Enable, OperationAction.SetFallback, OperationAction.Audit, OperationAction.Enable, OperationAction.Audit })
        {
            await lab.ScheduleAsync(device, action, action == OperationAction.Audit ? null : EngineLab.Second);
            await lab.ScheduleAsync(device, OperationAction.Audit);
            await lab.CancelAsync(device, await lab.ScheduleAsync(device, OperationAction.Audit));
            await device.RunAsync();
            await device.PollAsync();
            await lab.ReadAsync(device);
            await lab.ListOperationsAsync(device);
        }

        foreach (var sort in new[] { null, "-id", "eid", "-modified", "supported_profile_type" })
        {
            var page = await lab.Directory.ListAsync(1, null, sort, new PageRequest(3, 100), Ct);
            for (var turn = 0; turn < 8; turn++)
            {
                page = await lab.Directory.ListAsync(1, null, sort, turn % 4 == 3 ? page.Previous! : page.Next!, Ct);
            }
        }

        // In the middle by its number, with and without a filter that is counted.
        foreach (var (filter, sort) in new[] { (null, null), (null, "-id"), ("supported_profile_type:5", null), ("status:active,supported_profile_type:iot*", "-id") })
        {
            for (var turn = 0; turn < 8; turn++)
            {
                await lab.Directory.ListAsync(1, filter, sort, new PageRequest((rows / 400) + turn, 100), Ct);
            }
        }

        // The last page is as near as the first.
        await lab.Directory.ListAsync(1, null, null, new PageRequest(long.MaxValue, 100), Ct);
        foreach (var filter in new[] { "id:1000007", "eid:89044033000000000000000000000007", "eid:890440330000000000000000000001*" })
        {
            await lab.Directory.ListAsync(1, filter, null, new PageRequest(1, 100), Ct);
        }

        await lab.ScheduleAsync(device, OperationAction.Audit, validity: 60);
        lab.Clock.Advance(TimeSpan.FromHours(1));
        for (var round = 0; round < 3; round++)
        {
            await lab.SweepAsync();
            await lab.FlushContactsAsync();
        }

        await new History(lab.Database, Retention.Default, lab.Slices, lab.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<History>.Instance).RunOnceAsync(Ct);
    }

    private static async Task<IReadOnlySet<string>> EmptyAsync(Database database) => (await database.ReadAsync(
        session => session.QueryAsync<string>("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples < 1"), Ct)).ToHashSet();

    [GeneratedRegex(@"e\.\w+\)? [<>] [($]")]
    private static partial Regex Hint();

    [GeneratedRegex(@"e\.id [<>]= [($]")]
    private static partial Regex Place();

    private static bool IsFiltered(string sql) => sql.Contains("(e.id = ", StringComparison.Ordinal) || sql.Contains("(e.eid ", StringComparison.Ordinal);

    private static bool IsOfDevices(string node) => new[] { "euicc", "contact", "profile", "operation", "exchange", "notification" }
        .Any(table => node.Split(' ')[^1].StartsWith(table, StringComparison.Ordinal) && !node.Contains("euicc_count", StringComparison.Ordinal));

    private static string Table(IEnumerable<ExplainedStatement> statements, int rows)
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"""
            # Query plans

            How PostgreSQL runs the statements of the main job, of the lists and of the background over {rows:N0} eUICCs with a contact time and a
            profile each, {3L * rows:N0} finished operations and as many exchanges in partitions by month. Written by

            ```
            OPENEIM_PLAN_ROWS={rows} OPENEIM_PLANS=docs/query-plans.md dotnet test --filter-class '*QueryPlanTests'
            ```

            from the plans that the statements ran with (auto_explain). `_$month` stands for each partition. The same test runs with {DefaultRows:N0}
            eUICCs in every build and fails if a table of devices is read from end to end.

            | statement | reads |
            |---|---|
            """);
        foreach (var statement in statements.OrderBy(statement => statement.Sql, StringComparer.Ordinal))
        {
            var sql = statement.Sql.Length > 700 ? statement.Sql[..700] + " …" : statement.Sql;
            text.AppendLine(CultureInfo.InvariantCulture, $"| `{sql.Replace("|", "\\|", StringComparison.Ordinal)}` | {string.Join("<br>", statement.Nodes)} |");
        }

        return text.ToString();
    }
}
