using System.Text.RegularExpressions;

namespace OpenEim.Protocol.Tests.Architecture;

/// <summary>A tag that the standards give a name has that name in the code.</summary>
public sealed partial class TagTests
{
    private static readonly string[] WhereTagsAreNamed = ["Ber/Sgp22Tags.cs", "Ber/Sgp32Tags.cs", "ProfilePackages/ProfileElement.cs"];

    [Fact]
    public void Tags_of_two_bytes_are_numbers_only_where_they_are_named()
    {
        var folder = Path.Combine(Root(), "src", "OpenEim.Protocol");
        var sources = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.Equal(WhereTagsAreNamed, sources.Intersect(WhereTagsAreNamed));

        var numbers = string.Join('\n', sources.Except(WhereTagsAreNamed).SelectMany(path => File.ReadLines(Path.Combine(folder, path))
            .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .Where(line => TwoBytes().IsMatch(line))
            .Select(line => $"{path}: {line.Trim()}")));

        Assert.True(numbers.Length == 0, numbers);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OpenEim.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests run outside the checkout");
    }

    [GeneratedRegex("0x(BF|5F|9F)[0-9A-F]{2}", RegexOptions.IgnoreCase)]
    private static partial Regex TwoBytes();
}
