using System.Collections.Concurrent;

namespace OpenEim.Tests.Cluster;

/// <summary>Something that can be killed and comes back.</summary>
/// <param name="Kind">What the counts call it.</param>
/// <param name="Weight">How often it is the victim, beside the others.</param>
/// <param name="Kill">SIGKILL.</param>
/// <param name="Start">Brings it back, ready.</param>
internal sealed record Victim(string Kind, int Weight, Func<Task> Kill, Func<CancellationToken, Task> Start);

/// <summary>Kills at random (kill -9), and starts again what it has killed.</summary>
internal sealed class Chaos(IReadOnlyList<Victim> victims, int seed)
{
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDeath = TimeSpan.FromSeconds(1.5);

    private readonly Random _random = new(seed);

    /// <summary>How often what was killed.</summary>
    public ConcurrentDictionary<string, int> Kills { get; } = [];

    /// <summary>Goes on until <paramref name="end"/>; everything runs again when it returns.</summary>
    /// <remarks>The moments are random times, and nothing is concluded from them.</remarks>
    public async Task RunAsync(CancellationToken end, CancellationToken ct)
    {
        while (!end.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(LongestQuiet * _random.NextDouble(), end));
            var killed = Pick();
            foreach (var victim in killed)
            {
                await victim.Kill();
                Kills.AddOrUpdate(victim.Kind, 1, (_, count) => count + 1);
            }

            await Task.Delay(LongestDeath * _random.NextDouble(), ct);
            await Task.WhenAll(killed.Select(victim => victim.Start(ct)));
        }
    }

    /// <summary>One victim, and now and then another one with it.</summary>
    private List<Victim> Pick()
    {
        var first = PickOne();
        var second = _random.Next(4) == 0 ? PickOne() : first;
        return first == second ? [first] : [first, second];
    }

    private Victim PickOne()
    {
        var pick = _random.Next(victims.Sum(victim => victim.Weight));
        return victims.First(victim => (pick -= victim.Weight) < 0);
    }
}
