using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server;
using OpenEim.Tests.EndToEnd;
using OpenEim.Tests.Packages;
using OpenEim.Tests.Storage;
using OpenEim.Tests.Telemetry;

namespace OpenEim.Tests.Esipa;

/// <summary>What keeps strangers at the ESipa listener within bounds. All of 127.0.0.0/8 is this machine, so that requests can come from several addresses.</summary>
public sealed class EsipaLimitsTests
{
    private const string Here = "127.0.0.1";
    private const string Elsewhere = "127.0.0.2";

    private static readonly byte[] Malformed = [0xBF, 0x50, 0x01, 0x00];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Device_that_asks_too_often_gets_429_and_nobody_else_does()
    {
        await using var eim = await StartAsync(options => options with { EsipaDeviceRate = 1, EsipaDeviceBurst = 20 }, devices: 2);
        using var here = Client(Here);
        using var elsewhere = Client(Elsewhere);
        eim.Clock.Advance(TimeSpan.FromMinutes(1));

        var answers = await PollAsync(here, eim, 0, times: 30);

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.OK, 20).Concat(Enumerable.Repeat(HttpStatusCode.TooManyRequests, 10)), answers);
        Assert.Equal(HttpStatusCode.OK, (await PollAsync(here, eim, 1)).Single());
        Assert.Equal(HttpStatusCode.OK, (await PollAsync(elsewhere, eim, 0)).Single());
        eim.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await PollAsync(here, eim, 0, times: 2));
        await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 10, "openeim_esipa_refused_total", ("limit", "device"));
    }

    [Fact]
    public async Task Refusal_says_when_to_come_again()
    {
        await using var eim = await StartAsync(options => options with { EsipaDeviceRate = 1, EsipaDeviceBurst = 1 });
        using var here = Client(Elsewhere);
        await PollAsync(here, eim, 0);

        using var refused = await SendAsync(here, eim, new GetEimPackageRequest(eim.Fleet.Devices[0].Eid).Encode());

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Address_that_causes_too_much_work_gets_429_while_idle_polls_go_on()
    {
        await using var eim = await StartAsync(options => options with { EsipaAddressRate = 1, EsipaAddressBurst = 5 });
        using var stranger = Client(Elsewhere);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await SendAsync(stranger, eim, Malformed);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(5, statuses.Count(status => status == HttpStatusCode.BadRequest));
        Assert.Equal(7, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
        Assert.Equal(HttpStatusCode.OK, (await PollAsync(stranger, eim, 0)).Single());
        using var here = Client(Here);
        using var other = await SendAsync(here, eim, Malformed);
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    [Fact]
    public async Task Warnings_about_one_address_are_bounded_and_counted()
    {
        using var log = new LogCollector();
        await using var eim = await StartAsync(options => options, logging: builder => builder.AddProvider(log));
        using var stranger = Client(Elsewhere);
        for (var i = 0; i < 40; i++)
        {
            using var answer = await SendAsync(stranger, eim, Malformed);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        Assert.Equal(10, log.Lines.Count(line => line.Contains("malformed request", StringComparison.Ordinal)));
        await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 30, "openeim_esipa_warnings_left_out_total");
    }

    [Fact]
    public async Task Connections_from_outside_the_networks_are_closed()
    {
        await using var eim = await StartAsync(options => options with { EsipaNetworks = [$"{Here}/32"] });
        using var here = Client(Here);
        using var stranger = Client(Elsewhere);

        Assert.Equal(HttpStatusCode.OK, (await PollAsync(here, eim, 0)).Single());
        await Assert.ThrowsAsync<HttpRequestException>(() => PollAsync(stranger, eim, 0));
    }

    [Fact]
    public async Task Trusted_proxy_tells_the_network_that_a_request_comes_from()
    {
        await using var eim = await StartAsync(options => options with { EsipaNetworks = ["10.0.0.0/8"], TrustedProxies = [$"{Here}/32"] });
        using var proxy = Client(Here);
        using var stranger = Client(Elsewhere);
        var poll = new GetEimPackageRequest(eim.Fleet.Devices[0].Eid).Encode();

        using var device = await SendAsync(proxy, eim, poll, forwardedFor: "10.1.2.3");
        using var outsider = await SendAsync(proxy, eim, poll, forwardedFor: "192.0.2.1");

        Assert.Equal(HttpStatusCode.OK, device.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, outsider.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(stranger, eim, poll, forwardedFor: "10.1.2.3"));
    }

    [Fact]
    public async Task One_address_holds_no_more_connections_than_it_may()
    {
        await using var eim = await StartAsync(options => options with { EsipaConnectionsPerAddress = 2 });
        using var first = await HoldAsync(eim, Elsewhere);
        using var second = await HoldAsync(eim, Elsewhere);
        Assert.NotNull(first);
        Assert.NotNull(second);

        Assert.Null(await HoldAsync(eim, Elsewhere));
        using var other = await HoldAsync(eim, Here);
        Assert.NotNull(other);
        first.Dispose();
        using var again = await UntilAdmittedAsync(eim, Elsewhere);
    }

    [Fact]
    public async Task All_addresses_together_hold_no_more_connections_than_there_may_be()
    {
        await using var eim = await StartAsync(options => options with { EsipaConnections = 3 });
        using var first = await UntilAdmittedAsync(eim, Here);
        using var second = await UntilAdmittedAsync(eim, Elsewhere);
        using var third = await HoldAsync(eim, "127.0.0.3") ?? await HoldAsync(eim, "127.0.0.3");

        Assert.Null(await HoldAsync(eim, "127.0.0.4"));
    }

    [Fact]
    public async Task Client_certificate_is_demanded_where_roots_for_it_are_given()
    {
        using var folder = new TempFolder();
        using var root = Authority("Fleet CA");
        using var otherRoot = Authority("Other CA");
        await File.WriteAllTextAsync(folder.File("devices.pem"), root.ExportCertificatePem(), Ct);
        await using var eim = await EimHost.StartAsync(new ServerOptions
        {
            Data = folder.File("data"),
            ApiUrl = new Uri("http://127.0.0.1:0"),
            EsipaUrl = new Uri("https://127.0.0.1:0"),
            EsipaClientRoots = folder.File("devices.pem"),
        }, ct: Ct);
        using var good = Issue(root, "1.3.6.1.5.5.7.3.2");
        using var serverOnly = Issue(root, "1.3.6.1.5.5.7.3.1");
        using var foreign = Issue(otherRoot, "1.3.6.1.5.5.7.3.2");

        Assert.Equal(HttpStatusCode.OK, await PollUnknownAsync(eim, good));
        await Assert.ThrowsAsync<HttpRequestException>(() => PollUnknownAsync(eim, null));
        await Assert.ThrowsAsync<HttpRequestException>(() => PollUnknownAsync(eim, serverOnly));
        await Assert.ThrowsAsync<HttpRequestException>(() => PollUnknownAsync(eim, foreign));
    }

    [Fact]
    public void Settings_that_cannot_be_followed_are_refused()
    {
        Assert.Throws<SetupException>(() => new ServerOptions { EsipaNetworks = ["10.0.0.0/99"] }.Validated());
        Assert.Throws<SetupException>(() => new ServerOptions { EsipaClientRoots = "/no/such/file.pem" }.Validated());
        Assert.Throws<SetupException>(() => new ServerOptions { EsipaDeviceRate = 20, EsipaDeviceBurst = 10 }.Validated());
        Assert.Throws<SetupException>(() => new ServerOptions { EsipaAddressRate = -1 }.Validated());
        Assert.Throws<SetupException>(() => new ServerOptions { EsipaConnections = -1 }.Validated());
    }

    private static Task<Installation> StartAsync(Func<ServerOptions, ServerOptions> configure, int devices = 1, Action<ILoggingBuilder>? logging = null) =>
        Installation.StartAsync(devices, configure: options => configure(options with { MetricsUrl = new Uri("http://127.0.0.1:0") }), logging: logging);

    private static HttpClient Client(string source) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, errors) => errors != SslPolicyErrors.RemoteCertificateNotAvailable },
        ConnectCallback = async (context, ct) => new NetworkStream(await ConnectAsync(context.DnsEndPoint.Port, source, ct), ownsSocket: true),
    });

    private static async Task<Socket> ConnectAsync(int port, string source, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), ct);
        return socket;
    }

    /// <summary>A connection that is open and does nothing more; null where the server closes it.</summary>
    private static async Task<TcpHold?> HoldAsync(Installation eim, string source)
    {
        TcpHold? hold = null;
        try
        {
            var stream = new NetworkStream(await ConnectAsync(eim.Host.EsipaUrl.Port, source, Ct), ownsSocket: true);
            hold = new TcpHold(new SslStream(stream, false, (_, _, _, errors) => errors != SslPolicyErrors.RemoteCertificateNotAvailable));
            await hold.Stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Ct);
            return hold;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            hold?.Dispose();
            return null;
        }
    }

    private static async Task<TcpHold> UntilAdmittedAsync(Installation eim, string source)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await HoldAsync(eim, source) is { } hold)
            {
                return hold;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<List<HttpStatusCode>> PollAsync(HttpClient client, Installation eim, int device, int times = 1)
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < times; i++)
        {
            using var answer = await SendAsync(client, eim, new GetEimPackageRequest(eim.Fleet.Devices[device].Eid).Encode());
            statuses.Add(answer.StatusCode);
        }

        return statuses;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, Installation eim, byte[] message, string? forwardedFor = null)
    {
        using var request = Request(eim.Host.EsipaUrl, message);
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        return await client.SendAsync(request, Ct);
    }

    private static async Task<HttpStatusCode> PollUnknownAsync(EimHost eim, X509Certificate2? certificate)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, _, _, errors) => errors != SslPolicyErrors.RemoteCertificateNotAvailable,
                ClientCertificates = certificate is null ? null : [certificate],
            },
        });
        using var answer = await client.SendAsync(Request(eim.EsipaUrl, Convert.FromHexString("BF4F125A1089049032123451234512345678901235")), Ct);
        return answer.StatusCode;
    }

    private static HttpRequestMessage Request(Uri esipa, byte[] message)
    {
        var content = new ByteArrayContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(esipa, "/gsma/rsp2/asn1")) { Content = content };
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=device", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3]);
        return issued.CopyWithPrivateKey(key);
    }

    private sealed record TcpHold(SslStream Stream) : IDisposable
    {
        public void Dispose() => Stream.Dispose();
    }
}
