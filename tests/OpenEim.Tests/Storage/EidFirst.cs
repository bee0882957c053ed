using System.Text;
using System.Text.RegularExpressions;

namespace OpenEim.Tests.Storage;

/// <summary>Reads a statement as a distributed PostgreSQL does: every table of devices in it must be bound to EIDs that the caller names.</summary>
internal static partial class EidFirst
{
    private const string Table = "euicc_data|euicc_past|euicc|contact|profile|operation|exchange|notification";

    public static IReadOnlyList<string> Tables { get; } = Table.Split('|');

    /// <summary>The tables of devices that the statement reads or writes.</summary>
    public static IEnumerable<string> TablesOf(string sql) => Mentions().Matches(sql).Select(mention => mention.Groups["table"].Value).Distinct();

    /// <summary>Why the statement cannot be brought to the shards of the EIDs that it names; null when it can.</summary>
    public static string? Objection(string sql) => BlocksOf(sql).Select(ObjectionTo).FirstOrDefault(objection => objection is not null);

    private static string? ObjectionTo(string block)
    {
        if (Written().Match(block) is { Success: true } written)
        {
            return written.Groups["columns"].Value.Split(", ").Contains("eid") ? null : $"{written.Groups["table"].Value} is written without its EID";
        }

        var references = References().Matches(block);
        if (references.Count < Mentions().Count(block))
        {
            return $"a table is named where only FROM, JOIN or UPDATE was expected: {block}";
        }

        if (references.Count > 0 && Alternative().IsMatch(block))
        {
            return $"the EID may be only one alternative of several: {block}";
        }

        foreach (Match reference in references)
        {
            var name = reference.Groups["alias"] is { Success: true } alias ? alias.Value : reference.Groups["table"].Value;
            var prefix = references.Count == 1 ? $@"(?:{name}\.)?" : $@"{name}\.";
            var condition = reference.Groups["join"].Success ? $@" ON {name}\.eid = \w+\.eid\b" : $@" WHERE (?:.* AND )?{prefix}eid = (?:ANY ?\()?\$\d";
            if (!Regex.IsMatch(block, condition))
            {
                return $"{name} is read without its EID: {block}";
            }
        }

        return null;
    }

    /// <summary>The statement and its subqueries, each without those inside it.</summary>
    private static List<string> BlocksOf(string sql)
    {
        var finished = new List<string>();
        var open = new Stack<StringBuilder>([new StringBuilder()]);
        foreach (var character in sql)
        {
            if (character == '(')
            {
                open.Push(new StringBuilder());
            }
            else if (character == ')')
            {
                var inner = open.Pop().ToString();
                var isSubquery = inner.StartsWith("SELECT ", StringComparison.Ordinal);
                finished.AddRange(isSubquery ? [inner] : []);
                open.Peek().Append('(').Append(isSubquery ? "" : inner).Append(')');
            }
            else
            {
                open.Peek().Append(character);
            }
        }

        return [.. finished, open.Single().ToString()];
    }

    [GeneratedRegex($@"(?<![\w'.])(?<table>{Table})(?![\w'.])")]
    private static partial Regex Mentions();

    [GeneratedRegex($@"(?:(?<join>JOIN)|FROM|UPDATE) (?<table>{Table})(?! *[\w'.]*,)(?: (?!WHERE|SET|ON|LEFT|JOIN|ORDER|LIMIT|FOR)(?<alias>\w+))?(?= |\)|$)")]
    private static partial Regex References();

    [GeneratedRegex($@"^(?:INSERT INTO|COPY) (?<table>{Table}) \((?<columns>[^)]*)\)")]
    private static partial Regex Written();

    [GeneratedRegex(@" WHERE [^()]*(?:\([^()]*\)[^()]*)* OR ")]
    private static partial Regex Alternative();
}
