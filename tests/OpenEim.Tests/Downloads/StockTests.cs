using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenEim.Manager.Organisations;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Storage;
using OpenEim.Tests.Api;
using StatusCodes = OpenEim.Protocol.Sgp22.StatusCodes;

namespace OpenEim.Tests.Downloads;

/// <summary>Profiles ordered over ES2+, through the REST API.</summary>
public abstract class StockTests(DbEngine engine) : IAsyncLifetime
{
    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _smdp = await FakeSmdp.StartAsync(_pki);
        _smdp.Iccid = Iccid.Parse("8949000000000000009");
        _api = await ApiHost.StartAsync(engine, options => options with { Es2PlusUrl = _smdp.Url, Es2CallbackUrl = new Uri("http://127.0.0.1:0"), SmdpPlainHttp = true });
        await _api.PostAsync("/api/v1/euicc", """{"eid":"89049032000000000000000000000001"}""");
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _smdp.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task Order_for_an_eUICC_gives_the_activation_code_and_shows_in_its_profiles()
    {
        var order = await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot","euicc":{"id":1}}""");

        Assert.Equal(HttpStatusCode.Created, order.Status);
        Assert.Equal($"1${_smdp.Address}${FakeSmdp.MatchingId}", order.Json["activation_code"]!.GetValue<string>());
        Assert.Equal(5, order.Json["status"]!["id"]!.GetValue<int>());
        Assert.Equal("89049032000000000000000000000001", order.Json["euicc"]!["eid"]!.GetValue<string>());
        var euicc = await _api.GetAsync("/api/v1/euicc/1");
        var profile = Assert.Single(euicc.Json["profile"]!.AsArray())!;
        Assert.Equal(("8949000000000000009", 5), (profile["iccid_with_luhn"]!.GetValue<string>(), profile["status"]!["id"]!.GetValue<int>()));
        var sent = RspJson.Read(_smdp.Calls.First().Body, Es2PlusJsonContext.Default.DownloadOrderRequestJson).ToRequest();
        Assert.Equal(("openeim", "iot", "89049032000000000000000000000001"), (sent.Header.FunctionRequesterIdentifier, sent.ProfileType, sent.Eid.ToString()));
    }

    [Fact]
    public async Task Order_for_nobody_is_linked_later_and_cancelled()
    {
        var order = await _api.PostAsync("/api/v1/profile", """{"iccid_with_luhn":"8949000000000000009","confirm":false}""");
        Assert.Equal((2, null), (order.Json["status"]!["id"]!.GetValue<int>(), order.Json["activation_code"]));

        var linked = await _api.SendAsync("PATCH", "/api/v1/profile/8949000000000000009", """{"eid":"89049032000000000000000000000001"}""");
        Assert.Equal(HttpStatusCode.OK, linked.Status);
        Assert.Equal(5, linked.Json["status"]!["id"]!.GetValue<int>());

        var cancelled = await _api.SendAsync("DELETE", "/api/v1/profile/8949000000000000009");
        Assert.Equal(HttpStatusCode.NoContent, cancelled.Status);
        Assert.Equal(1, _smdp.CountOf("cancelOrder"));
        Assert.Empty((await _api.GetAsync("/api/v1/profile")).Json.AsArray());
        Assert.Empty((await _api.GetAsync("/api/v1/euicc/1")).Json["profile"]!.AsArray());
    }

    [Fact]
    public async Task List_is_paged_and_filtered_and_holds_no_activation_code()
    {
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""");
        _smdp.Iccid = Iccid.Parse("8949000000000000010");
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"backup","euicc":{"id":1}}""");

        var all = await _api.GetAsync("/api/v1/profile?sort=-iccid_with_luhn");
        Assert.Equal(["8949000000000000010", "8949000000000000009"], all.Json.AsArray().Select(profile => profile!["iccid_with_luhn"]!.GetValue<string>()));
        Assert.DoesNotContain(FakeSmdp.MatchingId, all.Json.ToJsonString(), StringComparison.Ordinal);
        Assert.Single((await _api.GetAsync("/api/v1/profile?q=profile_type:IOT")).Json.AsArray());
        Assert.Single((await _api.GetAsync("/api/v1/profile?q=eid:89049032*")).Json.AsArray());
        Assert.Equal(2, (await _api.GetAsync("/api/v1/profile?q=status:released")).Json.AsArray().Count);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.GetAsync("/api/v1/profile?q=other:1")).Status);
    }

    [Fact]
    public async Task Observer_reads_the_profile_but_not_its_code_and_others_do_not_find_it()
    {
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""");
        var observer = await _api.NewMemberAsync(1, Role.Observer);
        var stranger = await _api.NewCallerAsync(Role.Administrator);

        Assert.Equal($"1${_smdp.Address}${FakeSmdp.MatchingId}", (await _api.GetAsync("/api/v1/profile/8949000000000000009")).Json["activation_code"]!.GetValue<string>());
        Assert.Null((await _api.GetAsync("/api/v1/profile/8949000000000000009", observer)).Json["activation_code"]);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.GetAsync("/api/v1/profile/8949000000000000009", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _api.SendAsync("DELETE", "/api/v1/profile/8949000000000000009", token: stranger)).Status);
        Assert.Empty((await _api.GetAsync("/api/v1/profile", stranger)).Json.AsArray());
    }

    [Fact]
    public async Task Refusal_and_absence_of_the_SMDP_are_told_and_leave_nothing()
    {
        _smdp.Refusals["confirmOrder"] = StatusCodes.MatchingIdInUse;
        var refused = await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""");
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("8.2.6/3.3", refused.Json["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, _smdp.CountOf("cancelOrder"));

        _smdp.HttpStatus = 503;
        Assert.Equal(HttpStatusCode.BadGateway, (await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot"}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot","euicc":{"id":99}}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _api.PostAsync("/api/v1/profile", "{}")).Status);
        Assert.Empty((await _api.GetAsync("/api/v1/profile")).Json.AsArray());
    }

    [Fact]
    public async Task Order_that_is_repeated_under_its_key_is_the_same_order_to_the_SMDP()
    {
        const string Order = """{"profile_type":"iot"}""";
        _smdp.HttpStatuses["confirmOrder"] = 503;
        Assert.Equal(HttpStatusCode.BadGateway, (await _api.PostAsync("/api/v1/profile", Order, "pump-7")).Status);
        _smdp.HttpStatuses.Clear();
        var repeated = await _api.PostAsync("/api/v1/profile", Order, "pump-7");

        Assert.Equal(HttpStatusCode.Created, repeated.Status);
        Assert.Equal(["downloadOrder", "confirmOrder", "downloadOrder", "confirmOrder"], _smdp.Calls.Select(call => call.Function));
        Assert.Single(_smdp.Calls.Select(call => CallIdentifierOf(call.Body)).Distinct());

        // The SM-DP+ remembers names for longer than a key's answer is kept, so the key used again has another name.
        var first = CallIdentifierOf(_smdp.Calls.First().Body);
        _smdp.Calls.Clear();
        _api.Clock.Advance(TimeSpan.FromHours(25));
        var token = await _api.LoginAsync((await File.ReadAllTextAsync(_api.Eim.ApplicationTokenPath, TestContext.Current.CancellationToken)).Trim());
        await _api.PostAsync("/api/v1/profile", Order, "pump-7", token);
        Assert.Equal(["downloadOrder", "confirmOrder"], _smdp.Calls.Select(call => call.Function));
        Assert.NotEqual(first, Assert.Single(_smdp.Calls.Select(call => CallIdentifierOf(call.Body)).Distinct()));
    }

    [Fact]
    public async Task Statuses_follow_what_the_SMDP_tells()
    {
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot","euicc":{"id":1}}""");

        await TellAsync(NotificationPoint.EligibilityCheck, true);
        Assert.Equal("Released", await StatusAsync());
        await TellAsync(NotificationPoint.BppDownload, true);
        Assert.Equal("Downloaded", await StatusAsync());
        await TellAsync(NotificationPoint.BppInstallation, true);
        Assert.Equal("Installed", await StatusAsync());
        await TellAsync(NotificationPoint.BppDownload, true); // late, and no way back
        Assert.Equal("Installed", await StatusAsync());
        Assert.Equal(HttpStatusCode.Conflict, (await _api.SendAsync("DELETE", "/api/v1/profile/8949000000000000009")).Status);
    }

    [Fact]
    public async Task Failed_installation_makes_the_status_unknown_and_takes_the_profile_off_the_eUICC()
    {
        await _api.PostAsync("/api/v1/profile", """{"profile_type":"iot","euicc":{"id":1}}""");
        await TellAsync(NotificationPoint.BppDownload, true);
        await TellAsync(NotificationPoint.BppInstallation, false);

        Assert.Equal("Unknown", await StatusAsync());
        Assert.Empty((await _api.GetAsync("/api/v1/euicc/1")).Json["profile"]!.AsArray());
    }

    [Theory]
    [InlineData("""[{"action":{"id":2}}]""", 1402)]
    [InlineData("""[{"action":{"id":2},"activation_code":"nonsense"}]""", 1403)]
    [InlineData("""[{"action":{"id":2},"activation_code":"1$smdp.example.com$ABC$2.999.10$1"}]""", 1402)]
    public async Task Download_operation_needs_an_activation_code_without_confirmation(string body, int code)
    {
        var answer = await _api.PostAsync("/api/v1/euicc/1/operation", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(code, answer.Json["errors"]![0]!["error_code"]!.GetValue<int>());
        Assert.DoesNotContain("nonsense", answer.Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_operation_is_scheduled_and_does_not_echo_its_code()
    {
        var answer = await _api.PostAsync(
            "/api/v1/euicc/1/operation", """[{"action":{"id":2},"activation_code":"LPA:1$smdp.example.com$SECRET-1","enable":true,"rollback":true}]""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("Download profile", answer.Json[0]!["action"]!["description"]!.GetValue<string>());
        Assert.DoesNotContain("SECRET-1", answer.Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_comes_as_JSON_alone()
    {
        using var client = new HttpClient();
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var response = await client.PostAsync(
            new Uri(_api.Eim.Es2CallbackUrl!, Es2PlusPaths.HandleDownloadProgressInfo), content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private async Task TellAsync(NotificationPoint point, bool isDone)
    {
        var info = new HandleDownloadProgressInfoRequest(
            new FunctionRequestHeader("smdp", "1"), _smdp.Iccid, "iot", DateTimeOffset.UnixEpoch, point,
            new FunctionExecutionStatus(isDone ? FunctionExecutionStatus.ExecutedSuccess : FunctionExecutionStatus.Failed));
        using var content = new StringContent(
            Encoding.UTF8.GetString(RspJson.Write(HandleDownloadProgressInfoRequestJson.From(info), Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson)),
            Encoding.UTF8,
            "application/json");
        using var client = new HttpClient();
        using var response = await client.PostAsync(
            new Uri(_api.Eim.Es2CallbackUrl!, Es2PlusPaths.HandleDownloadProgressInfo), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static string CallIdentifierOf(byte[] body) =>
        JsonNode.Parse(body)!["header"]!["functionCallIdentifier"]!.GetValue<string>();

    private async Task<string> StatusAsync() =>
        (await _api.GetAsync("/api/v1/profile/8949000000000000009")).Json["status"]!["description"]!.GetValue<string>();
}

public sealed class StockTestsOnSqlite() : StockTests(DbEngine.Sqlite);

public sealed class StockTestsOnPostgres() : StockTests(DbEngine.Postgres);
