using System.Text.RegularExpressions;
using OpenEim.Fuzzing.Mutation;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>Bytes that our own encoders and others have written: the repository's vectors, and every TLV inside them.</summary>
internal static partial class SeedBytes
{
    /// <summary>The vectors of the tests, whole: name and bytes.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Vectors(string checkout)
    {
        var folder = Path.Combine(checkout, "tests", "OpenEim.Protocol.Tests", "Vectors");
        foreach (var line in Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).SelectMany(File.ReadLines))
        {
            if (VectorLine().Match(line) is { Success: true } match)
            {
                yield return (match.Groups["name"].Value.Trim(), Convert.FromHexString(match.Groups["hex"].Value));
            }
        }
    }

    /// <summary>The JSON bodies among the vectors: name and text.</summary>
    public static IEnumerable<(string Name, string Json)> JsonVectors(string checkout) =>
        File.ReadLines(Path.Combine(checkout, "tests", "OpenEim.Protocol.Tests", "Vectors", "download.txt"))
            .Where(line => line.Contains(".json: {", StringComparison.Ordinal))
            .Select(line => (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]));

    /// <summary>Messages with every TLV inside them, the outer ones first.</summary>
    public static IEnumerable<byte[]> WithParts(IEnumerable<byte[]> messages) => messages.SelectMany(message =>
        BerNode.ReadAll(message) is { } roots ? BerNode.Walk(roots).Select(node => BerNode.Write([node])).Prepend(message) : [message]);

    /// <summary>What tells two messages of a type apart: their tags.</summary>
    public static string Shape(byte[] message) =>
        BerNode.ReadAll(message) is { } roots ? string.Concat(BerNode.Walk(roots).Select(node => Convert.ToHexString(node.Tag))) : $"{message.Length}";

    [GeneratedRegex("^(?<name>[^#:]*?): (?<hex>([0-9a-fA-F]{2})+)$")]
    private static partial Regex VectorLine();
}
