using System.Net;
using System.Text;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>ES2+: the life of an order, and the status codes.</summary>
public abstract class Es2PlusTests(DbEngine engine)
{
    private static readonly Eid Eid1 = Eid.Parse(TestPki.EidPrefix + new string('0', 23) + "1");
    private static readonly Eid Eid2 = Eid.Parse(TestPki.EidPrefix + new string('0', 23) + "2");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_profile_passes_through_the_states_of_the_standard()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var allocated = await bench.DownloadOrderAsync(new(bench.Header(), null, null, SmdpBench.ProfileType));
        Assert.Equal(StockState.Allocated, await bench.StateOfAsync(allocated));
        var linked = await bench.DownloadOrderAsync(new(bench.Header(), Eid1, null, SmdpBench.ProfileType));
        Assert.Equal(StockState.Linked, await bench.StateOfAsync(linked));

        var confirmed = await bench.ConfirmOrderAsync(new(bench.Header(), linked, false));
        Assert.Equal(StockState.Confirmed, await bench.StateOfAsync(linked));
        Assert.Equal(Eid1, confirmed.Eid);
        Assert.Equal(bench.Host.Address, confirmed.SmdpAddress);
        Assert.Matches("^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$", confirmed.MatchingId);

        await bench.ReleaseAsync(linked);
        await bench.ReleaseAsync(linked);
        Assert.Equal(StockState.Released, await bench.StateOfAsync(linked));
        Assert.Equal("8.2.1/1.2", await FailureOf(bench.ReleaseAsync(allocated)));

