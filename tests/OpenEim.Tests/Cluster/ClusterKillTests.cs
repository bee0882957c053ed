using System.Net;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Cluster;

/// <summary>Many nodes of each kind behind HAProxy on one PostgreSQL, all of them, and PostgreSQL, killed without warning again and again (kill -9).</summary>
public sealed class ClusterKillTests
{
    private const int Devices = 200;

    [Fact]
    public async Task Nodes_and_PostgreSQL_killed_at_random_moments_lose_nothing_and_do_nothing_twice()
    {
        PostgresServer.Require();
        Balancer.Require();
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        await using var site = await Site.StartAsync(new SiteSetup(Devices, Stock: 1000)
        {
            EimNodes = 3,
            Balanced = true,
            SmdpNodes = 2,
            EimDatabase = await postgres.CreateDatabaseAsync(),
            SmdpDatabase = await postgres.CreateDatabaseAsync(),
        });
        List<Victim> victims =
        [
            .. site.EimNodes.Select(node => new Victim("eIM node", node.KillAsync, node.StartAsync)),
            .. site.SmdpNodes.Select(node => new Victim("SM-DP+ node", node.KillAsync, node.StartAsync)),
            new Victim("PostgreSQL", postgres.KillAsync, _ => postgres.StartAsync()),
        ];

        // What readers are told while there is no database, or no node.
        await new KillRun(site, victims, KillRun.Duration(90), TimeSpan.FromSeconds(4))
            .RunAsync(HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout);
    }
}
