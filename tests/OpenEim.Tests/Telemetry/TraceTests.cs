using OpenEim.Storage;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Telemetry;

/// <summary>What is sent over OTLP.</summary>
[Collection(OtlpReceiver.Hosts)]
public abstract class TraceTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_and_metrics_of_a_download_reach_the_collector()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var lab = await DownloadInstallation.StartAsync(new DownloadSetup(Indirect: true)
        {
            Engine = engine,
            Eim = options => options with { OtlpEndpoint = collector.Url },
            Smdp = options => options with { OtlpEndpoint = collector.Url },
        }))
        {
            var order = await lab.OrderAsync();
            await lab.DownloadAsync(order.ActivationCode);
            await lab.PollAsync();
        }

        Assert.Equal(["/v1/metrics", "/v1/traces"], collector.Paths);
        var traces = collector.Received("/v1/traces");
        string[] spans =
        [
            "POST /api/v1/euicc/{id}/operation", "schedule operations", "ESipa GetEimPackage", "deliver package", "ESipa ProvideEimPackageResult",
            "take in result", "verify signature", "ESipa InitiateAuthentication", "ESipa AuthenticateClient", "ESipa GetBoundProfilePackage",
            "ES9+ initiateAuthentication", "ES9+ getBoundProfilePackage", "ES2+ downloadOrder", "database write", "openeim-server", "openeim-smdp",
        ];
        Assert.All(spans, span => Assert.Contains(span, traces, StringComparison.Ordinal));
        var metrics = collector.Received("/v1/metrics");
        string[] names = ["openeim.polls", "openeim.deliveries", "openeim.operations.ended", "openeim.packages.bound", "openeim.storage.write.duration", "http.server.request.duration"];
        Assert.All(names, name => Assert.Contains(name, metrics, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Idle_polls_and_health_are_not_traced()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var eim = await Installation.StartAsync(engine: engine, configure: options => options with { OtlpEndpoint = collector.Url }))
        {
            for (var i = 0; i < 5; i++)
            {
                await eim.Fleet.Devices[0].PollOnceAsync(Ct);
                using var health = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/health/ready"), Ct);
                Assert.True(health.IsSuccessStatusCode);
            }
        }

        // First contact took two packages and two results; the polls after it left no trace.
        var traces = collector.Received("/v1/traces");
        Assert.Equal(2, Count(traces, "ESipa GetEimPackage"));
        Assert.Equal(2, Count(traces, "ESipa ProvideEimPackageResult"));
        Assert.DoesNotContain("health", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("/gsma/rsp2/asn1", traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_traced_at_ratio_0()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (await Installation.StartAsync(engine: engine, configure: options => options with { OtlpEndpoint = collector.Url, TraceRatio = 0 }))
        {
        }

        Assert.Equal(["/v1/metrics"], collector.Paths);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}

public sealed class TraceTestsOnSqlite() : TraceTests(DbEngine.Sqlite);

public sealed class TraceTestsOnPostgres() : TraceTests(DbEngine.Postgres);