        await bench.CancelOrderAsync(new(bench.Header(), linked, FinalProfileStatus.Available, Eid1));
        Assert.Equal(StockState.Available, await bench.StateOfAsync(linked));
        await bench.CancelOrderAsync(new(bench.Header(), allocated, FinalProfileStatus.Unavailable));
        Assert.Equal(StockState.Unavailable, await bench.StateOfAsync(allocated));
        Assert.Equal("8.2.1/3.3", await DownloadTests.FailureOf(bench.DownloadOrderAsync(new(bench.Header(), null, allocated, null))));
    }

    [Fact]
    public async Task The_same_call_again_gets_the_same_answer_and_orders_nothing_more()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var order = new DownloadOrderRequest(bench.Header(), null, null, SmdpBench.ProfileType);
        var iccid = await bench.DownloadOrderAsync(order);
        Assert.Equal(iccid, await bench.DownloadOrderAsync(order));
        var confirm = new ConfirmOrderRequest(bench.Header(), iccid, true);
        var confirmed = await bench.ConfirmOrderAsync(confirm);

        Assert.Equal(confirmed, await bench.ConfirmOrderAsync(confirm));
        Assert.Equal(confirmed, await bench.ConfirmOrderAsync(confirm with { Header = bench.Header() }));
        Assert.Equal(2, (await bench.Host.Profiles.ListAsync(ct: Ct)).Count(profile => profile.State == StockState.Available));
        Assert.Equal("8.2.1/3.3", await DownloadTests.FailureOf(bench.ConfirmOrderAsync(confirm with { Header = bench.Header(), ConfirmationCode = "1" })));
    }

    [Fact]
    public async Task Orders_fail_with_the_codes_of_the_standard()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var unknown = Iccid.Parse("8949000000000000001");
        var iccid = await bench.DownloadOrderAsync(new(bench.Header(), Eid1, null, SmdpBench.ProfileType));
        var other = await bench.DownloadOrderAsync(new(bench.Header(), null, null, SmdpBench.ProfileType));

        await Fails("8.2.1/3.9", bench.DownloadOrderAsync(new(bench.Header(), null, unknown, null)));
        await Fails("8.2.1/3.3", bench.DownloadOrderAsync(new(bench.Header(), null, iccid, null)));
        await Fails("8.2.1/2.2", bench.DownloadOrderAsync(new(bench.Header(), null, null, null)));
        await Fails("8.2.5/3.9", bench.DownloadOrderAsync(new(bench.Header(), null, null, "unknown")));
        await Fails("8.2.1/3.9", bench.ConfirmOrderAsync(new(bench.Header(), unknown, true)));
        await Fails("8.1.1/3.10", bench.ConfirmOrderAsync(new(bench.Header(), iccid, true, Eid2)));
        await Fails("8.1.1/2.2", bench.ConfirmOrderAsync(new(bench.Header(), other, true, null, "")));
        await Fails("8.2.6/3.10", bench.ConfirmOrderAsync(new(bench.Header(), other, true, null, "not valid")));
        await Fails("8.9/5.1", bench.ConfirmOrderAsync(new(bench.Header(), other, true, null, null, null, "smds.example.com")));
        var confirmed = await bench.ConfirmOrderAsync(new(bench.Header(), iccid, true, Eid1, "OURS-1"));
        Assert.Equal("OURS-1", confirmed.MatchingId);
        await Fails("8.2.6/3.3", bench.ConfirmOrderAsync(new(bench.Header(), other, true, null, "OURS-1")));

        Assert.Equal("8.1.1/2.2", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Available))));
        Assert.Equal("8.1.1/3.10", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Available, Eid2))));
        Assert.Equal("8.2.6/3.10", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Available, Eid1, "OTHER"))));
        Assert.Equal("8.2.1/3.9", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), unknown, FinalProfileStatus.Available))));
        Assert.Equal("8.2.1/3.9", await FailureOf(bench.ReleaseAsync(unknown)));

        await bench.DownloadOrderAsync(new(bench.Header(), null, null, SmdpBench.ProfileType));
        await Fails("8.2.5/3.7", bench.DownloadOrderAsync(new(bench.Header(), null, null, SmdpBench.ProfileType)));
    }

    [Fact]
    public async Task A_profile_that_may_be_on_an_eUICC_becomes_nobody_elses()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync();
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var first = await bench.GetPackageAsync(await bench.AuthenticateAsync(euicc, matchingId), key);
        Assert.Equal("8.2.1/3.3", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Available))));

        // Only the eUICC's signed failure frees it.
        await bench.Device.NotifyAsync(euicc.Result(first.TransactionId, iccid, success: false));
        await bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Available));
        var again = await bench.DownloadOrderAsync(new(bench.Header(), null, iccid, null));
        var confirmed = await bench.ConfirmOrderAsync(new(bench.Header(), again, true));
        var next = bench.NewEuicc(2);
        var second = await bench.GetPackageAsync(await bench.AuthenticateAsync(next, confirmed.MatchingId), key);
        await bench.Device.NotifyAsync(next.Result(second.TransactionId, iccid));

        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
        Assert.Equal("8.2.1/3.3", await FailureOf(bench.CancelOrderAsync(new(bench.Header(), iccid, FinalProfileStatus.Unavailable))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"header\":{\"functionRequesterIdentifier\":\"a\"},\"iccid\":\"8949000000000000001\"}")]
    [InlineData("{\"header\":{\"functionRequesterIdentifier\":\"a\",\"functionCallIdentifier\":\"1\"},\"iccid\":\"12\"}")]
    public async Task Malformed_bodies_are_400(string body)
    {
        await using var bench = await SmdpBench.StartAsync(engine, profiles: 1);
        foreach (var path in new[] { Es2PlusPaths.DownloadOrder, Es2PlusPaths.ConfirmOrder, Es2PlusPaths.CancelOrder, Es2PlusPaths.ReleaseProfile })
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await bench.Http.PostAsync(new Uri(bench.Host.Es2PlusUrl, path), content, Ct);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        using var get = await bench.Http.GetAsync(new Uri(bench.Host.Es2PlusUrl, Es2PlusPaths.DownloadOrder), Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var nothing = await bench.Http.GetAsync(new Uri(bench.Host.Es2PlusUrl, "/"), Ct);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
    }

    [Fact]
    public void Plain_http_is_for_the_loopback_and_https_needs_roots()
    {
        Assert.Throws<SetupException>(() => new SmdpOptions { Es2PlusUrl = new Uri("http://192.0.2.1:1") }.Validated());
        Assert.Throws<SetupException>(() => new SmdpOptions { Es9PlusUrl = new Uri("http://0.0.0.0:1"), Hosts = ["a.example.com"] }.Validated());
        Assert.Throws<SetupException>(() => new SmdpOptions { Es2PlusUrl = new Uri("https://127.0.0.1:1") }.Validated());
        Assert.Throws<SetupException>(() => new SmdpOptions { ProgressUrl = new Uri("http://192.0.2.1") }.Validated());
    }

    private static async Task Fails<T>(string code, Task<T> call) => Assert.Equal(code, await DownloadTests.FailureOf(call));

    private static async Task<string> FailureOf(Task call) => (await Assert.ThrowsAsync<Es9PlusFailure>(() => call)).Code;
}

public sealed class Es2PlusTestsOnSqlite() : Es2PlusTests(DbEngine.Sqlite);

public sealed class Es2PlusTestsOnPostgres() : Es2PlusTests(DbEngine.Postgres);
