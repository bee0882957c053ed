using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Tests;

/// <summary>What fuzzing once found stays mended: the corpus and all regressions run through their targets (docs/fuzzing.md).</summary>
public sealed class ReplayTests
{
    private static readonly Corpus Corpus = Corpus.Find();

    public static TheoryData<string> Targets() => [.. TargetList.All().Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Corpus_and_regressions_of_a_target_break_no_invariant(string name)
    {
        await using var target = TargetList.Find(name)!;
        var (seeds, regressions) = (Corpus.Seeds(name), Corpus.Regressions(name));
        Assert.True(seeds.Count > 0, $"fuzz/corpus/{name} is empty: add a sample to SeedSamples and run dotnet run --project fuzz/OpenEim.Fuzzing -- seed");

        await target.StartAsync();
        foreach (var file in seeds.Concat(regressions))
        {
            // What leaves the target is shown with the file that causes it.
            Assert.Null(await Record.ExceptionAsync(async () => await target.RunAsync(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)))
                is { } e ? $"{file}: {e}" : null);
        }

        await target.CheckAsync();
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_target_takes_one_of_its_seeds_as_valid(string name)
    {
        await using var target = TargetList.Find(name)!;
        await target.StartAsync();
        foreach (var seed in Corpus.Seeds(name))
        {
            if (await target.RunAsync(await File.ReadAllBytesAsync(seed, TestContext.Current.CancellationToken)))
            {
                return;
            }
        }

        Assert.Fail($"{name} refuses all of its seeds, so nothing behind its first check is fuzzed");
    }

    [Theory]
    [InlineData("corpus")]
    [InlineData("regressions")]
    public void Every_folder_belongs_to_a_target(string folder)
    {
        var folders = Directory.GetDirectories(Path.Combine(Corpus.Checkout, "fuzz", folder)).Select(Path.GetFileName);

        Assert.Empty(folders.Except(TargetList.All().Select(target => target.Name)));
    }

    [Fact]
    public void Names_are_unique() => Assert.Equal(TargetList.All().Count, TargetList.All().Select(target => target.Name).Distinct().Count());
}
