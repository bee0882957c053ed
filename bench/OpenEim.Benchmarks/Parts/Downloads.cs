using System.Collections.Concurrent;
using System.Diagnostics;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Smdp.Orders;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Whole profile downloads at the SM-DP+ over keep-alive HTTP, beside the rate that their cryptography alone allows.</summary>
internal static class Downloads
{
    private const int Devices = 64;

    public static async Task MeasureAsync(BenchRun run)
    {
        foreach (var engine in run.Engines)
        {
            await MeasureAsync(run, engine).ConfigureAwait(false);
        }
    }

    private static async Task MeasureAsync(BenchRun run, IEngine engine)
    {
        await using var server = await SmdpServer.StartAsync(run, engine).ConfigureAwait(false);
        using var cryptography = new DownloadCryptography(server.Pki);

        // Ordered beforehand, since ordering is not what is measured; the cryptography alone says how many can be downloaded at most.
        var most = await Turns.TimeAsync(run, slice => ReferenceRate.MeasureAsync(slice, cryptography.Once), TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        var time = run.WarmUp + (run.Duration * Environment.ProcessorCount);
        var stock = await server.ReleaseAsync((int)(time.TotalMicroseconds / most.ProcessorMicroseconds), run.Stop).ConfigureAwait(false);
        var profiles = new ConcurrentQueue<ReleasedProfile>(stock);
        var devices = await Task.WhenAll(Enumerable.Range(0, Devices).Select(i => DownloadingDevice.CreateAsync(server, i))).ConfigureAwait(false);
        try
        {
            var comparison = await Turns.TakeAsync(
                run,
                slice => ReferenceRate.MeasureAsync(slice, cryptography.Once),
                slice => DownloadAsync(devices, profiles, slice)).ConfigureAwait(false);
            await CheckAsync(server, stock.Take(stock.Count - profiles.Count), run.Stop).ConfigureAwait(false);
            run.Add(Measurement.Of($"profile downloads at the SM-DP+, {engine.Name}, beside their cryptography", comparison, 0.5));
        }
        finally
        {
            Array.ForEach(devices, device => device.Dispose());
        }
    }

    private static async Task<double> DownloadAsync(DownloadingDevice[] devices, ConcurrentQueue<ReleasedProfile> profiles, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(devices.Select(device => Task.Run(async () =>
        {
            var count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                await device.DownloadAsync(profiles.TryDequeue(out var profile) ? profile : throw new InvalidOperationException("the stock is used up")).ConfigureAwait(false);
                count++;
            }

            return count;
        }))).ConfigureAwait(false);
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A notification is acknowledged whatever becomes of it, so what counts is the stock.</summary>
    private static async Task CheckAsync(SmdpServer server, IEnumerable<ReleasedProfile> downloaded, CancellationToken ct)
    {
        foreach (var profile in downloaded)
        {
            var found = await server.Host.Profiles.FindAsync(profile.Iccid.ToString(), ct).ConfigureAwait(false);
            if (found?.State != StockState.Installed)
            {
                throw new InvalidOperationException($"a downloaded profile is {found?.State}");
            }
        }
    }
}
