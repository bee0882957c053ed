using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Sgp32.Json;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Esipa;

/// <summary>The JSON binding as an IPA meets it: paths, media type, headers, status codes, and rubbish (SGP.32 6.1.2, 6.4).</summary>
public sealed class JsonBindingTests : IAsyncLifetime
{
    private const string Known = "89049032000000000000000000000001";
    private const string Unknown = "89049032000000000000000000000099";

    // The loopback only: what is under test is not TLS.
    private readonly HttpClient _client = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });

    private Installation _eim = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _eim = await Installation.StartAsync(configure: options => options with { EsipaDeviceRate = 0, EsipaAddressRate = 0 });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _eim.DisposeAsync();
    }

    [Theory]
    [InlineData($$"""{"eidValue":"{{Known}}"}""", "8.1.1", "3.7", 1)]
    [InlineData($$"""{"eidValue":"{{Unknown}}"}""", "8.1.1", "3.9", 2)]
    [InlineData("""{"eidValue":"890490320000000000000000000000"}""", "8.1.1", "2.1", 3)]
    [InlineData("""{}""", "8.1.1", "2.2", 4)]
    public async Task Poll_without_a_package_has_its_code_in_the_header_and_its_number_beside(string body, string subject, string reason, int number)
    {
        var (status, answer) = await SendAsync("getEimPackage", body);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Failure(subject, reason, number), answer);
    }

    [Fact]
    public async Task Media_type_is_told_with_its_charset_and_the_protocol_version_is_echoed()
    {
        using var request = Request("getEimPackage", $$"""{"eidValue":"{{Known}}"}""", "application/json;charset=UTF-8");
        request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.1.0");

        using var response = await _client.SendAsync(request, Ct);

        Assert.Equal("application/json;charset=UTF-8", response.Content.Headers.ContentType!.ToString().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal("gsma/rsp/v2.1.0", Assert.Single(response.Headers.GetValues("X-Admin-Protocol")));
    }

    [Fact]
    public async Task Package_is_delivered_executed_and_acknowledged()
    {
        var operation = await _eim.ScheduleAsync(3, Installation.Iccid(2));

        var (_, delivered) = await SendAsync("getEimPackage", $$"""{"eidValue":"{{Known}}"}""");
        var package = JsonNode.Parse(delivered)!.AsObject();
        Assert.Equal(["header", "euiccPackageRequest"], package.Select(field => field.Key));
        Assert.Equal(0x51, Convert.FromBase64String(package["euiccPackageRequest"]!.GetValue<string>())[1]);
        Assert.Equal("Executed-Success", package["header"]!["functionExecutionStatus"]!["status"]!.GetValue<string>());

        // The card's own IPA takes it over the other binding: it is the same package, and the same answer.
        await _eim.Fleet.Devices[0].PollOnceAsync(Ct);
        Assert.Equal("Succeeded", await _eim.StatusAsync(operation));
        Assert.Equal(Failure("8.1.1", "3.7", 1), (await SendAsync("getEimPackage", $$"""{"eidValue":"{{Known}}"}""")).Answer);
    }

    [Theory]
    [InlineData("initiateAuthentication", """{"euiccChallenge":"AAECAwQFBgcICQoLDA0ODw==","smdpAddress":"smdp.example.com","euiccInfo1":"vyAJggMCBQqpAKoA","eimTransactionId":"AB0203"}""", "8.10.1", "3.9")]
    [InlineData("authenticateClient", """{"transactionId":"AB0203","authenticateServerResponse":"vzgDgAEB"}""", "8.10.1", "3.9")]
    [InlineData("getBoundProfilePackage", """{"transactionId":"AB0203","prepareDownloadResponse":"vyEDgAEB"}""", "8.10.1", "3.9")]
    [InlineData("cancelSession", """{"transactionId":"AB0203","cancelSessionResponse":"v0EDgQEF"}""", "8.10.1", "3.9")]
    [InlineData("provideEimPackageResult", $$"""{"eidValue":"{{Unknown}}","eimPackageResult":"oAMCAQE="}""", "8.1.1", "3.9", 2)]
    [InlineData("provideEimPackageResult", """{"eidValue":"x","eimPackageResult":"oAMCAQE="}""", "8.1.1", "2.1", 3)]
    [InlineData("provideEimPackageResult", """{"eimPackageResult":"oAMCAQE="}""", "8.1.1", "2.2", 4)]
    public async Task Function_that_fails_says_why_in_its_header(string function, string body, string subject, string reason, int? number = null)
    {
        var (status, answer) = await SendAsync(function, body);

        Assert.Equal((HttpStatusCode.OK, Failure(subject, reason, number)), (status, answer));
    }

    [Fact]
    public async Task Notification_has_204_and_no_body_or_a_status_that_lets_the_card_keep_it()
    {
        var samples = EsipaSamples.All.Where(sample => sample.Name.StartsWith("BF3D", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, samples.Count);
        foreach (var (name, message) in samples)
        {
            var request = EsipaRequest.Decode(message);
            var (status, _) = await SendAsync("handleNotification", Encoding.UTF8.GetString(EsipaJson.WriteRequest(request)));
            Assert.Equal((name, name == "BF3D A0 BF37" ? HttpStatusCode.NoContent : HttpStatusCode.BadRequest), (name, status));
        }
    }

    [Fact]
    public async Task Path_method_and_media_type_are_checked()
    {
        using var get = await _client.GetAsync(Url("getEimPackage"), Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("transferEimPackage", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("GetEimPackage", "{}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("", "{}")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync("getEimPackage", "{}", "application/x-gsma-rsp-asn1")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync("getEimPackage", "{}", "text/json")).Status);
    }

    [Fact]
    public async Task Every_sample_cut_or_turned_into_another_type_is_400_or_an_answer_and_the_device_goes_on()
    {
        foreach (var (name, message) in EsipaSamples.All.Where(sample => !sample.Name.StartsWith("BF4E", StringComparison.Ordinal)))
        {
            var request = EsipaRequest.Decode(message);
            var function = EsipaJson.PathOf(request)[EsipaJson.PathPrefix.Length..];
            var body = Encoding.UTF8.GetString(EsipaJson.WriteRequest(request));
            for (var length = 0; length < body.Length; length += 7)
            {
                Assert.Equal((name, HttpStatusCode.BadRequest), (name, (await SendAsync(function, body[..length])).Status));
            }

            foreach (var field in JsonNode.Parse(body)!.AsObject().Select(field => field.Key))
            {
                foreach (var other in new[] { "[]", "{}", "-1", "1e400", "\"\\u0000\"", "\"====\"", "\"" + new string('A', 4096) + "\"", "true" })
                {
                    var odd = JsonNode.Parse(body)!.AsObject();
                    odd[field] = JsonNode.Parse(other);
                    Assert.InRange((int)(await SendAsync(function, odd.ToJsonString())).Status, 200, 499);
                }
            }
        }

        var operation = await _eim.ScheduleAsync(3, Installation.Iccid(2));
        await _eim.Fleet.Devices[0].PollOnceAsync(Ct);
        Assert.Equal("Succeeded", await _eim.StatusAsync(operation));
    }

    private static string Failure(string subject, string reason, int? number) =>
        """{"header":{"functionExecutionStatus":{"status":"Executed-Failed","statusCodeData":{"subjectCode":" """.TrimEnd()
        + subject + "\",\"reasonCode\":\"" + reason + "\"}}}" + (number is { } code ? $",\"eimPackageError\":{code}" : "") + "}";

    private async Task<(HttpStatusCode Status, string Answer)> SendAsync(string function, string body, string mediaType = "application/json")
    {
        using var request = Request(function, body, mediaType);
        using var response = await _client.SendAsync(request, Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }

    private HttpRequestMessage Request(string function, string body, string mediaType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        return new HttpRequestMessage(HttpMethod.Post, Url(function)) { Content = content };
    }

    private Uri Url(string function) => new(_eim.Host.EsipaUrl, "/gsma/rsp2/esipa/" + function);
}
