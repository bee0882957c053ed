using System.CommandLine;
using OpenEim.Hosting.Telemetry;

namespace OpenEim.Hosting.Running;

/// <summary>A host that stops in order when it is told to.</summary>
public interface IStoppable : IAsyncDisposable
{
    /// <summary>Drains, then stops.</summary>
    Task StopAsync();
}

/// <summary>A process that is a host and nothing else.</summary>
public static class HostProcess
{
    /// <summary>Runs the command line. Failures become sentences in one place, and the signals are ours: to stop a server in order may take long.</summary>
    /// <typeparam name="THost">The host, whose name the log bears.</typeparam>
    public static Task<int> InvokeAsync<THost>(RootCommand root, IReadOnlyList<string> arguments)
    {
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        return ProcessEnd.RunAsync(() => root.Parse(arguments).InvokeAsync(invocation), ConsoleLog.Failed<THost>);
    }

    /// <summary>Runs a host until the order to stop comes.</summary>
    /// <param name="start">Starts it; an order to stop cancels the start.</param>
    /// <param name="started">Says that it is up.</param>
    public static async Task<int> ServeAsync<THost>(Func<CancellationToken, Task<THost>> start, Action<THost> started)
        where THost : IStoppable
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(started);
        using var signals = new StopSignals();
        try
        {
            await using var host = await start(signals.First).ConfigureAwait(false);
            started(host);
            await signals.WaitAsync().ConfigureAwait(false);
            await host.StopAsync().ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            return 0;
        }
    }
}
