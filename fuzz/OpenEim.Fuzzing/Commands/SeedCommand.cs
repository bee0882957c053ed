using System.CommandLine;
using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Seeds;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Commands;

/// <summary>The command <c>seed</c>: makes the corpus of targets that have none.</summary>
internal static class SeedCommand
{
    private const int SeedsPerTarget = 8;

    public static Command Create()
    {
        var command = new Command("seed", "Makes seeds for the targets that have none, from our own encoders and the vectors of the tests.");
        command.SetAction(async (_, ct) =>
        {
            var corpus = Corpus.Find();
            var missing = new List<string>();
            foreach (var target in TargetList.All().Where(target => corpus.Seeds(target.Name).Count == 0))
            {
                await using (target.ConfigureAwait(false))
                {
                    ct.ThrowIfCancellationRequested();
                    var candidates = SeedSource.Candidates(target, corpus);

                    // Scripts and requests are written for their target; of messages the target takes what it can read.
                    var seeds = target.Kind is InputKind.Request or InputKind.HexLines ? [.. candidates] : await SelectAsync(target, candidates).ConfigureAwait(false);
                    seeds.ForEach(seed => corpus.Add(target.Name, seed));
                    Console.WriteLine($"{target.Name}: {seeds.Count} seeds");
                    missing.AddRange(seeds.Count == 0 ? [target.Name] : []);
                }
            }

            missing.ForEach(name => Console.Error.WriteLine($"{name} has no seed: add a message of this kind to SeedSamples"));
            return missing.Count == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>The shortest valid input of each shape.</summary>
    private static async Task<List<byte[]>> SelectAsync(FuzzTarget target, IEnumerable<byte[]> candidates)
    {
        await target.StartAsync().ConfigureAwait(false);
        var selected = new List<byte[]>();
        var shapes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var candidate in candidates.DistinctBy(Convert.ToHexString).OrderBy(candidate => candidate.Length))
        {
            if (selected.Count < SeedsPerTarget && !shapes.Contains(SeedBytes.Shape(candidate)) && await IsValidAsync(target, candidate).ConfigureAwait(false))
            {
                shapes.Add(SeedBytes.Shape(candidate));
                selected.Add(candidate);
            }
        }

        return selected;
    }

    /// <summary>What breaks the target is no seed: run will find it.</summary>
    private static async Task<bool> IsValidAsync(FuzzTarget target, byte[] candidate)
    {
        try
        {
            return await target.RunAsync(candidate).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }
}
