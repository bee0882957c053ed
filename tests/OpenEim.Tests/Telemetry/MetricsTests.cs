using System.Data.Common;
using System.Net.Http.Headers;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Server;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Telemetry;

/// <summary>What Prometheus reads of real hosts after real work: exact counts.</summary>
public abstract class MetricsTests(DbEngine engine)
{
    private const int Enable = 3;
    private const int Delete = 5;

    private static readonly byte[] StrangersPoll = Convert.FromHexString("BF4F125A1089049032123451234512345678901235");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Polls_deliveries_and_results_are_counted_exactly()
    {
        await using var eim = await StartAsync();
        var device = eim.Fleet.Devices[0];
        using var esipa = Esipa(eim);

        // First contact, made by the installation: the identity, the profiles, then nothing more.
        var before = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 3, "openeim_polls_total");
        Assert.Equal((2, 1), (before.Sum("openeim_polls_total", ("answer", "package")), before.Sum("openeim_polls_total", ("answer", "idle"))));
        Assert.Equal(1, before.Sum("openeim_deliveries_total", ("kind", "data_request"), ("repeated", "false")));
        Assert.Equal(1, before.Sum("openeim_deliveries_total", ("kind", "euicc_package"), ("repeated", "false")));
        Assert.Equal(0, before.Sum("openeim_operations_ended_total"));

