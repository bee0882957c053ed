using System.Diagnostics;
using System.Security.Cryptography;
using OpenEim.Benchmarks.Reports;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Benchmarks.Parts;

/// <summary>ES9+ InitiateAuthentication over keep-alive HTTP, beside the rate of its cryptography alone: one signature and one MAC.</summary>
/// <remarks>The budget is our own, not of the design: a function that stores nothing should not cost more around its signature than in it.</remarks>
internal static class InitiateAuthentications
{
    private const int Connections = 16;

    public static async Task MeasureAsync(BenchRun run)
    {
        await using var server = await SmdpServer.StartAsync(run, run.Engines[0]).ConfigureAwait(false);
        using var device = await DownloadingDevice.CreateAsync(server, 0).ConfigureAwait(false);
        using var auth = server.Pki.IssueDpAuth();

        // The SM-DP+ remembers nothing of this message, so that it may always be the same one.
        var request = RspConnection.Request(Es9PlusPaths.InitiateAuthentication, device.Initiate(RandomNumberGenerator.GetBytes(16)));
        var comparison = await Turns.TakeAsync(
            run,
            slice => ReferenceRate.MeasureAsync(slice, () => Cryptography(auth.Key)),
            slice => InitiateAsync(server.Host.Es9PlusUrl, request, slice)).ConfigureAwait(false);
        run.Add(Measurement.Of("initiateAuthentication at the SM-DP+, beside its signature and MAC", comparison, 0.5));
    }

    private static async Task<double> InitiateAsync(Uri url, byte[] request, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            using var connection = await RspConnection.OpenAsync(url).ConfigureAwait(false);
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                var answer = await connection.SendAsync(request).ConfigureAwait(false);
                count += answer.Span.IndexOf("serverSignature1"u8) >= 0 ? 1 : throw new InvalidOperationException("the function failed");
            }

            return count;
        }))).ConfigureAwait(false);
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static bool Cryptography(EcPrivateKey key)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(new byte[32], new byte[10], mac);
        return key.Sign(new byte[120]).Length > 0;
    }
}
