using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Security;

namespace OpenEim.Tests.Downloads;

/// <summary>TLS towards SM-DP+s with an ordinary certificate of the web (<c>SmdpRoots</c>), and that no session is resumed.</summary>
public sealed class SmdpTlsTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly WebPki _web = new();
    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _web.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public async Task Chain_of_root_intermediate_and_leaf_is_accepted_when_the_server_sends_the_intermediate()
    {
        await using var smdp = new WebServer(_web.Leaf("127.0.0.1", [ServerAuthentication]), _web.Intermediate);
        Assert.Null(await CallAsync(smdp.Url, _web.Root));
        Assert.Equal(SmdpTrouble.NotTrusted, await CallAsync(smdp.Url));
    }

    [Fact]
    public async Task Missing_intermediate_is_not_fetched_from_where_a_strangers_certificate_says()
    {
        using var bait = new TcpListener(IPAddress.Loopback, 0);
        bait.Start();
        var issuer = $"http://127.0.0.1:{((IPEndPoint)bait.LocalEndpoint).Port}/intermediate.cer";
        await using var smdp = new WebServer(_web.Leaf("127.0.0.1", [ServerAuthentication], issuer));

        Assert.Equal(SmdpTrouble.NotTrusted, await CallAsync(smdp.Url, _web.Root));
        Assert.False(bait.Pending());
    }

    [Theory]
    [InlineData("127.0.0.1", new[] { ClientAuthentication })]
    [InlineData("127.0.0.1", new string[0])]
    [InlineData("127.0.0.2", new[] { ServerAuthentication })]
    public async Task Certificate_for_another_host_or_not_for_servers_is_refused(string host, string[] usages)
    {
        await using var smdp = new WebServer(_web.Leaf(host, usages), _web.Intermediate);
        Assert.Equal(SmdpTrouble.NotTrusted, await CallAsync(smdp.Url, _web.Root));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Second_connection_makes_a_full_handshake(bool mutual)
    {
        await using var smdp = await FakeSmdp.StartAsync(_pki, _pki.IssueDpTls(["127.0.0.1"]), wantsClientCertificate: mutual);
        await using var tap = new HelloTap(smdp.Url);
        using var client = Client(_pki.IssueEimTls(["eim.test"]));
        using var http = Open(mutual ? client : null);
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull((await http.PostAsync(new Uri(tap.Url, "/handleNotification"), "{}"u8.ToArray(), _ => { }, Ct)).Body);
            tap.CutOff();
        }

        Assert.Equal(3, tap.Hellos.Count);
        Assert.All(tap.Hellos, hello => Assert.False(HelloTap.OffersResumption(hello)));
    }

    private static X509Certificate2 Client(RspIdentity identity) => X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());

    /// <summary>Why there was no answer; null when there was one.</summary>
    private async Task<SmdpTrouble?> CallAsync(Uri url, params X509Certificate2[] roots)
    {
        using var http = Open(null, roots);
        var (body, trouble) = await http.PostAsync(url, "{}"u8.ToArray(), _ => { }, Ct);
        return body is null ? trouble : null;
    }

    private RspHttp Open(X509Certificate2? client, params X509Certificate2[] roots) => new(
        new RspTrust([_pki.Ci.Certificate]),
        new RspHttpOptions { Timeout = TimeSpan.FromSeconds(30), TlsRoots = roots, ClientCertificate = client, Reach = new SmdpReach([], [IPNetwork.Parse("127.0.0.0/8")]) },
        TimeProvider.System,
        NullLogger<RspHttp>.Instance);

    /// <summary>A CI of the web: root, intermediate, and what they issue.</summary>
    private sealed class WebPki : IDisposable
    {
        private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        private readonly ECDsa _intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        public WebPki()
        {
            Root = Ca("CN=Web Root", _rootKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddYears(2));
            Intermediate = Ca("CN=Web Intermediate", _intermediateKey)
                .Create(Root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1), [2]);
        }

        public X509Certificate2 Root { get; }

        public X509Certificate2 Intermediate { get; }

        public X509Certificate2 Leaf(string host, string[] usages, string? issuerUrl = null)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=SM-DP+", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(host));
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            if (usages.Length > 0)
            {
                request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], false));
            }

            if (issuerUrl is not null)
            {
                request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerUrl]));
            }

            using var issuer = Intermediate.CopyWithPrivateKey(_intermediateKey);
            return request.Create(issuer, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddMonths(3), [3]).CopyWithPrivateKey(key);
        }

        public void Dispose()
        {
            _rootKey.Dispose();
            _intermediateKey.Dispose();
            Root.Dispose();
            Intermediate.Dispose();
        }

        private static CertificateRequest Ca(string name, ECDsa key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            return request;
        }
    }

    /// <summary>A server that answers everything, with a certificate that Kestrel would not take; it fetches nothing itself.</summary>
    private sealed class WebServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly SslStreamCertificateContext _certificate;
        private readonly Task _serving;

        public WebServer(X509Certificate2 certificate, params X509Certificate2[] intermediates)
        {
            _certificate = SslStreamCertificateContext.Create(certificate, [.. intermediates], offline: true);
            _listener.Start();
            Url = new Uri($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            _serving = ServeAsync();
        }

        public Uri Url { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving;
            _listener.Stop();
            _stop.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    await AnswerAsync(client);
                }
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
        }

        private async Task AnswerAsync(TcpClient client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate }, Ct);
                await tls.ReadAtLeastAsync(new byte[4096], 1, false, Ct);
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"u8.ToArray(), Ct);
            }
            catch (Exception e) when (e is IOException or AuthenticationException)
            {
                // The client did not believe it.
            }
        }
    }
}
