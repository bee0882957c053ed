using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Api;

/// <summary>The REST contract: fields, headers, errors.</summary>
public sealed class ContractTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Euicc_has_exactly_the_fields_of_the_guide()
    {
        await using var eim = await Installation.StartAsync();

        var euicc = (await eim.GetAsync("/api/v1/euicc/1")).AsObject();

        Assert.Equal(
            ["id", "eid", "created", "profile", "supported_profile_type", "status", "last_audited", "last_polled", "last_synced", "eim"],
            euicc.Select(field => field.Key));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", euicc["created"]!.GetValue<string>());
        Assert.Equal("""{"id":5,"description":"IoT eUICC Profile"}""", euicc["supported_profile_type"]!.ToJsonString());
        Assert.Equal("""{"id":1,"description":"openeim"}""", euicc["eim"]!.ToJsonString());
        Assert.Equal(
            ["iccid_with_luhn", "status", "customer_org", "name", "operator", "preloaded", "fallback_allowed", "fallback_attribute", "profile_type", "endpoint"],
            euicc["profile"]![0]!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task Scheduling_answers_201_with_links_and_without_an_expiry_date_and_reading_has_one()
    {
        await using var eim = await Installation.StartAsync();
        using var response = await eim.Client.PostAsync(
            new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1/operation"), Json("""[{"action":{"id":1}},{"action":{"id":1},"validity_period":60}]"""), Ct);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!.AsArray();
        Assert.Equal(["id", "action", "status", "creation_date", "last_updated_at", "user"], created[1]!.AsObject().Select(field => field.Key));
        var id = created[1]!["id"]!.GetValue<string>();
        Assert.Contains($"<{eim.Host.ApiUrl}api/v1/euicc/1/operation/{id}>; rel=\"item\"", response.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        var read = await eim.GetAsync($"/api/v1/euicc/1/operation/{id}");
        Assert.Equal(
            DateTimeOffset.Parse(read["creation_date"]!.GetValue<string>(), null).AddSeconds(60),
            DateTimeOffset.Parse(read["expiry_date"]!.GetValue<string>(), null));
    }

    [Fact]
    public async Task Empty_page_carries_all_headers()
    {
        await using var eim = await Installation.StartAsync();
        using var response = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1/operation?page=7&per_page=0"), Ct);

        Assert.Equal("[]", await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal("0", response.Headers.GetValues("X-Total-Count").Single());
        Assert.Equal("0", response.Headers.GetValues("X-Total-Pages").Single());
        Assert.Equal("1", response.Headers.GetValues("X-Current-Page").Single());
        Assert.Equal("100", response.Headers.GetValues("X-Count-Per-Page").Single());
    }

    [Theory]
    [InlineData("""{}""", 1000, "array")]
    [InlineData("""[]""", 1000, "array")]
    [InlineData("""[{"action":{"id":1}},{}]""", 1400, "[1].action")]
    [InlineData("""[{"action":{"id":3}}]""", 1400, "[0].iccid_with_luhn")]
    [InlineData("""[{"action":{"id":3},"iccid_with_luhn":"12x"}]""", 1400, "[0].iccid_with_luhn")]
    [InlineData("""[{"action":{"id":1},"validity_period":86401}]""", 1400, "[0].validity_period")]
    [InlineData("""[{"action":{"id":99}}]""", 1400, "[0].action")]
    [InlineData("""[{"action""", 1000, "JSON")]
    public async Task Bad_operations_are_refused_whole_and_the_message_says_where(string body, int code, string where)
    {
        await using var eim = await Installation.StartAsync();
        using var response = await eim.Client.PostAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1/operation"), Json(body), Ct);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal(code, error["error_code"]!.GetValue<int>());
        Assert.Contains(where, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty((await eim.GetAsync("/api/v1/euicc/1/operation")).AsArray());
    }

    [Theory]
    [InlineData("/api/v1/euicc/999", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/euicc/abc", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/euicc?page=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/euicc?q=nonsense:1", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/euicc?sort=nonsense", HttpStatusCode.BadRequest)]
    public async Task Bad_reads_are_refused_with_a_body(string path, HttpStatusCode status)
    {
        await using var eim = await Installation.StartAsync();
        using var response = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, path), Ct);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal((int)status, JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!["status_code"]!.GetValue<int>());
    }

    [Fact]
    public async Task Three_failed_logins_lock_the_address_out_for_five_minutes()
    {
        await using var eim = await Installation.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var (status, body) = await LoginAsync(eim, "wrong");
            Assert.Equal((HttpStatusCode.Unauthorized, ""), (status, body));
        }

        var good = (await File.ReadAllTextAsync(eim.Host.ApplicationTokenPath, Ct)).Trim();
        Assert.Contains("1105", (await LoginAsync(eim, good)).Body, StringComparison.Ordinal);
        eim.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.OK, (await LoginAsync(eim, good)).Status);
    }

    [Fact]
    public async Task Missing_and_expired_tokens_are_told_apart()
    {
        await using var eim = await Installation.StartAsync();
        eim.Clock.Advance(TimeSpan.FromMinutes(240));
        using var expired = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc"), Ct);
        Assert.Contains("1103", await expired.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        eim.Client.DefaultRequestHeaders.Authorization = null;
        using var missing = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc"), Ct);
        Assert.Contains("1102", await missing.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, missing.StatusCode);
    }

    [Fact]
    public async Task Application_token_is_made_listed_and_revoked_and_its_login_ends_within_a_minute()
    {
        await using var eim = await Installation.StartAsync();
        var made = await eim.PostAsync("/api/v1/application_token", JsonNode.Parse("""{"description":"ci"}""")!);
        var token = made["application_token"]!.GetValue<string>();
        var authToken = JsonNode.Parse((await LoginAsync(eim, token)).Body)!["auth_token"]!.GetValue<string>();
        var listed = (await eim.GetAsync("/api/v1/application_token")).AsArray().Single(entry => entry!["description"]!.GetValue<string>() == "ci")!;
        Assert.Equal(["id", "description", "created", "status", "expiry_date", "ip", "creator"], listed.AsObject().Select(field => field.Key));

        using var revoked = await eim.Client.PatchAsync(
            new Uri(eim.Host.ApiUrl, $"/api/v1/application_token/{listed["id"]}"), Json("""{"status":{"id":1}}"""), Ct);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await LoginAsync(eim, token)).Status);
        eim.Clock.Advance(TimeSpan.FromMinutes(1));
        eim.Client.DefaultRequestHeaders.Authorization = new("Bearer", authToken);
        using var refused = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc"), Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00.000Z", 0, "is in the past")]
    [InlineData("", 0, "is in the past")]
    [InlineData("", 1, null)]
    public async Task Application_token_that_would_have_expired_already_is_refused(string date, int millisecondsAhead, string? sentence)
    {
        await using var eim = await Installation.StartAsync();
        var expiry = date.Length > 0 ? date : eim.Clock.GetUtcNow().AddMilliseconds(millisecondsAhead).ToString("O");

        using var answer = await eim.Client.PostAsync(
            new Uri(eim.Host.ApiUrl, "/api/v1/application_token"), Json(new JsonObject { ["expiry_date"] = expiry }.ToJsonString()), Ct);

        Assert.Equal(sentence is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, answer.StatusCode);
        var errors = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["errors"]?[0]!;
        Assert.Equal(sentence is null ? null : $"[0].expiry_date {sentence}", errors?["message"]!.GetValue<string>());
    }

    private static async Task<(HttpStatusCode Status, string Body)> LoginAsync(Installation eim, string token)
    {
        using var response = await eim.Client.PostAsync(
            new Uri(eim.Host.ApiUrl, "/api/v1/authenticate"), Json(new JsonObject { ["application_token"] = token }.ToJsonString()), Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
