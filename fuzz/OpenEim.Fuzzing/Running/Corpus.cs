using System.Security.Cryptography;

namespace OpenEim.Fuzzing.Running;

/// <summary>The inputs that the repository keeps: <c>fuzz/corpus/TARGET</c> and <c>fuzz/regressions/TARGET</c>.</summary>
internal sealed class Corpus(string root)
{
    private const string Solution = "OpenEim.slnx";

    /// <summary>The corpus of the checkout that the program was built in, or is started in.</summary>
    /// <exception cref="InvalidOperationException">There is no checkout.</exception>
    public static Corpus Find() => new(Path.Combine(
        RootAbove(Environment.CurrentDirectory) ?? RootAbove(AppContext.BaseDirectory)
            ?? throw new InvalidOperationException($"no {Solution} above {Environment.CurrentDirectory}: start the program inside the checkout"),
        "fuzz"));

    /// <summary>The checkout.</summary>
    public string Checkout => Path.GetDirectoryName(root)!;

    /// <summary>Where the loop leaves what it finds; not in the repository.</summary>
    public string Artifacts => Path.Combine(Checkout, "artifacts", "fuzz");

    /// <summary>The files of a target's corpus.</summary>
    public IReadOnlyList<string> Seeds(string target) => Files(Path.Combine(root, "corpus", target));

    /// <summary>What has once been a finding of a target.</summary>
    public IReadOnlyList<string> Regressions(string target) => Files(Path.Combine(root, "regressions", target));

    /// <summary>Both, read.</summary>
    public List<byte[]> ReadAll(string target) => [.. Seeds(target).Concat(Regressions(target)).Select(File.ReadAllBytes)];

    /// <summary>Adds a seed. Its name is the beginning of its hash, so the same input is one file.</summary>
    public void Add(string target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "corpus", target)).FullName;
        File.WriteAllBytes(Path.Combine(folder, NameOf(input)), input);
    }

    /// <summary>Keeps a finding.</summary>
    /// <returns>The file.</returns>
    public string Keep(string target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Artifacts, target)).FullName;
        var path = Path.Combine(folder, NameOf(input));
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];

    private static List<string> Files(string folder) => Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal)] : [];

    private static string? RootAbove(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
