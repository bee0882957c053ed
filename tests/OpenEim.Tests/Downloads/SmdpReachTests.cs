using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>Strangers name SM-DP+s; the eIM goes only where its operator lets it, and its answers tell nothing of what is elsewhere.</summary>
public sealed class SmdpReachTests : IDisposable
{
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::127.0.0.1")]
    [InlineData("64:ff9b::192.168.1.1")]
    [InlineData("64:ff9b:1::8.8.8.8")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Address_that_is_not_public_is_refused_unless_its_network_is_allowed(string text)
    {
        var address = IPAddress.Parse(text);
        Assert.False(SmdpReach.Public.Allows(address));
        Assert.True(new SmdpReach([], [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")]).Allows(address));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2600::1")]
    [InlineData("2a00:1450::1")]
    public void Public_address_is_allowed(string text) => Assert.True(SmdpReach.Public.Allows(IPAddress.Parse(text)));

    [Fact]
    public void Allowed_network_allows_nothing_beside_it_and_the_same_addresses_in_the_forms_of_IPv6()
    {
        var reach = new SmdpReach([], [IPNetwork.Parse("10.1.0.0/16")]);
        Assert.True(reach.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(reach.Allows(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.True(reach.Allows(IPAddress.Parse("64:ff9b::10.1.2.3")));
        Assert.False(reach.Allows(IPAddress.Parse("10.2.0.0")));
        Assert.False(reach.Allows(IPAddress.Loopback));
    }

    [Theory]
    [InlineData("smdp.example.com", "smdp.example.com", true)]
    [InlineData("smdp.example.com", "SMDP.Example.COM", true)]
    [InlineData("smdp.example.com", "a.smdp.example.com", false)]
    [InlineData("smdp.example.com", "smdp.example.com.evil.test", false)]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "evilexample.com", false)]
    [InlineData("*.example.com", "a.example.com.evil.test", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("[2001:db8::1]", "2001:db8::1", true)]
    public void Hosts_are_compared_whole_or_below_a_wildcard(string allowed, string host, bool isAllowed)
    {
        Assert.True(SmdpReach.IsHost(allowed));
        Assert.Equal(isAllowed, new SmdpReach([allowed], []).Allows(host));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.example.com")]
    [InlineData("https://smdp.example.com")]
    [InlineData("smdp.example.com:443")]
    [InlineData("")]
    public void Host_that_could_match_nothing_is_no_host(string text) => Assert.False(SmdpReach.IsHost(text));

    [Theory]
    [InlineData(DbEngine.Sqlite)]
    [InlineData(DbEngine.Postgres)]
    public async Task Every_refusal_has_one_reason_and_one_sentence_and_no_connection_is_made(DbEngine engine)
    {
        using var open = new TcpListener(IPAddress.Loopback, 0);
        open.Start();
        var port = ((IPEndPoint)open.LocalEndpoint).Port;
        var closed = ClosedPort();
        await using var lab = await DownloadLab.StartAsync(engine, reach: SmdpReach.Public);

        foreach (var address in (string[])[$"127.0.0.1:{port}", $"127.0.0.1:{closed}", $"localhost:{port}", $"[::1]:{closed}", "192.168.0.1", "no-such-host.invalid"])
        {
            var operation = await lab.ScheduleAsync(code: ActivationCode.Parse($"1${address}$X"));
            var trigger = await lab.TriggerAsync();
            Assert.Equal(127, (await lab.SendAsync(DownloadLab.Initiate(trigger, address))).ErrorCode);
            await lab.ProvideAsync(trigger, null);
            var failure = (await lab.Engine.ReadAsync(lab.Device, operation)).Failure!;
            Assert.Equal(
                (7108, $"this eIM does not call the SM-DP+ {address}: the name is unknown or not allowed (SmdpHosts, SmdpPrivateNetworks)"),
                (failure.Reason, failure.Message));
        }

        Assert.False(open.Pending());
    }

    [Fact]
    public async Task Name_that_is_not_among_the_allowed_ones_is_not_even_looked_up()
    {
        var asked = new List<string>();
        var reach = new SmdpReach(["*.example.com"], [Loopback], (name, _) =>
        {
            asked.Add(name);
            return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
        });

        Assert.Equal(SmdpTrouble.OutOfReach, await CallAsync(reach, "http://smdp.example.org"));
        Assert.Empty(asked);
        Assert.Equal(SmdpTrouble.Unreachable, await CallAsync(reach, $"http://smdp.example.com:{ClosedPort()}"));
        Assert.Equal(["smdp.example.com"], asked);
    }

    [Fact]
    public async Task Name_is_resolved_once_and_what_was_checked_is_what_is_connected_to()
    {
        await using var smdp = await FakeSmdp.StartAsync(_pki);
        using var inside = new TcpListener(IPAddress.Parse("127.0.0.2"), smdp.Url.Port);
        inside.Start();
        var times = 0;
        var reach = new SmdpReach(
            [], [IPNetwork.Parse("127.0.0.1/32")], (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(++times == 1 ? "127.0.0.1" : "127.0.0.2")]));

        Assert.Null(await CallAsync(reach, $"http://rebind.example.com:{smdp.Url.Port}/handleNotification"));
        Assert.Equal(1, times);
        Assert.Equal(SmdpTrouble.OutOfReach, await CallAsync(reach, $"http://rebind.example.com:{smdp.Url.Port}/handleNotification"));
        Assert.Equal(2, times);
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task Of_several_addresses_only_those_that_are_allowed_are_tried()
    {
        await using var smdp = await FakeSmdp.StartAsync(_pki);
        using var inside = new TcpListener(IPAddress.Parse("127.0.0.2"), smdp.Url.Port);
        inside.Start();
        var reach = new SmdpReach(
            [], [IPNetwork.Parse("127.0.0.1/32")], (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("169.254.169.254"), IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]));

        Assert.Null(await CallAsync(reach, $"http://smdp.example.com:{smdp.Url.Port}/handleNotification"));
        Assert.False(inside.Pending());
    }

    [Fact]
    public async Task The_operators_own_SMDP_is_called_wherever_it_is_and_nothing_beside_it()
    {
        await using var smdp = await FakeSmdp.StartAsync(_pki);
        var reach = SmdpReach.Public.With(smdp.Url);

        Assert.Null(await CallAsync(reach, new Uri(smdp.Url, "/handleNotification").ToString()));
        Assert.Equal(SmdpTrouble.OutOfReach, await CallAsync(reach, $"http://127.0.0.1:{ClosedPort()}"));
        Assert.Equal(SmdpTrouble.OutOfReach, await CallAsync(reach, $"http://localhost:{smdp.Url.Port}"));
    }

    [Fact]
    public async Task Redirection_is_not_followed()
    {
        await using var smdp = await FakeSmdp.StartAsync(_pki);
        await using var inside = await FakeSmdp.StartAsync(_pki);
        smdp.RedirectTo = inside.Url;

        Assert.Equal(SmdpTrouble.Unreachable, await CallAsync(new SmdpReach([], [Loopback]), smdp.Url.ToString()));
        Assert.Single(smdp.Calls);
        Assert.Empty(inside.Calls);
    }

    public void Dispose() => _pki.Dispose();

    /// <summary>Why there was no answer; null when there was one.</summary>
    private static async Task<SmdpTrouble?> CallAsync(SmdpReach reach, string url)
    {
        using var trust = new TestPki(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        using var http = new RspHttp(new RspTrust([trust.Ci.Certificate]), new RspHttpOptions { Reach = reach }, TimeProvider.System, NullLogger<RspHttp>.Instance);
        var (body, trouble) = await http.PostAsync(new Uri(url), "{}"u8.ToArray(), _ => { }, Ct);
        return body is null ? trouble : null;
    }

    private static int ClosedPort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
