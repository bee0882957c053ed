using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>The operator's side: who may connect, and what he hears.</summary>
public abstract class OperatorTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_a_client_whose_certificate_leads_to_the_configured_root_may_order()
    {
        using var trusted = Authority.Create("trusted");
        using var foreign = Authority.Create("foreign");
        using var folder = new Storage.TempFolder();
        await File.WriteAllTextAsync(folder.File("roots.pem"), trusted.Certificate.ExportCertificatePem(), Ct);
        await using var bench = await SmdpBench.StartAsync(engine,
            options => options with { Es2PlusUrl = new Uri("https://127.0.0.1:0"), Es2PlusTrust = [folder.File("roots.pem")] });
        using var good = trusted.Issue("1.3.6.1.5.5.7.3.2");
        using var stranger = foreign.Issue("1.3.6.1.5.5.7.3.2");
        using var server = trusted.Issue("1.3.6.1.5.5.7.3.1");

        Assert.Equal(200, await OrderAsync(bench, good));
        Assert.Null(await OrderAsync(bench, null));
        Assert.Null(await OrderAsync(bench, stranger));
        Assert.Null(await OrderAsync(bench, server));
        Assert.Equal(2, (await bench.Host.Profiles.ListAsync(ct: Ct)).Count(profile => profile.State == StockState.Available));
    }

    [Fact]
    public async Task A_client_certificate_may_lead_to_the_root_over_an_intermediate_that_the_client_sends()
    {
        using var root = Authority.Create("root");
        using var issuing = root.IssueAuthority("issuing");
        using var folder = new Storage.TempFolder();
        await File.WriteAllTextAsync(folder.File("roots.pem"), root.Certificate.ExportCertificatePem(), Ct);
        await using var bench = await SmdpBench.StartAsync(engine,
            options => options with { Es2PlusUrl = new Uri("https://127.0.0.1:0"), Es2PlusTrust = [folder.File("roots.pem")] });
        using var client = issuing.Issue("1.3.6.1.5.5.7.3.2");

        Assert.Equal(200, await OrderAsync(bench, client, issuing.Certificate));
        Assert.Null(await OrderAsync(bench, client));
    }

    [Fact]
    public async Task The_operator_hears_of_every_step_in_order_and_again_after_he_was_away()
    {
        var received = new ConcurrentQueue<HandleDownloadProgressInfoRequest>();
        var attempts = new SemaphoreSlim(0);
        var isAway = true;
        await using var server = await StartOperatorAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, Ct);
            context.Response.StatusCode = Volatile.Read(ref isAway) ? 503 : 204;
            if (!Volatile.Read(ref isAway))
            {
                received.Enqueue(RspJson.Read(body.ToArray(), Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson).ToRequest());
            }

            attempts.Release();
        });
        await using var bench = await SmdpBench.StartAsync(engine, options => options with { ProgressUrl = new Uri(server.Urls.First()) });
        var euicc = bench.NewEuicc();
        var (iccid, matchingId) = await bench.OrderAsync(confirmationCode: "4711");
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var session = await bench.AuthenticateAsync(euicc, matchingId);
        bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await attempts.WaitAsync(Ct);
        Assert.Empty(received);

        await DownloadTests.FailureOf(bench.GetPackageAsync(session, key, "0000"));
        var delivered = await bench.GetPackageAsync(session, key, "4711");
        var result = euicc.Result(delivered.TransactionId, iccid);
        await bench.Device.NotifyAsync(result);
        await bench.Device.NotifyAsync(result);
        Volatile.Write(ref isAway, false);
        await bench.RestartAsync();
        while (received.Count < 4)
        {
            bench.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(attempts.WaitAsync(Ct), Task.Delay(100, Ct));
        }

        Assert.Equal(
            [NotificationPoint.EligibilityCheck, NotificationPoint.ConfirmationFailure, NotificationPoint.BppDownload, NotificationPoint.BppInstallation],
            received.Select(report => report.NotificationPointId));
        Assert.All(received, report => Assert.Equal((iccid, euicc.Eid), (report.Iccid, report.Eid!.Value)));
        Assert.Equal(["Executed-Success", "Failed", "Executed-Success", "Executed-Success"], received.Select(report => report.NotificationPointStatus.Status));
        Assert.Equal(result.Encoded.ToArray(), received.Last().ResultData!.Value.ToArray());
        Assert.Equal(4, received.Count);
    }

    [Fact]
    public async Task The_TLS_certificate_leads_to_the_CI_and_names_the_host()
    {
        await using var bench = await SmdpBench.StartAsync(engine);
        var certificate = bench.Host.Pki.DpTls!.Certificate;

        Assert.True(new RspTrust([bench.Pki.Ci.Certificate]).VerifyServer(certificate, RspRole.DpTls, TestPki.DefaultDpOid, bench.Clock.GetUtcNow()).IsTrusted);
        Assert.Contains("smdp.example.com", certificate.DnsNames);
        using var refused = new HttpClient(new SocketsHttpHandler());
        await Assert.ThrowsAsync<HttpRequestException>(() => refused.GetAsync(new Uri(bench.Host.Es9PlusUrl, Es9PlusPaths.Asn1), Ct));
    }

    [Fact]
    public async Task A_report_dated_by_a_clock_that_was_wrong_is_neither_held_nor_dropped()
    {
        var attempts = new SemaphoreSlim(0);
        var isAway = true;
        var taken = 0;
        await using var server = await StartOperatorAsync(context =>
        {
            context.Response.StatusCode = Volatile.Read(ref isAway) ? 503 : 204;
            taken += context.Response.StatusCode == 204 ? 1 : 0;
            attempts.Release();
            return Task.CompletedTask;
        });
        await using var bench = await SmdpBench.StartAsync(engine, options => options with { ProgressUrl = new Uri(server.Urls.First()) });
        var (_, matchingId) = await bench.OrderAsync();
        await bench.AuthenticateAsync(bench.NewEuicc(), matchingId);
        await NextAttemptAsync();

        // Written by a clock twenty years behind, and put off by one a year ahead.
        await using var database = bench.Data.Open();
        const string wrong = "UPDATE progress SET created = created - @behind, next_attempt = @ahead";
        var ahead = bench.Clock.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds();
        while (await WaitingAsync() != ahead)
        {
            await database.WriteAsync(session => session.ExecuteAsync(wrong, new { behind = 631_152_000_000, ahead }), Ct);
        }

        await NextAttemptAsync();
        Volatile.Write(ref isAway, false);
        for (var i = 0; await WaitingAsync() is not null; i++)
        {
            Assert.True(i < 1000, "it waits for ever");
            bench.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(attempts.WaitAsync(Ct), Task.Delay(100, Ct));
        }

        Assert.Equal(1, taken);
        ValueTask<long?> WaitingAsync() => database.ReadAsync(session => session.ExecuteScalarAsync<long?>("SELECT max(next_attempt) FROM progress"), Ct);

        async Task NextAttemptAsync()
        {
            for (var i = 0; !await attempts.WaitAsync(TimeSpan.FromMilliseconds(50), Ct); i++)
            {
                Assert.True(i < 1000, "nobody tries any more");
                bench.Clock.Advance(TimeSpan.FromSeconds(10));
            }
        }
    }

    /// <summary>The HTTP status, or null where there was no connection.</summary>
    private static async Task<int?> OrderAsync(SmdpBench bench, X509Certificate2? client, params X509Certificate2[] intermediates)
    {
        var server = bench.Host.Pki.DpTls!.Certificate.Encoded;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => server.Span.SequenceEqual(certificate!.GetRawCertData()) },
        };
        if (client is not null)
        {
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(client, [.. intermediates], offline: true);
        }

        using var http = new HttpClient(handler);
        var request = RspJson.Write(
            DownloadOrderRequestJson.From(new(bench.Header(), null, null, SmdpBench.ProfileType)), Es2PlusJsonContext.Default.DownloadOrderRequestJson);
        using var content = new StringContent(Encoding.UTF8.GetString(request), Encoding.UTF8, "application/json");
        try
        {
            using var response = await http.PostAsync(new Uri(bench.Host.Es2PlusUrl, Es2PlusPaths.DownloadOrder), content, Ct);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<WebApplication> StartOperatorAsync(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync(Ct);
        return app;
    }

    /// <summary>An ordinary certification authority of an operator.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly ECDsa _key;

        private Authority(X509Certificate2 certificate, ECDsa key) => (Certificate, _key) = (certificate, key);

        public X509Certificate2 Certificate { get; }

        public static Authority Create(string name)
        {
            var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            return new Authority(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30)), key);
        }

        /// <summary>An authority below this one.</summary>
        public Authority IssueAuthority(string name)
        {
            var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
            using var certificate = request.Create(Certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), RandomNumberGenerator.GetBytes(8));
            return new Authority(certificate.CopyWithPrivateKey(key), key);
        }

        public X509Certificate2 Issue(string usage)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=operator", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            using var certificate = request.Create(Certificate, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10), RandomNumberGenerator.GetBytes(8));
            return certificate.CopyWithPrivateKey(key);
        }

        public void Dispose()
        {
            Certificate.Dispose();
            _key.Dispose();
        }
    }
}

public sealed class OperatorTestsOnSqlite() : OperatorTests(DbEngine.Sqlite);

public sealed class OperatorTestsOnPostgres() : OperatorTests(DbEngine.Postgres);
