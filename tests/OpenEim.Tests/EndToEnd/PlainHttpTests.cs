using OpenEim.Hosting.Settings;
using OpenEim.Server;
using OpenEim.Smdp;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Plain HTTP beyond the loopback is refused for every listener, unless a proxy ends TLS before it.</summary>
public sealed class PlainHttpTests
{
    private static readonly Uri Plain = new("http://0.0.0.0:8080");
    private static readonly Uri Loopback = new("http://127.0.0.1:8080");
    private static readonly ServerOptions Eim = new() { EsipaHosts = ["eim.example.com"] };
    private static readonly SmdpOptions Smdp = new() { Hosts = ["smdp.example.com"] };

    public static TheoryData<string, Func<Uri, bool, object>> Listeners() => new()
    {
        { "ApiUrl", (url, proxy) => (Eim with { ApiUrl = url, PlainHttpBehindProxy = proxy }).Validated() },
        { "EsipaUrl", (url, proxy) => (Eim with { EsipaUrl = url, PlainHttpBehindProxy = proxy }).Validated() },
        { "MetricsUrl", (url, proxy) => (Eim with { MetricsUrl = url, PlainHttpBehindProxy = proxy }).Validated() },
        { "Es9PlusUrl", (url, proxy) => (Smdp with { Es9PlusUrl = url, PlainHttpBehindProxy = proxy }).Validated() },
        { "MetricsUrl", (url, proxy) => (Smdp with { MetricsUrl = url, PlainHttpBehindProxy = proxy }).Validated() },
    };

    [Theory]
    [MemberData(nameof(Listeners), DisableDiscoveryEnumeration = true)]
    public void Beyond_the_loopback_it_needs_a_proxy(string name, Func<Uri, bool, object> validate)
    {
        Assert.Equal(
            $"{name} is plain http, which is allowed on the loopback only; use https, or say that a proxy ends TLS before it (PlainHttpBehindProxy).",
            Assert.Throws<SetupException>(() => validate(Plain, false)).Message);
        validate(Plain, true);
        validate(Loopback, false);
        validate(new Uri("https://0.0.0.0:8080"), false);
    }

    [Fact]
    public void Listeners_with_mutual_TLS_never_take_it()
    {
        Assert.Contains("loopback only", Refusal(() => (Eim with { Es2CallbackUrl = Plain, PlainHttpBehindProxy = true }).Validated()), StringComparison.Ordinal);
        Assert.Contains("loopback only", Refusal(() => (Smdp with { Es2PlusUrl = Plain, PlainHttpBehindProxy = true }).Validated()), StringComparison.Ordinal);
    }

    private static string Refusal(Func<object> validate) => Assert.Throws<SetupException>(validate).Message;
}
