using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>Two nodes of one SM-DP+ over one PostgreSQL, and messages that reach both at the same instant.</summary>
public sealed class NodesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orders_at_both_nodes_at_once_each_get_a_profile_of_their_own()
    {
        await using var bench = await SmdpBench.StartAsync(DbEngine.Postgres, profiles: 40);
        await using var other = await bench.StartAnotherAsync();
        var iccids = await Task.WhenAll(Enumerable.Range(0, 40).Select(n =>
            bench.DownloadOrderAsync(new(bench.Header(), null, null, SmdpBench.ProfileType), n % 2 == 0 ? bench.Host : other)));

        Assert.Equal(40, iccids.Distinct().Count());
        var stock = await bench.Host.Profiles.ListAsync(ct: Ct);
        Assert.All(stock, profile => Assert.Equal(StockState.Allocated, profile.State));
    }

    [Fact]
    public async Task Call_that_reaches_both_nodes_at_once_is_one_order()
    {
        await using var bench = await SmdpBench.StartAsync(DbEngine.Postgres, profiles: 40);
        await using var other = await bench.StartAnotherAsync();
        for (var round = 0; round < 10; round++)
        {
            var call = new DownloadOrderRequest(bench.Header(), null, null, SmdpBench.ProfileType);
            var iccids = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => bench.DownloadOrderAsync(call, n % 2 == 0 ? bench.Host : other)));
            Assert.Single(iccids.Distinct());
        }

        Assert.Equal(10, (await bench.Host.Profiles.ListAsync(ct: Ct)).Count(profile => profile.State == StockState.Allocated));
    }

    [Fact]
    public async Task Same_message_at_both_nodes_at_once_has_one_answer()
    {
        await using var bench = await SmdpBench.StartAsync(DbEngine.Postgres, profiles: 10);
        await using var other = await bench.StartAnotherAsync();
        var there = bench.DeviceAt(other);
        for (var round = 0; round < 5; round++)
        {
            var euicc = bench.NewEuicc(round + 1);
            var (iccid, matchingId) = await bench.OrderAsync();
            var server = await bench.Device.InitiateAsync(euicc.Initiate(bench.Host.Address));
            var response = euicc.AuthenticateServer(server, matchingId);
            var authenticate = new AuthenticateClientRequest(server.TransactionId, SmdpBench.Encode(response));
            var answers = await Task.WhenAll(bench.Device.AuthenticateAsync(authenticate), there.AuthenticateAsync(authenticate));
            Assert.Equal(answers[0].SmdpSignature2.ToArray(), answers[1].SmdpSignature2.ToArray());

            using var key = OneTimeKey.Generate(EcCurve.P256);
            var prepared = new GetBoundProfilePackageRequest(
                server.TransactionId, SmdpBench.Encode(euicc.PrepareDownload(answers[0], response, key, null)));
            var packages = await Task.WhenAll(bench.Device.GetPackageAsync(prepared), there.GetPackageAsync(prepared));
            Assert.Equal(packages[0].BoundProfilePackage.ToArray(), packages[1].BoundProfilePackage.ToArray());
            Assert.Equal(StockState.Downloaded, (await bench.Host.Profiles.FindAsync(iccid.ToString(), Ct))!.State);
        }
    }

    [Fact]
    public async Task Two_eUICCs_with_one_matching_id_at_two_nodes_get_one_package()
    {
        await using var bench = await SmdpBench.StartAsync(DbEngine.Postgres, profiles: 10);
        await using var other = await bench.StartAnotherAsync();
        var there = bench.DeviceAt(other);
        for (var round = 0; round < 5; round++)
        {
            var (_, matchingId) = await bench.OrderAsync();
            var delivered = await Task.WhenAll(DownloadAsync(bench, bench.NewEuicc(2 * round + 1), bench.Device, matchingId), DownloadAsync(bench, bench.NewEuicc(2 * round + 2), there, matchingId));
            Assert.Single(delivered, came => came);
        }
    }

    [Fact]
    public async Task Node_with_other_keys_is_refused()
    {
        await using var bench = await SmdpBench.StartAsync(DbEngine.Postgres);
        var error = await Assert.ThrowsAsync<SetupException>(() => bench.StartAnotherAsync(withItsOwnKeys: true));
        Assert.Contains("other keys", error.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> DownloadAsync(SmdpBench bench, TestEuicc euicc, Es9PlusClient device, string matchingId)
    {
        try
        {
            using var key = OneTimeKey.Generate(EcCurve.P256);
            var session = await bench.AuthenticateAsync(euicc, matchingId, device);
            await bench.GetPackageAsync(session, key, device: device);
            return true;
        }
        catch (Es9PlusFailure)
        {
            return false;
        }
    }
}
