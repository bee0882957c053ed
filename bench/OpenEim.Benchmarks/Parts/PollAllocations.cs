using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Benchmarks.Engines;
using OpenEim.Benchmarks.Reports;
using OpenEim.Manager;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Esipa;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Memory that our own code allocates for an idle poll: what the endpoint does with a request's bytes, without HTTP.</summary>
internal static class PollAllocations
{
    private const int Polls = 50_000;
    private const int Devices = 16;
    private const double Limit = 1024;
    private static readonly FleetSize Fleet = new(1_000);

    public static async Task MeasureAsync(BenchRun run)
    {
        foreach (var engine in run.Engines)
        {
            var setup = await run.Fleets.GetAsync(engine, Fleet).ConfigureAwait(false);
            run.Add(Measurement.AtMost($"allocated for an idle poll without HTTP, {engine.Name}, bytes (at most)", await MeasureAsync(setup).ConfigureAwait(false), Limit));
        }
    }

    private static async Task<double> MeasureAsync(EimSetup setup)
    {
        var time = TimeProvider.System;
        var now = time.GetUtcNow();
        var database = Database.Open(setup.ConnectionString);
        await using var closing = database.ConfigureAwait(false);
        var contacts = new ContactTimes(database, TimeSpan.FromHours(1), time, NullLogger<ContactTimes>.Instance);
        await using var closingContacts = contacts.ConfigureAwait(false);
        using var pki = new TestPki(EcCurve.P256, now.AddDays(-1), now.AddYears(1));
        using var eim = pki.IssueEim("bench");
        using var transactionIds = new TransactionIds(new byte[32]);
        using var masterKey = MasterKey.FromBytes(new byte[MasterKey.Length]);
        var trust = new RspTrust([pki.Ci.Certificate]);
        using var http = new RspHttp(trust, new RspHttpOptions(), time, NullLogger<RspHttp>.Instance);
        var manager = new Eim(
            database, new EimIdentity("bench", "localhost", eim.Key, eim.Certificate.Encoded, null), trust, transactionIds, new EuiccIds(), contacts,
            new DownloadParts(new DownloadSecrets(masterKey), new Es9PlusClient(http)), new EimOptions(), new Slices(database, time, "bench"), time, NullLoggerFactory.Instance);

        // First until the runtime has compiled it for good, and every EID has its place among the contact times.
        await PollAsync(manager).ConfigureAwait(false);
        await PollAsync(manager).ConfigureAwait(false);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await PollAsync(manager).ConfigureAwait(false);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Polls;
    }

    /// <remarks>All of the process is counted, since a poll of PostgreSQL goes on on other threads; nothing else runs. The request's bytes count too.</remarks>
    private static Task PollAsync(Eim manager) => Task.WhenAll(Enumerable.Range(0, Devices).Select(device => Task.Run(async () =>
    {
        for (var i = device; i < Polls; i += Devices)
        {
            var message = new byte[] { 0xBF, 0x4F, 0x12, 0x5A, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
            EidRange.Write((i % Fleet.Euiccs) + 1, message.AsSpan(^Eid.ByteLength..));
            var answer = await manager.Esipa.GetEimPackage.ExecuteAsync((GetEimPackageRequest)EsipaRequest.Decode(message)).ConfigureAwait(false);
            if (!ReferenceEquals(answer, GetEimPackage.Idle))
            {
                throw new InvalidOperationException("the answer is not the idle one");
            }
        }
    })));
}
