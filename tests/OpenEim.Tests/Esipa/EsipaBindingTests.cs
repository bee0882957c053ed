using System.Net;
using System.Net.Http.Headers;
using OpenEim.Server;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Esipa;

/// <summary>The ASN.1 binding: path, method, media type, header, and what has no session. Rubbish is for <see cref="HostileInputTests"/>.</summary>
public sealed class EsipaBindingTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new();
    private EimHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await EimHost.StartAsync(new ServerOptions
    {
        Data = _folder.Path,
        ApiUrl = new Uri("http://127.0.0.1:0"),
        EsipaUrl = new Uri("http://127.0.0.1:0"),
    });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Poll_of_an_unknown_EID_is_told_so_and_the_protocol_version_is_echoed()
    {
        using var request = Request(Convert.FromHexString("BF4F125A1089049032123451234512345678901235"));
        request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.1.0");

        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("BF4F03020102", Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("application/x-gsma-rsp-asn1", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("gsma/rsp/v2.1.0", Assert.Single(response.Headers.GetValues("X-Admin-Protocol")));
    }

    [Fact]
    public async Task Relayed_functions_without_a_download_get_the_standards_error()
    {
        Assert.Equal("BF3903810134", await AnswerAsync("BF391981108904903212345123451234567890123583016182020102"));
        Assert.Equal("BF4103810101", await AnswerAsync("BF410980020102A103810105"));
        Assert.Equal("BF3B0382010A", await AnswerAsync("BF3B0780020102BF3800"));
        Assert.Equal("BF3A0381015F", await AnswerAsync("BF3A0780020102BF2100"));
    }

    [Fact]
    public async Task Result_that_names_no_EID_belongs_to_the_one_that_its_connection_polled_for_last()
    {
        const string Data = "BF5005BF5202A000";
        Assert.Equal("BF5003020104", await AnswerAsync(Data));
        Assert.Equal("BF4F03020102", await AnswerAsync("BF4F125A1089049032123451234512345678901235"));
        Assert.Equal("BF5003020102", await AnswerAsync(Data)); // nobody has registered it, but it is looked for

        using var other = new HttpClient();
        using var request = Request(Convert.FromHexString(Data));
        using var response = await other.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("BF5003020104", Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Path_method_media_type_and_protocol_are_checked()
    {
        using var get = await _client.GetAsync(new Uri(_host.EsipaUrl, "/gsma/rsp2/asn1"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        using var elsewhere = await _client.PostAsync(new Uri(_host.EsipaUrl, "/gsma/rsp2/other"), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var json = await _client.PostAsync(new Uri(_host.EsipaUrl, "/gsma/rsp2/asn1"), new StringContent("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        using var protocol = Request([0xBF, 0x4F, 0x00]);
        protocol.Headers.Add("X-Admin-Protocol", "other/1");
        using var refused = await _client.SendAsync(protocol, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Theory]
    [InlineData("gsma/rsp/v2.1.0", 200)]
    [InlineData("gsma/rsp/v1.3.0", 200)]
    [InlineData("gsma/rsp/v999.0.999", 200)]
    [InlineData("gsma/rsp/v", 400)]
    [InlineData("gsma/rsp/v2", 200)]
    [InlineData("gsma/rsp/v2.1", 200)]
    [InlineData("gsma/rsp/v2.1.0.1", 200)]
    [InlineData("gsma/rsp/v2.1.x", 200)]
    [InlineData("gsma/rsp/v2.1.0 and more", 400)]
    [InlineData("GSMA/rsp/v2.1.0", 400)]
    public async Task Protocol_version_may_be_any_and_is_printable(string version, int status)
    {
        using var request = Request(Convert.FromHexString("BF4F125A1089049032123451234512345678901235"));
        Assert.True(request.Headers.TryAddWithoutValidation("X-Admin-Protocol", version));
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    private async Task<string> AnswerAsync(string hex)
    {
        using var request = Request(Convert.FromHexString(hex));
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private HttpRequestMessage Request(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(_host.EsipaUrl, "/gsma/rsp2/asn1")) { Content = content };
    }
}
