using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>What the API refuses, and how: rates, origins, proxies, sizes, rubbish.</summary>
public sealed class LimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_application_token_has_a_bucket_of_its_own()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { RequestsPerSecond = 1, RequestBurst = 3 });
        var other = await api.NewMemberAsync(1, Role.Observer);

        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await api.GetAsync("/api/v1/euicc"));
        }

        Assert.All(answers.Take(3), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        var refused = answers.First(answer => answer.Status != HttpStatusCode.OK);
        refused.AssertError(429, 1105);
        Assert.Equal("TooManyRequests", refused.Json["error_token"]!.GetValue<string>());
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/euicc", other)).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health/ready", "")).Status);
    }

    [Fact]
    public async Task Preflight_of_a_configured_origin_needs_no_token()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { CorsOrigins = ["https://console.example.com"] });

        var allowed = await api.SendAsync(Preflight(api, "https://console.example.com"), "");
        Assert.Equal(HttpStatusCode.NoContent, allowed.Status);
        Assert.Equal("https://console.example.com", allowed.Header("Access-Control-Allow-Origin"));
        Assert.Contains("DELETE", allowed.Header("Access-Control-Allow-Methods")!, StringComparison.Ordinal);
        Assert.Contains("idempotency-key", allowed.Header("Access-Control-Allow-Headers")!, StringComparison.OrdinalIgnoreCase);
        Assert.Null((await api.SendAsync(Preflight(api, "https://evil.example.com"), "")).Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("/api/v1/euicc", 200)]
    [InlineData("/api/v1/euicc/99", 404)]
    public async Task Configured_origin_may_read_the_headers_of_the_contract_on_errors_too(string path, int status)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { CorsOrigins = ["https://console.example.com"] });
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Eim.ApiUrl, path));
        request.Headers.Add("Origin", "https://console.example.com");

        var answer = await api.SendAsync(request);
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("https://console.example.com", answer.Header("Access-Control-Allow-Origin"));
        Assert.Equal(
            ["X-Total-Count", "X-Total-Pages", "X-Current-Page", "X-Count-Per-Page", "X-Filter", "X-Sort", "Link", "Location", "Retry-After", "X-Request-Id"],
            answer.Header("Access-Control-Expose-Headers")!.Split(','));
    }

    [Theory]
    [InlineData("127.0.0.0/8", "https://eim.example.com/api/v1/euicc?page=1")]
    [InlineData("10.0.0.0/8", null)]
    [InlineData(null, null)]
    public async Task Forwarded_host_and_scheme_are_believed_from_trusted_proxies_alone(string? proxy, string? link)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { TrustedProxies = proxy is null ? [] : [proxy] });
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Eim.ApiUrl, "/api/v1/euicc"));
        request.Headers.Add("X-Forwarded-For", "192.0.2.7");
        request.Headers.Add("X-Forwarded-Host", "eim.example.com");
        request.Headers.Add("X-Forwarded-Proto", "https");

        Assert.StartsWith($"<{link ?? $"{api.Eim.ApiUrl}api/v1/euicc?page=1"}", (await api.SendAsync(request)).Header("Link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DbEngine.Sqlite), InlineData(DbEngine.Postgres)]
    public async Task Lockout_and_address_ranges_see_the_client_behind_the_proxies(DbEngine engine)
    {
        await using var api = await ApiHost.StartAsync(engine, options => options with { TrustedProxies = ["127.0.0.0/8", "10.0.0.0/8"] });
        Assert.True(AddressRange.TryParse("192.0.2.0/24", out var range));
        var bound = (await api.Eim.ApplicationTokens.CreateAsync(1, 1, new NewApplicationToken { Ip = range }, null, Ct)).Token;

        Assert.Equal(HttpStatusCode.OK, (await LoginFromAsync(api, "192.0.2.7", bound)).Status);
        Assert.Equal(HttpStatusCode.OK, (await LoginFromAsync(api, "203.0.113.9, 192.0.2.7, 10.1.1.1", bound)).Status);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("", (await LoginFromAsync(api, "192.0.2.7, 203.0.113.9", bound)).Body);
        }

        (await LoginFromAsync(api, "203.0.113.9", bound)).AssertError(401, 1105);
        Assert.Equal(HttpStatusCode.OK, (await LoginFromAsync(api, "192.0.2.7", bound)).Status);
    }

    [Theory]
    [InlineData(DbEngine.Sqlite), InlineData(DbEngine.Postgres)]
    public async Task A_range_of_addresses_holds_for_every_request_and_not_only_for_the_login(DbEngine engine)
    {
        await using var api = await ApiHost.StartAsync(engine, options => options with { TrustedProxies = ["127.0.0.0/8"] });
        Assert.True(AddressRange.TryParse("192.0.2.0/24", out var range));
        var bound = (await api.Eim.ApplicationTokens.CreateAsync(1, 1, new NewApplicationToken { Ip = range }, null, Ct)).Token;
        var token = (await LoginFromAsync(api, "192.0.2.7", bound)).Json["auth_token"]!.GetValue<string>();

        Assert.Equal(HttpStatusCode.OK, (await SendFromAsync("192.0.2.8", "POST")).Status);
        (await SendFromAsync("203.0.113.9", "POST")).AssertError(403, 1104, "address"); // a kept answer neither
        (await SendFromAsync("203.0.113.9", "GET")).AssertError(403, 1104, "address");
        (await SendFromAsync(null, "GET")).AssertError(403, 1104, "address");
        Assert.Equal(HttpStatusCode.OK, (await SendFromAsync("192.0.2.7", "GET")).Status);

        Task<ApiAnswer> SendFromAsync(string? address, string method)
        {
            var request = new HttpRequestMessage(new HttpMethod(method), new Uri(api.Eim.ApiUrl, "/api/v1/application_token"));
            request.Content = method == "POST" ? new StringContent("{}") : null;
            request.Headers.Add("Idempotency-Key", "k");
            if (address is not null)
            {
                request.Headers.Add("X-Forwarded-For", address);
            }

            return api.SendAsync(request, token);
        }
    }

    [Fact]
    public async Task Rubbish_is_a_400_with_a_reason()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        (byte[] Body, string Reason)[] bodies =
        [
            (""u8.ToArray(), "empty"),
            ("{"u8.ToArray(), "JSON"),
            ("{} {}"u8.ToArray(), "JSON"),
            ("{\"eid\":\"1\",}"u8.ToArray(), "JSON"),
            (Encoding.ASCII.GetBytes(new string('[', 5000)), "JSON"),
            (Encoding.ASCII.GetBytes("{\"eid\":" + new string('[', 17) + new string(']', 17) + "}"), "JSON"),
            ("{\"eid\":\"1\",\"eid\":\"2\"}"u8.ToArray(), "eid"),
            ([.. "{\"eid\":\""u8, 0xFF, .. "\"}"u8], "UTF-8"),
            (Encoding.Unicode.GetBytes("{\"eid\":\"1\"}"), "JSON"),
            ("{\"eid\":\"\\ud800\"}"u8.ToArray(), "surrogate"),
            ("{\"\\udc00\":1}"u8.ToArray(), "surrogate"),
            ("{\"\\udc00\":1,\"\\udc00\":1}"u8.ToArray(), "JSON"),
            ("7"u8.ToArray(), "array"),
            ("null"u8.ToArray(), "array"),
            ("[]"u8.ToArray(), "1 to 10000"),
        ];
        foreach (var (body, reason) in bodies)
        {
            (await SendAsync(api, "/api/v1/euicc", body)).AssertError(400, 1000, reason);
        }

        foreach (var path in new[] { "/api/v1/authenticate", "/api/v1/application_token", "/api/v1/euicc/unlinked_validation", "/api/v1/euicc/1/operation" })
        {
            (await SendAsync(api, path, "{\"a\":\"\\ud800\"}"u8.ToArray())).AssertError(400, 1000, "surrogate");
            Assert.Equal(400, (int)(await SendAsync(api, path, "[1,\"x\",null,{}]"u8.ToArray())).Status);
            Assert.Equal(400, (int)(await SendAsync(api, path, "7"u8.ToArray())).Status);
        }
    }

    [Theory]
    [InlineData("""[5]""", "[0] must be an object")]
    [InlineData("""[{"action":5}]""", "[0].action")]
    [InlineData("""[{"action":{"id":"1"}}]""", "[0].action")]
    [InlineData("""[{"action":{"id":1.5}}]""", "[0].action")]
    [InlineData("""[{"action":{"id":99999999999999999999}}]""", "[0].action")]
    [InlineData("""[{"action":{"id":1},"validity_period":"60"}]""", "[0].validity_period")]
    [InlineData("""[{"action":{"id":1},"validity_period":1e400}]""", "[0].validity_period")]
    [InlineData("""[{"action":{"id":3},"iccid_with_luhn":8988000000000000011}]""", "[0].iccid_with_luhn")]
    [InlineData("""[{"action":{"id":3},"iccid_with_luhn":"8988000000000000011","rollback":"yes"}]""", "[0].rollback")]
    public async Task Wrong_types_are_named_by_index_and_field(string body, string where)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        await api.RegisterAsync(1);

        var answer = await api.PostAsync("/api/v1/euicc/1/operation", body);
        answer.AssertError(400, 1400, where);
        Assert.Contains(where, answer.Json["errors"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Byte_order_mark_and_any_content_type_are_taken_and_compression_is_not()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.ASCII.GetBytes($$$"""{"eid":"{{{ApiHost.EidOf(1)}}}","unknown":{}}""")];

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(api, "/api/v1/euicc", body)).Status);
        (await SendAsync(api, "/api/v1/euicc", body, "gzip")).AssertError(415, 1000, "compressed");
    }

    [Fact]
    public async Task Body_over_4_MiB_is_a_413_with_a_body()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Eim.ApiUrl.Port, Ct);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /api/v1/authenticate HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4194305\r\n\r\n"u8.ToArray(), Ct);
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync(Ct);
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("\"status_code\":413", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404, 1201)]
    [InlineData("GET", "/api/v1/no.such.file", 404, 1201)]
    [InlineData("GET", "/", 404, 1201)]
    [InlineData("GET", "/api/v1/euicc/-1", 404, 1201)]
    [InlineData("GET", "/api/v1/euicc/99999999999999999999", 404, 1201)]
    [InlineData("GET", "/api/v1/euicc/1/operation/1", 404, 1201)]
    [InlineData("DELETE", "/api/v1/euicc/1/operation/00000000-0000-0000-0000-000000000000", 404, 1201)]
    [InlineData("PUT", "/api/v1/euicc", 405, 1000)]
    [InlineData("DELETE", "/api/v1/authenticate", 405, 1000)]
    public async Task No_refusal_has_an_empty_body(string method, string path, int status, int code)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        await api.RegisterAsync(1);

        (await api.SendAsync(method, path)).AssertError(status, code);
    }

    [Fact]
    public async Task Not_ready_while_stopping_and_when_the_database_fails()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { ShutdownDelay = TimeSpan.FromMinutes(1) });
        Assert.Equal((HttpStatusCode.OK, "live"), await HealthAsync(api, "live"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}"""), await HealthAsync(api, "ready"));

        await api.Eim.Database.WriteAsync(session => session.ExecuteAsync("ALTER TABLE secret RENAME TO lost"), Ct);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"unavailable","reason":"the database cannot be read"}"""), await HealthAsync(api, "ready"));
        await api.Eim.Database.WriteAsync(session => session.ExecuteAsync("ALTER TABLE lost RENAME TO secret"), Ct);
        Assert.Equal((HttpStatusCode.OK, """{"status":"ready"}"""), await HealthAsync(api, "ready"));

        var stopping = api.Eim.StopAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"unavailable","reason":"the server is stopping"}"""), await HealthAsync(api, "ready"));
        Assert.Equal((HttpStatusCode.OK, "live"), await HealthAsync(api, "live"));

        // Whoever still asks is answered, and told to come back on another connection.
        var answer = await api.GetAsync("/api/v1/euicc");
        Assert.Equal((HttpStatusCode.OK, "close"), (answer.Status, answer.Header("Connection")));
        Assert.False(stopping.IsCompleted);

        api.Clock.Advance(TimeSpan.FromMinutes(1));
        await stopping;
        await Assert.ThrowsAsync<HttpRequestException>(() => HealthAsync(api, "live"));
    }

    [Theory]
    [InlineData(DbEngine.Sqlite), InlineData(DbEngine.Postgres)]
    public async Task Internal_error_names_a_correlation_id_and_nothing_of_the_internals(DbEngine engine)
    {
        await using var api = await ApiHost.StartAsync(engine);
        await api.Eim.Database.WriteAsync(session => session.ExecuteAsync("ALTER TABLE euicc RENAME TO lost"), Ct);

        var answer = await api.GetAsync("/api/v1/euicc/1");
        answer.AssertError(500, 1999, "correlation id");
        Assert.DoesNotContain("euicc", answer.Body, StringComparison.OrdinalIgnoreCase); // which both engines name
    }

    private static async Task<(HttpStatusCode Status, string Body)> HealthAsync(ApiHost api, string which)
    {
        var answer = await api.GetAsync($"/health/{which}", "");
        return (answer.Status, answer.Body);
    }

    private static HttpRequestMessage Preflight(ApiHost api, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, new Uri(api.Eim.ApiUrl, "/api/v1/euicc/1"));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "DELETE");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,idempotency-key");
        return request;
    }

    private static Task<ApiAnswer> LoginFromAsync(ApiHost api, string forwardedFor, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Eim.ApiUrl, "/api/v1/authenticate"))
        {
            Content = new StringContent($$"""{"application_token":"{{token}}"}"""),
        };
        request.Headers.Add("X-Forwarded-For", forwardedFor);
        return api.SendAsync(request, "");
    }

    private static Task<ApiAnswer> SendAsync(ApiHost api, string path, byte[] body, string? encoding = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.Eim.ApiUrl, path)) { Content = new ByteArrayContent(body) };
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        return api.SendAsync(request);
    }
}
