using System.Text.RegularExpressions;
using System.Xml.Linq;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Tests.Architecture;

/// <summary>The summary of every message names its clause and its tag, so that a reader can lay the standard beside the code.</summary>
public sealed partial class ClauseTests
{
    private static readonly Dictionary<string, string> Summaries = XDocument
        .Load(Path.Combine(AppContext.BaseDirectory, "OpenEim.Protocol.xml"))
        .Descendants("member")
        .Where(member => member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!.Value);

    private static readonly Type[] Messages = Types(type => type.IsAssignableTo(typeof(IBerMessage)) && !type.IsInterface);

    private static readonly Type[] JsonBodies = Types(type =>
        !type.IsInterface && (type.Name.EndsWith("RequestJson", StringComparison.Ordinal) || type.IsAssignableTo(typeof(IFunctionResponse))));

    [Fact]
    public void Every_message_names_its_clause()
    {
        Assert.True(Messages.Length > 100, $"only {Messages.Length} messages were found");
        AssertNone(Lacking(Messages, Clause()));
    }

    [Fact]
    public void Every_message_names_its_tag()
    {
        AssertNone(Lacking(Messages, Tag()));
    }

    [Fact]
    public void Every_json_body_names_its_clause()
    {
        Assert.True(JsonBodies.Length > 25, $"only {JsonBodies.Length} bodies were found");
        AssertNone(Lacking(JsonBodies, Clause()));
    }

    private static void AssertNone(string lacking) => Assert.True(lacking.Length == 0, lacking);

    private static Type[] Types(Func<Type, bool> isWanted) => [.. typeof(IBerMessage).Assembly.GetExportedTypes().Where(isWanted)];

    private static string Lacking(Type[] types, Regex wanted) =>
        string.Join('\n', types.Where(type => !wanted.IsMatch(Said(type))).Select(type => type.FullName).Order(StringComparer.Ordinal));

    // The arms of a CHOICE need not repeat what the type above them says.
    private static string Said(Type? type) => type is null || type == typeof(object)
        ? ""
        : $"{Summaries.GetValueOrDefault($"T:{type.FullName!.Replace('+', '.')}")} {Said(type.BaseType)}";

    [GeneratedRegex(@"SGP\.(22|32) [1-9][0-9]*(\.[1-9][0-9]*)+")]
    private static partial Regex Clause();

    // A SEQUENCE, or a tag of the classes application, context and private, alone or in front of what stands in it.
    [GeneratedRegex(@"(?<![.\w])(30|(BF|5F|9F)[0-9A-F]{2}|4F|5[AC]|[8ABE][0-9A-F])(?!\w)")]
    private static partial Regex Tag();
}