        await eim.ScheduleAsync(Enable, Installation.Iccid(2));
        await eim.ScheduleAsync(Delete, Installation.Iccid(3));
        await device.PollOnceAsync(Ct);
        device.Network.Settings = new NetworkSettings(DeadProfiles: [Installation.Iccid(1).ToString()]);
        await eim.ScheduleAsync(Enable, Installation.Iccid(1), rollback: true);
        await device.PollOnceAsync(Ct);
        var canceled = await eim.ScheduleAsync(Enable, Installation.Iccid(1));
        using var cancel = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, $"/api/v1/euicc/1/operation/{canceled}"), Ct);
        Assert.True(cancel.IsSuccessStatusCode);
        var expired = await eim.ScheduleAsync(Delete, Installation.Iccid(1), validity: 60);
        eim.Clock.Advance(TimeSpan.FromSeconds(61));
        await eim.UntilAsync(expired, "Expired");
        await SendAsync(esipa, eim, StrangersPoll);

        var after = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 1, "openeim_polls_total", ("answer", "unknown"));
        Assert.Equal(3, after.Sum("openeim_operations_scheduled_total", ("action", "enable")));
        Assert.Equal(2, after.Sum("openeim_operations_scheduled_total", ("action", "delete")));
        Assert.Equal(5, after.Sum("openeim_operations_ended_total"));
        Assert.Equal(1, after.Sum("openeim_operations_ended_total", ("action", "enable"), ("status", "succeeded")));
        Assert.Equal(1, after.Sum("openeim_operations_ended_total", ("action", "delete"), ("status", "succeeded")));
        Assert.Equal(1, after.Sum("openeim_operations_ended_total", ("action", "enable"), ("status", "failed")));
        Assert.Equal(1, after.Sum("openeim_operations_ended_total", ("action", "enable"), ("status", "canceled")));
        Assert.Equal(1, after.Sum("openeim_operations_ended_total", ("action", "delete"), ("status", "expired")));
        Assert.Equal(4, after.Sum("openeim_deliveries_total", ("kind", "euicc_package"), ("repeated", "false")));
        Assert.Equal((5, 3), (after.Sum("openeim_polls_total", ("answer", "package")), after.Sum("openeim_polls_total", ("answer", "idle"))));
        Assert.Equal(5, after.Sum("openeim_operation_duration_seconds_count"));
        Assert.Equal(3, after.Sum("openeim_operation_answer_duration_seconds_count"));
        Assert.InRange(after.Sum("openeim_operation_duration_seconds_sum", ("status", "expired")), 60, 600);
        Assert.Equal(0, after.Sum("openeim_verification_failures_total"));
    }

    [Fact]
    public async Task Forged_result_is_a_verification_failure_and_nothing_else()
    {
        await using var eim = await StartAsync();
        var device = eim.Fleet.Devices[0];
        using var esipa = Esipa(eim);
        var operation = await eim.ScheduleAsync(Enable, Installation.Iccid(2));
        var package = BerMessage.Decode<GetEimPackageResponse>(await SendAsync(esipa, eim, new GetEimPackageRequest(device.Eid).Encode())).Package!.Value;

        await SendAsync(esipa, eim, Forged(device.Eid, BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned()));

        var forged = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 1, "openeim_verification_failures_total", ("subject", "result"), ("reason", "signature"));
        Assert.Equal(1, forged.Sum("openeim_verification_failures_total"));
        Assert.Equal(0, forged.Sum("openeim_operations_ended_total"));
        Assert.Equal("Scheduled", await eim.StatusAsync(operation));

        // Held back for a minute; then the real eUICC gets the same package.
        eim.Clock.Advance(TimeSpan.FromSeconds(61));
        await device.PollOnceAsync(Ct);
        Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        var after = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 1, "openeim_operations_ended_total", ("status", "succeeded"));
        Assert.Equal(1, after.Sum("openeim_deliveries_total", ("kind", "euicc_package"), ("repeated", "true")));
        Assert.Equal(1, after.Sum("openeim_verification_failures_total"));
    }

    [Fact]
    public async Task Backlog_is_measured_in_the_background()
    {
        await using var eim = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await eim.ScheduleAsync(Enable, Installation.Iccid(2));
        }

        Assert.DoesNotContain("openeim_operations_pending", (await Scrape.ReadAsync(eim.Client, eim.Host.MetricsUrl!)).Names);

        eim.Clock.Advance(TimeSpan.FromSeconds(15));

        await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 3, "openeim_operations_pending");
    }

    [Fact]
    public async Task Two_hosts_in_one_process_count_each_its_own()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await first.ScheduleAsync(Enable, Installation.Iccid(2));
        await first.Fleet.Devices[0].PollOnceAsync(Ct);

        var one = await Scrape.UntilAsync(first.Client, first.Host.MetricsUrl!, 1, "openeim_operations_ended_total");
        var two = await Scrape.UntilAsync(second.Client, second.Host.MetricsUrl!, 3, "openeim_polls_total");
        Assert.Equal(5, one.Sum("openeim_polls_total"));
        Assert.Equal(0, two.Sum("openeim_operations_scheduled_total"));
        Assert.Equal(one.Sum("openeim_polls_total") * 2 - 2, one.Sum("http_server_request_duration_seconds_count", ("openeim_interface", "esipa")));
        Assert.True(one.Sum("openeim_storage_writes_total") > two.Sum("openeim_storage_writes_total"));
    }

    [Fact]
    public async Task Database_is_counted_and_timed_and_only_what_it_failed_itself_is_a_failure()
    {
        await using var eim = await StartAsync();
        var before = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 3, "openeim_polls_total");

        await eim.Host.Database.WriteAsync(session => session.ExecuteAsync("UPDATE sequence SET last = last"), Ct);
        await Assert.ThrowsAsync<TimeoutException>(() => eim.Host.Database.WriteAsync<int>(_ => throw new TimeoutException(), Ct));
        await Assert.ThrowsAnyAsync<DbException>(() => eim.Host.Database.WriteAsync(session => session.ExecuteAsync("UPDATE nothing SET last = 1"), Ct));
        await Assert.ThrowsAnyAsync<DbException>(async () => await eim.Host.Database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT nothing"), Ct));
        await eim.Fleet.Devices[0].PollOnceAsync(Ct);

        var after = await Scrape.UntilAsync(eim.Client, eim.Host.MetricsUrl!, 1, "openeim_storage_failures_total", ("operation", "read"));
        double Added(string name, params (string, string)[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
        Assert.Equal(1, Added("openeim_storage_writes_total"));
        Assert.Equal(1, Added("openeim_storage_commits_total"));
        Assert.Equal(1, Added("openeim_storage_write_duration_seconds_count", ("outcome", "committed")));
        Assert.Equal(2, Added("openeim_storage_write_duration_seconds_count", ("outcome", "undone")));
        Assert.Equal(1, Added("openeim_storage_failures_total", ("operation", "write")));
        Assert.Equal(1, Added("openeim_storage_reads_total", ("kind", "query")));
        Assert.Equal(1, Added("openeim_storage_read_duration_seconds_count"));
        Assert.Equal(1, Added("openeim_storage_reads_total", ("kind", "row")));
        Assert.Equal(after.Sum("openeim_storage_writes_total"), after.Sum("openeim_storage_write_duration_seconds_count", ("outcome", "committed")));
        Assert.InRange(after.Sum("openeim_storage_write_duration_seconds_sum"), 0.0001, 60);
    }

    [Fact]
    public async Task Download_is_counted_on_both_sides()
    {
        var setup = new DownloadSetup(Indirect: true) { Engine = engine, Eim = WithMetrics, Smdp = options => options with { MetricsUrl = new Uri("http://127.0.0.1:0") } };
        await using var lab = await DownloadInstallation.StartAsync(setup);
        var order = await lab.OrderAsync();
        await lab.DownloadAsync(order.ActivationCode);
        await lab.PollAsync();

        var eim = await Scrape.UntilAsync(lab.Client, lab.Eim.MetricsUrl!, 1, "openeim_operations_ended_total", ("action", "download"), ("status", "succeeded"));
        var smdp = await Scrape.UntilAsync(lab.Client, lab.Smdp.MetricsUrl!, 1, "openeim_packages_bound_total", ("kind", "new"));
        foreach (var function in new[] { "initiateAuthentication", "authenticateClient", "getBoundProfilePackage" })
        {
            Assert.Equal(1, eim.Sum("openeim_smdp_request_duration_seconds_count", ("function", "ES9+ " + function), ("outcome", "executed")));
            Assert.Equal(1, smdp.Sum("openeim_es9plus_function_duration_seconds_count", ("function", function), ("outcome", "executed")));
        }

        Assert.Equal(1, eim.Sum("openeim_deliveries_total", ("kind", "download_trigger")));
        Assert.Equal(1, smdp.Sum("openeim_es2plus_function_duration_seconds_count", ("function", "downloadOrder"), ("outcome", "executed")));
        Assert.Equal(1, smdp.Sum("openeim_packages_bound_total"));

        // What the SM-DP+ refuses is counted with its code.
        await lab.UntilStockAsync(order.Iccid, StockState.Installed);
        var again = await lab.DownloadAsync(order.ActivationCode);
        await lab.PollAsync();
        Assert.Equal("Failed 7012 8.2.6/3.8", await lab.StatusAsync(again));
        await Scrape.UntilAsync(lab.Client, lab.Eim.MetricsUrl!, 1, "openeim_smdp_request_duration_seconds_count", ("outcome", "refused"));
        await Scrape.UntilAsync(
            lab.Client, lab.Smdp.MetricsUrl!, 1, "openeim_es9plus_function_duration_seconds_count", ("function", "authenticateClient"), ("code", "8.2.6/3.8"));
    }

    private Task<Installation> StartAsync() => Installation.StartAsync(engine: engine, configure: WithMetrics);

    private static ServerOptions WithMetrics(ServerOptions options) => options with { MetricsUrl = new Uri("http://127.0.0.1:0") };

    private static HttpClient Esipa(Installation eim) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => eim.Host.Pki.EimTls!.Certificate.Encoded.Span.SequenceEqual(certificate!.GetRawCertData()) },
    });

    private static async Task<byte[]> SendAsync(HttpClient client, Installation eim, byte[] message)
    {
        using var content = new ByteArrayContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        using var response = await client.PostAsync(new Uri(eim.Host.EsipaUrl, "/gsma/rsp2/asn1"), content, Ct);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(Ct);
    }

    /// <summary>Success, signed by somebody else.</summary>
    private static byte[] Forged(Eid eid, EuiccPackageSigned package)
    {
        using var key = EcPrivateKey.Generate(EcCurve.P256);
        var data = EuiccPackageResultSigned.EncodeData(
            package.EimId, package.CounterValue, package.TransactionId, 1, [new CommandResult(EuiccCommand.Enable, 0)]);
        var result = EuiccPackageResultSigned.Encode(data, key.Sign(PackageSignature.Input(data, null)));
        return new ProvideEimPackageResult(eid, new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(result))).Encode();
    }
}

public sealed class MetricsTestsOnSqlite() : MetricsTests(DbEngine.Sqlite);

public sealed class MetricsTestsOnPostgres() : MetricsTests(DbEngine.Postgres);
