using System.CommandLine;

namespace OpenEim.Benchmarks.Load;

/// <summary>The command <c>load</c>: puts an installation under load.</summary>
internal static class LoadCommand
{
    public static Command Create() => new("load", "Puts an installation under load, and tells its throughput and latency.") { EsipaLoad.Create(), RestLoad.Create() };

    /// <summary>Says in a sentence why a load cannot be started.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (LoadException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return 2;
        }
    }
}
