using System.Text;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;
using static OpenEim.Tests.Packages.HexTlv;

namespace OpenEim.Tests.Smdp;

/// <summary>What an eUICC signed may hold values that the SM-DP+ cannot read: where the signature holds, the download goes on without them.</summary>
public abstract class OddContentTests(DbEngine engine)
{
    [Fact]
    public async Task A_profile_is_delivered_and_installed_though_the_eUICC_signs_odd_values()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        var server = await bench.Device.InitiateAsync(euicc.Initiate(bench.Host.Address));

        // EUICCInfo2: a field of a later version first, a version of two bytes, text that is not UTF-8, a key id without bytes.
        // ctxParams1: device information of which nothing can be read.
        var response = euicc.AuthenticateServer(server, matchingId, signed => signed with
        {
            EuiccInfo2 = Convert.FromHexString(T("BF22", T("DF65", "01"), T("82", "0205"), T("88", "0840"), T("0C", "E9"), T("A9", T("04")), T("B4", T("A7")))),
            CtxParams1 = Convert.FromHexString(T("A0", T("80", Convert.ToHexString(Encoding.ASCII.GetBytes(matchingId))), T("A1", T("80", "3529"), T("A1", T("85", "01")), T("82")))),
        });
        var client = await bench.Device.AuthenticateAsync(new AuthenticateClientRequest(server.TransactionId, SmdpBench.Encode(response)));

        using var key = OneTimeKey.Generate(EcCurve.P256);
        var delivered = await bench.GetPackageAsync(new OpenSession(euicc, response, client), key);
        Assert.Equal(StockState.Downloaded, await bench.StateOfAsync(iccid));

        // BF37: no sequence number, an event that is no BIT STRING, an address in Latin-1, a short ICCID, no OID, a long AID.
        var data = Convert.FromHexString(T("BF27",
            T("80", delivered.TransactionId.ToString()),
            T("BF2F", T("80"), T("81", "09"), T("0C", "E9"), T("5A", "98")),
            T("06"),
            T("A2", T("A0", T("4F", "A0000005591010FFFFFFFF890000110000")))));
        await bench.Device.NotifyAsync(ProfileInstallationResult.Create(data, euicc.Identity.Key.Sign(data)));
        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
    }

    [Fact]
    public async Task An_installation_result_that_tells_neither_success_nor_failure_ends_the_order()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var delivered = await bench.GetPackageAsync(session, key);

        var data = Convert.FromHexString(T("BF27", T("80", delivered.TransactionId.ToString()), T("A2", T("A7", "42"))));
        await bench.Device.NotifyAsync(ProfileInstallationResult.Create(data, euicc.Identity.Key.Sign(data)));

        Assert.Equal(StockState.Error, await bench.StateOfAsync(iccid));
    }
}

public sealed class OddContentTestsOnSqlite() : OddContentTests(DbEngine.Sqlite);

public sealed class OddContentTestsOnPostgres() : OddContentTests(DbEngine.Postgres);
