using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace OpenEim.Tests.Storage;

/// <summary>One statement that ran, and how PostgreSQL ran it.</summary>
/// <param name="Sql">Its text, blanks folded.</param>
/// <param name="Nodes">What the plan reads, such as <c>Index Scan euicc_pkey</c>, without repetitions.</param>
/// <param name="Tables">The tables and partitions that it has read, each time that it ran.</param>
/// <param name="SortsToLimit">Whether it sorts more rows than it takes.</param>
internal sealed record ExplainedStatement(string Sql, IReadOnlyList<string> Nodes, IReadOnlySet<string> Tables, bool SortsToLimit);

/// <summary>A PostgreSQL that writes down the plan of every statement, as it was run.</summary>
internal static partial class ExplainedServer
{
    private static readonly string[] Settings =
    [
        "session_preload_libraries=auto_explain", "auto_explain.log_format=json", "auto_explain.log_nested_statements=off",
        "logging_collector=on", "log_filename=server.log", "log_rotation_size=0", "log_line_prefix=", "log_parameter_max_length=0",
        "shared_buffers=512MB", "maintenance_work_mem=256MB", "max_wal_size=8GB",
    ];

    public static Task<PostgresServer> StartAsync() => PostgresServer.StartAsync(durable: false, Settings);

    /// <summary>What ran, once for each text. A table, or a partition, without rows is always read from end to end: that is left out.</summary>
    /// <param name="server">Where.</param>
    /// <param name="empty">The tables and partitions without rows.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<IReadOnlyList<ExplainedStatement>> ReadAsync(PostgresServer server, IReadOnlySet<string> empty, CancellationToken ct)
    {
        var statements = new Dictionary<string, ExplainedStatement>();
        foreach (Match match in Plans().Matches(await ReadLogAsync(server, ct)))
        {
            var plan = JsonNode.Parse(match.Groups[1].Value.Replace("\n\t", "\n", StringComparison.Ordinal))!;
            var sql = Blanks().Replace(plan["Query Text"]!.GetValue<string>(), " ").Trim();
            var nodes = new List<string>();
            var tables = new HashSet<string>(statements.TryGetValue(sql, out var before) ? before.Tables : []);
            Walk(plan["Plan"]!, empty, nodes, tables);
            statements[sql] = new ExplainedStatement(sql, [.. nodes.Distinct()], tables, SortsToLimit(plan["Plan"]!, isLimited: false));
        }

        return [.. statements.Values];
    }

    /// <summary>From now on it writes down the text of every statement, of <c>COPY</c> too, which has no plan.</summary>
    public static async Task WriteTextsAsync(PostgresServer server)
    {
        await server.ExecuteAsync("ALTER SYSTEM SET log_statement = 'all'");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>The texts of what ran, each once, blanks folded.</summary>
    public static async Task<IReadOnlyList<string>> ReadTextsAsync(PostgresServer server, CancellationToken ct)
    {
        // What is written goes through one pipe in its order: when the last is there, all are.
        var last = $"SELECT 'read {Guid.NewGuid()}'";
        await server.ExecuteAsync(last);
        while (true)
        {
            var log = await ReadLogAsync(server, ct);
            if (log.Contains(last, StringComparison.Ordinal))
            {
                return [.. Texts().Matches(log).Select(match => Blanks().Replace(match.Groups[1].Value, " ").Trim()).Distinct()];
            }
        }
    }

    private static async Task<string> ReadLogAsync(PostgresServer server, CancellationToken ct)
    {
        await using var file = new FileStream(server.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(ct);
    }

    private static void Walk(JsonNode node, IReadOnlySet<string> empty, List<string> nodes, HashSet<string> tables)
    {
        var type = node["Node Type"]!.GetValue<string>();
        if (type.EndsWith("Scan", StringComparison.Ordinal) && node["Relation Name"] is { } table)
        {
            tables.Add(table.GetValue<string>());
        }

        if (type.EndsWith("Scan", StringComparison.Ordinal) && (node["Index Name"] ?? node["Relation Name"]) is { } what
            && !(type == "Seq Scan" && empty.Contains(what.GetValue<string>())))
        {
            nodes.Add(new StringBuilder(type).Append(' ').Append(Month().Replace(what.GetValue<string>(), "_$month")).ToString());
        }

        foreach (var child in node["Plans"]?.AsArray() ?? [])
        {
            Walk(child!, empty, nodes, tables);
        }
    }

    private static bool SortsToLimit(JsonNode node, bool isLimited)
    {
        var type = node["Node Type"]!.GetValue<string>();
        return (isLimited && type == "Sort")
            || (node["Plans"]?.AsArray() ?? []).Any(child => SortsToLimit(child!, type == "Limit"));
    }

    [GeneratedRegex(@"plan:\n\t(\{\n.*?\n\t\})", RegexOptions.Singleline)]
    private static partial Regex Plans();

    [GeneratedRegex(@"^LOG:  (?:statement|execute [^:]+): (.*(?:\n\t.*)*)", RegexOptions.Multiline)]
    private static partial Regex Texts();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"_(2[0-9]{5}|default)")]
    private static partial Regex Month();
}
