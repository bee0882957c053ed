using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Hosting.Keys;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Operations from Scheduled to Succeeded with an in-process fleet over HTTP, beside the rate that their two signatures and two verifications alone allow.</summary>
internal static class OperationRate
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
        var now = TimeProvider.System.GetUtcNow();
        var setup = await EimSetup.CreateAsync(run, engine).ConfigureAwait(false);
        await using var host = await setup.StartAsync("http", run.Stop).ConfigureAwait(false);
        using var pki = PkiFolder.Open(Path.Combine(setup.Folder, "pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = now });
        using var fleet = Fleet(host, CardPki.From(pki, now));
        var entries = await host.Euiccs.RegisterAsync(
            1, [.. fleet.Devices.Select(device => new EuiccRegistration { Eid = device.Eid, SupportedProfileType = 5 })], null, run.Stop).ConfigureAwait(false);
        await Task.WhenAll(fleet.Devices.Select(device => device.PollOnceAsync(run.Stop))).ConfigureAwait(false);
        var ids = entries.ToDictionary(entry => entry.Eid, entry => entry.Id);
        using var eim = EcPrivateKey.Generate(EcCurve.P256);
        using var euicc = EcPrivateKey.Generate(EcCurve.P256);
        var data = new byte[120];
        var comparison = await Turns.TakeAsync(
            run,
            slice => ReferenceRate.MeasureAsync(
                slice, () => eim.PublicKey.Verify(data, eim.Sign(data)) && euicc.PublicKey.Verify(data, euicc.Sign(data))),
            slice => OperateAsync(fleet, host.Operations, ids, slice, run.Stop)).ConfigureAwait(false);
        run.Add(Measurement.Of($"operations, scheduled to succeeded, {engine.Name}, beside their signatures and verifications", comparison, 0.5));
    }

    private static DeviceFleet Fleet(EimHost host, CardPki pki) => DeviceFleet.Create(
        new FleetOptions
        {
            Count = Devices,
            Profiles = index => [new(IccidOf(index, 1)) { State = ProfileState.Enabled }, new(IccidOf(index, 2)) { FallbackAllowed = true }],
            Pki = pki,
            EimConfiguration = host.Identity.AddInitialEim(),
            Ipa = new IpaOptions { EimAddress = host.EsipaUrl, AllowPlainHttpOnLoopback = true },
            ShareConnections = true,
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    private static Iccid IccidOf(int device, int profile) => Iccid.Parse($"89880000000000{device:D4}{profile}");

    private static async Task<double> OperateAsync(
        DeviceFleet fleet, OperationBook book, Dictionary<Eid, long> ids, TimeSpan duration, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(fleet.Devices.Select((device, index) => Task.Run(
            async () =>
            {
                var count = 0;
                var operation = new NewOperation { Action = OperationAction.SetFallback, Iccid = IccidOf(index, 2).ToString(), Validity = TimeSpan.FromHours(1) };
                while (Stopwatch.GetElapsedTime(start) < duration)
                {
                    var scheduled = await book.ScheduleAsync(1, ids[device.Eid], new OperationCreator(1, "bench"), [operation], null, ct).ConfigureAwait(false);
                    await device.PollOnceAsync(ct).ConfigureAwait(false);
                    var entry = await book.FindAsync(1, ids[device.Eid], scheduled![0].Id, ct).ConfigureAwait(false);
                    count += entry!.Status == OperationStatus.Succeeded ? 1 : throw new InvalidOperationException($"the operation is {entry.Status}");
                }

                return count;
            },
            ct))).ConfigureAwait(false);
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
