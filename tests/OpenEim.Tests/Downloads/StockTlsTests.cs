using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Storage;
using OpenEim.Tests.Api;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>ES2+ in both directions over mutual TLS.</summary>
public sealed class StockTlsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly TestPki _foreign = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private PkiDirectory _pki = null!;
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _pki = PkiFolder.Open(_folder.Path, null, new PkiOptions { Parts = PkiParts.Ci, Now = DateTimeOffset.UtcNow });
        _smdp = await FakeSmdp.StartAsync(_foreign, Server("127.0.0.1"), wantsClientCertificate: true);
        _smdp.Iccid = Iccid.Parse("8949000000000000009");
        _api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with
        {
            Pki = _folder.Path,
            Es2PlusUrl = _smdp.Url,
            Es2CallbackUrl = new Uri("https://127.0.0.1:0"),
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _smdp.DisposeAsync();
        _pki.Dispose();
        _foreign.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Orders_show_the_eIMs_TLS_certificate_which_is_one_for_clients()
    {
        var order = await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""");

        Assert.Equal(HttpStatusCode.Created, order.Status);
        var shown = RspCertificate.Parse(_smdp.ClientCertificates.First());
        Assert.Equal(_api.Eim.Pki.EimTls!.Certificate.Encoded.ToArray(), shown.Encoded.ToArray());
        Assert.Contains("1.3.6.1.5.5.7.3.2", shown.ExtendedKeyUsages);
    }

    [Fact]
    public async Task Progress_is_taken_from_the_SMDP_that_the_profile_was_ordered_from_only()
    {
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""");

        await Assert.ThrowsAsync<HttpRequestException>(() => TellAsync(null));
        await Assert.ThrowsAsync<HttpRequestException>(() => TellAsync(_foreign.IssueDpTls(["127.0.0.1"])));
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync(Server("smdp.example.com")));
        Assert.Equal("Released", await StatusAsync());
        Assert.Equal(HttpStatusCode.NoContent, await TellAsync(Server("127.0.0.1")));
        Assert.Equal("Downloaded", await StatusAsync());
    }

    private RspIdentity Server(string host) => CertificateWriter.IssueWithNewKey(
        RspProfiles.DpTls([host], TestPki.DefaultDpOid, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddYears(1)), EcCurve.P256, _pki.Ci);

    private async Task<HttpStatusCode> TellAsync(RspIdentity? client)
    {
        var info = new HandleDownloadProgressInfoRequest(
            new FunctionRequestHeader("smdp", "1"), _smdp.Iccid, "iot", DateTimeOffset.UnixEpoch, NotificationPoint.BppDownload,
            new FunctionExecutionStatus(FunctionExecutionStatus.ExecutedSuccess));
        var body = RspJson.Write(HandleDownloadProgressInfoRequestJson.From(info), Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson);
        using var content = new StringContent(Encoding.UTF8.GetString(body), Encoding.UTF8, "application/json");
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) =>
            server!.GetRawCertData().AsSpan().SequenceEqual(_api.Eim.Pki.EimTls!.Certificate.Encoded.Span);
        if (client is not null)
        {
            var certificate = X509Certificate2.CreateFromPem(client.Certificate.ToPem(), client.Key.ToPem());
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        using var http = new HttpClient(handler);
        using var response = await http.PostAsync(
            new Uri(_api.Eim.Es2CallbackUrl!, Es2PlusPaths.HandleDownloadProgressInfo), content, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task<string> StatusAsync() =>
        (await _api.GetAsync("/api/v1/profile/8949000000000000009")).Json["status"]!["description"]!.GetValue<string>();
}
