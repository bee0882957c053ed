using System.Diagnostics;
using OpenEim.Fuzzing.Mutation;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Running;

/// <summary>What a run of one target came to.</summary>
internal sealed record FuzzReport(string Target, long Executions, long Accepted, IReadOnlyList<string> Findings);

/// <summary>Our own loop: mutates the corpus without looking at coverage, for a bounded time. It needs the SDK alone.</summary>
internal sealed class FuzzLoop(Corpus corpus, TextWriter output)
{
    private const int MostFindings = 20;
    private const int LargestPool = 2_000;
    private const int ExecutionsBetweenChecks = 2_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs the corpus, and then what becomes of it, until the time is over.</summary>
    public async Task<FuzzReport> RunAsync(FuzzTarget target, TimeSpan time, int seed, CancellationToken ct)
    {
        using var watchdog = new Watchdog(Limit, input => Report(target, input, $"did not end within {Limit.TotalSeconds} s"));
        var pool = corpus.ReadAll(target.Name);
        var findings = new Dictionary<string, string>(StringComparer.Ordinal);
        var (executions, accepted) = (0L, 0L);
        var begun = Stopwatch.GetTimestamp();
        var seeds = pool.Count;
        for (var i = 0; findings.Count < MostFindings && (i < seeds || Stopwatch.GetElapsedTime(begun) < time) && !ct.IsCancellationRequested; i++)
        {
            // Each input depends on the seed and its number alone.
            var random = new Random(HashCode(seed, i));
            var input = i < seeds ? pool[i] : Next(target.Kind, pool, random);
            watchdog.Watch(input);
            var taken = await TryAsync(target, input, findings).ConfigureAwait(false);
            watchdog.Watch(null);
            executions++;
            accepted += taken ? 1 : 0;
            if (taken && i >= seeds && pool.Count < LargestPool && random.Next(8) == 0)
            {
                pool.Add(input);
            }

            if (executions % ExecutionsBetweenChecks == 0)
            {
                await CheckAsync(target, input, findings).ConfigureAwait(false);
            }
        }

        await CheckAsync(target, [], findings).ConfigureAwait(false);
        return new FuzzReport(target.Name, executions, accepted, [.. findings.Values]);
    }

    /// <summary>Runs one input; what it throws goes to the caller.</summary>
    public static async Task<bool> ReproduceAsync(FuzzTarget target, byte[] input)
    {
        await target.StartAsync().ConfigureAwait(false);
        var accepted = await target.RunAsync(input).ConfigureAwait(false);
        await target.CheckAsync().ConfigureAwait(false);
        return accepted;
    }

    private static byte[] Next(InputKind kind, List<byte[]> pool, Random random) => pool.Count == 0
        ? Values.Leaf(random)
        : Mutator.Mutate(kind, pool[random.Next(pool.Count)], pool[random.Next(pool.Count)], random);

    private static int HashCode(int seed, int number) => unchecked((seed * 486_187_739) + (number * 16_777_619));

    private async Task<bool> TryAsync(FuzzTarget target, byte[] input, Dictionary<string, string> findings)
    {
        try
        {
            return await target.RunAsync(input).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Found(target, input, e, findings);
            return false;
        }
    }

    private async Task CheckAsync(FuzzTarget target, byte[] input, Dictionary<string, string> findings)
    {
        try
        {
            await target.CheckAsync().ConfigureAwait(false);
        }
        catch (FindingException e)
        {
            Found(target, input, e, findings);
        }
    }

    private void Found(FuzzTarget target, byte[] input, Exception exception, Dictionary<string, string> findings)
    {
        var key = KeyOf(exception);
        if (!findings.ContainsKey(key))
        {
            findings[key] = Report(target, input, exception.ToString());
        }
    }

    /// <summary>Findings with the same key are the same fault.</summary>
    private static string KeyOf(Exception exception)
    {
        var message = exception is FindingException ? string.Concat(exception.Message.Take(40).Where(c => !char.IsAsciiHexDigit(c))) : "";
        var frame = exception.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("OpenEim.", StringComparison.Ordinal) && !line.Contains("OpenEim.Fuzzing", StringComparison.Ordinal));
        return $"{exception.GetType().Name} {message} {frame?.Trim()}";
    }

    private string Report(FuzzTarget target, byte[] input, string what)
    {
        var path = Path.GetRelativePath(corpus.Checkout, corpus.Keep(target.Name, input));
        output.WriteLine($"FINDING in {target.Name}: {what}");
        output.WriteLine($"  reproduce: dotnet run --project fuzz/OpenEim.Fuzzing -- repro {target.Name} {path}");
        return path;
    }
}
