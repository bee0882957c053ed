using System.Reflection;
using System.Text;

namespace OpenEim.Tests.Storage;

/// <summary>An assembly that carries just these schema files, so that each test can bring its own.</summary>
internal sealed class SchemaScripts(params (string File, string Sql)[] scripts) : Assembly
{
    public static SchemaScripts Items { get; } = new(("0001_item.sql", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, eid BLOB);"));

    public override string[] GetManifestResourceNames() => [.. scripts.Select(script => "Test.Schema.Sqlite." + script.File), .. scripts.Select(script => "Test.Schema.Postgres." + script.File)];

    public override Stream? GetManifestResourceStream(string name) =>
        new MemoryStream(Encoding.UTF8.GetBytes(TextOf(name, scripts.Single(script => name.EndsWith(script.File, StringComparison.Ordinal)).Sql)));

    public override AssemblyName GetName() => new("Test");

    private static string TextOf(string name, string sql) =>
        name.Contains("Postgres", StringComparison.Ordinal) ? sql.Replace("INTEGER", "bigint", StringComparison.Ordinal).Replace("BLOB", "bytea", StringComparison.Ordinal) : sql;
}
