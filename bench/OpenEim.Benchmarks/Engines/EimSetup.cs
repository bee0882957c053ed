using OpenEim.Benchmarks.Reports;
using OpenEim.Server;

namespace OpenEim.Benchmarks.Engines;

/// <summary>A data folder and a database for an eIM of this run.</summary>
internal sealed record EimSetup(IEngine Engine, string Folder, string ConnectionString)
{
    public static async Task<EimSetup> CreateAsync(BenchRun run, IEngine engine)
    {
        var folder = run.NewFolder();
        return new EimSetup(engine, folder, await engine.CreateAsync(folder).ConfigureAwait(false));
    }

    /// <summary>Starts an eIM in this process on it, with both listeners on free ports of the loopback.</summary>
    public Task<EimHost> StartAsync(string esipaScheme, CancellationToken ct) => EimHost.StartAsync(
        new ServerOptions
        {
            Data = Folder,
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = new Uri($"{esipaScheme}://127.0.0.1:0"),
        },
        null,
        null,
        ct);
}
