using OpenEim.Hosting.Keys;
using OpenEim.Manager;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Security;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>The steps of opening.</summary>
public sealed partial class EimHost
{
    private async Task<Database> OpenDatabaseAsync(DataFolder folder)
    {
        EimDatabase.Place.RefuseLost(Options, folder);
        Pki = _host.Own(PkiFolder.Read(folder.PkiPath, Options.Pki, new PkiOptions
        {
            Parts = PkiParts.Server,
            Now = _host.Time.GetUtcNow(),
            EimId = Options.EimId,
            Hosts = Hosts(),
        }));

        // Before keys are kept: beside them a missing database is one that was lost.
        Database = _host.Own(await EimDatabase.Place.OpenAsync(
            Options, folder, new DatabaseOptions { LoggerFactory = _host.Loggers, Meter = _host.Telemetry.Storage, Time = _host.Time }).ConfigureAwait(false));
        PkiFolder.Keep(folder.PkiPath, Pki);
        Identity = CreateIdentity();
        return Database;
    }

    private EimOptions EngineOptions() => new()
    {
        ResultPatience = Options.ResultPatience,
        AllowV10 = Options.AllowV10,
        V10SessionsPerAddress = Options.V10SessionsPerAddress,
        V10SessionsPerOperation = Options.V10SessionsPerOperation,
        Hold = Options.PackageHold,
        HoldLimit = Options.PackageHoldLimit,
        UnansweredRounds = Options.UnansweredRounds,
        DownloadErrorRounds = Options.DownloadErrorRounds,
    };

    private void StartLoops(Database database, Eim eim, Slices slices, Func<CancellationToken, Task> forget)
    {
        _host.StartLoop("Ending overdue operations", TimeSpan.FromSeconds(2), eim.Expiry.RunOnceAsync);
        _host.StartLoop("Forgetting old answers", TimeSpan.FromMinutes(10), ct => slices.HoldsFirst ? forget(ct) : Task.CompletedTask);
        var history = new History(database, Options.Retention, slices, _host.Time, _host.Loggers.CreateLogger<History>());
        _host.StartLoop("Forgetting history", TimeSpan.FromHours(1), history.RunOnceAsync);
    }
}
