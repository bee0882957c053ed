using OpenEim.Hosting.Settings;
using OpenEim.Server;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>What links begin with: nothing that a stranger wrote into a header.</summary>
public sealed class LinkTests
{
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:443")]
    [InlineData("192.0.2.66")]
    [InlineData("[2001:db8::66]:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    public async Task A_host_that_is_not_this_machine_does_not_come_back(string host)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);

        var registered = await SendAsync(api, "POST", "/api/v1/euicc", host, $$"""{"eid":"{{ApiHost.EidOf(1)}}"}""");
        Assert.Equal($"{api.Eim.ApiUrl}api/v1/euicc/1", registered.Header("Location"));
        Assert.Equal($"<{api.Eim.ApiUrl}api/v1/euicc/1>; rel=\"item\"", registered.Header("Link"));
        foreach (var path in new[] { "/api/v1/euicc", "/api/v1/euicc/1/operation", "/api/v1/application_token", "/api/v1/profile" })
        {
            var list = await SendAsync(api, "GET", path, host);
            Assert.StartsWith($"<{new Uri(api.Eim.ApiUrl, path)}?page=1", list.Header("Link"), StringComparison.Ordinal);
            Assert.DoesNotContain("evil", string.Join(' ', list.Headers.Values), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("127.0.0.1:9999")]
    [InlineData("[::1]:8080")]
    public async Task The_loopback_by_any_name_and_mapped_port_is_the_callers_own_machine(string host)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);

        Assert.StartsWith($"<http://{host}/api/v1/euicc?page=1", (await SendAsync(api, "GET", "/api/v1/euicc", host)).Header("Link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_public_URL_comes_before_all_headers(bool isProxyTrusted)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with
        {
            PublicUrl = new Uri("https://eim.example.com:8443"),
            TrustedProxies = isProxyTrusted ? ["127.0.0.0/8"] : [],
        });

        var list = await SendAsync(api, "GET", "/api/v1/euicc", "evil.example", null, ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "ftp"));
        Assert.StartsWith("<https://eim.example.com:8443/api/v1/euicc?page=1", list.Header("Link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("javascript", "http")]
    [InlineData("https", "https")]
    public async Task A_trusted_proxy_may_say_http_or_https_and_must_say_the_host_itself(string told, string scheme)
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite, options => options with { TrustedProxies = ["127.0.0.0/8"] });

        var passedOn = await SendAsync(api, "GET", "/api/v1/euicc", "evil.example", null, ("X-Forwarded-Proto", told));
        Assert.StartsWith($"<{scheme}://{api.Eim.ApiUrl.Authority}/api/v1/euicc?page=1", passedOn.Header("Link"), StringComparison.Ordinal);
        var named = await SendAsync(api, "GET", "/api/v1/euicc", "inner", null, ("X-Forwarded-Proto", told), ("X-Forwarded-Host", "eim.example.com"));
        Assert.StartsWith($"<{scheme}://eim.example.com/api/v1/euicc?page=1", named.Header("Link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://eim.example.com/base")]
    [InlineData("ftp://eim.example.com")]
    [InlineData("https://user@eim.example.com")]
    public void A_public_URL_is_scheme_host_and_port(string url) =>
        Assert.Contains("PublicUrl", Assert.Throws<SetupException>(() => new ServerOptions { PublicUrl = new Uri(url) }.Validated()).Message, StringComparison.Ordinal);

    private static Task<ApiAnswer> SendAsync(
        ApiHost api, string method, string path, string host, string? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(api.Eim.ApiUrl, path)) { Content = body is null ? null : new StringContent(body) };
        request.Headers.Host = host;
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return api.SendAsync(request);
    }
}
