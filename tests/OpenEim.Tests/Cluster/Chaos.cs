using System.Collections.Concurrent;

namespace OpenEim.Tests.Cluster;

/// <summary>Something that can be killed and comes back.</summary>
/// <param name="Kind">What the counts call it.</param>
/// <param name="Kill">SIGKILL.</param>
/// <param name="Start">Brings it back, ready.</param>
internal sealed record Victim(string Kind, Func<Task> Kill, Func<CancellationToken, Task> Start);

/// <summary>Kills at random (kill -9), and starts again what it has killed.</summary>
/// <remarks>In every turn each victim dies once, in an order of its own, so that none is spared by chance; up to two are away at a time.</remarks>
internal sealed class Chaos(IReadOnlyList<Victim> victims, int seed)
{
    private const int MostAway = 2;

    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDeath = TimeSpan.FromSeconds(1.5);

    private readonly Random _random = new(seed);

    /// <summary>How often what was killed.</summary>
    public ConcurrentDictionary<string, int> Kills { get; } = [];

    /// <summary>Goes on until <paramref name="end"/>, and for one turn at least; everything runs again when it returns.</summary>
    /// <remarks>The moments are random times, and nothing is concluded from them.</remarks>
    public async Task RunAsync(CancellationToken end, CancellationToken ct)
    {
        var away = new Dictionary<Victim, Task>();
        for (var turn = 0; turn == 0 || !end.IsCancellationRequested; turn++)
        {
            foreach (var victim in victims.OrderBy(_ => _random.Next()).ToList())
            {
                if (turn > 0 && end.IsCancellationRequested)
                {
                    break;
                }

                await Task.Delay(LongestQuiet * _random.NextDouble(), ct);
                await BackAsync(away, victim);
                await victim.Kill();
                Kills.AddOrUpdate(victim.Kind, 1, (_, count) => count + 1);
                away[victim] = ReviveAsync(victim, LongestDeath * _random.NextDouble(), ct);
            }
        }

        await Task.WhenAll(away.Values);
    }

    /// <summary>Waits until a victim is back that shall be killed again, and until not too many are away.</summary>
    private static async Task BackAsync(Dictionary<Victim, Task> away, Victim victim)
    {
        if (away.Remove(victim, out var revival))
        {
            await revival;
        }

        while (away.Count >= MostAway)
        {
            var back = await Task.WhenAny(away.Values);
            await back;
            away.Remove(away.First(pair => pair.Value == back).Key);
        }
    }

    private static async Task ReviveAsync(Victim victim, TimeSpan after, CancellationToken ct)
    {
        await Task.Delay(after, ct);
        await victim.Start(ct);
    }
}
