namespace OpenEim.Tests.Cluster;

/// <summary>One node of each kind on SQLite under load, killed without warning again and again (kill -9).</summary>
public sealed class SqliteKillTests
{
    private const int Devices = 40;

    [Fact]
    public async Task Servers_on_SQLite_killed_at_random_moments_under_load_lose_nothing_and_do_nothing_twice()
    {
        await using var site = await Site.StartAsync(new SiteSetup(Devices, Stock: 400));
        List<Victim> victims =
        [
            new Victim("eIM", site.EimNodes[0].KillAsync, site.EimNodes[0].StartAsync),
            new Victim("SM-DP+", site.SmdpNodes[0].KillAsync, site.SmdpNodes[0].StartAsync),
        ];

        await new KillRun(site, victims, KillRun.Duration(30), TimeSpan.FromSeconds(1)).RunAsync();
    }
}
