using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Api;

/// <summary>The flows of the guide, field by field, on a device that really executes them.</summary>
public sealed class GuideTests
{
    private const string Date = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_shows_what_get_shows()
    {
        await using var eim = await Installation.StartAsync(devices: 2);

        var list = (await eim.GetAsync("/api/v1/euicc")).AsArray();
        Assert.Equal([1, 2], list.Select(euicc => euicc!["id"]!.GetValue<int>()));
        Assert.Equal((await eim.GetAsync("/api/v1/euicc/2")).ToJsonString(), list[1]!.ToJsonString());
        var profile = list[0]!["profile"]![0]!;
        Assert.Equal(Installation.Iccid(1).ToString(), profile["iccid_with_luhn"]!.GetValue<string>());
        Assert.Equal("""{"id":8,"description":"Enabled"}""", profile["status"]!.ToJsonString());
        Assert.Equal("""{"id":1,"description":"Active"}""", list[0]!["status"]!.ToJsonString());
        Assert.Equal(eim.Fleet.Devices[0].Eid.ToString(), list[0]!["eid"]!.GetValue<string>());
        Assert.Null(list[0]!["last_audited"]);
        Assert.Matches(Date, list[0]!["last_synced"]!.GetValue<string>());
        Assert.Matches(Date, list[0]!["last_polled"]!.GetValue<string>());
        foreach (var unknown in new[] { "customer_org", "endpoint" })
        {
            Assert.True(profile.AsObject().ContainsKey(unknown) && profile[unknown] is null, unknown);
        }
    }

    [Fact]
    public async Task Operation_carries_what_is_known_at_each_stage_and_omits_the_rest()
    {
        await using var eim = await Installation.StartAsync();
        var created = (await eim.PostAsync(
            "/api/v1/euicc/1/operation",
            JsonNode.Parse($$$"""[{"action":{"id":3},"iccid_with_luhn":"{{{Installation.Iccid(2)}}}","rollback":false,"validity_period":600},{"action":{"id":3},"iccid_with_luhn":"8988000000000000011"}]""")!)).AsArray();

        Assert.Equal(
            ["id", "action", "status", "creation_date", "last_updated_at", "user", "iccid_with_luhn"], created[0]!.AsObject().Select(field => field.Key));
        Assert.Equal("""{"id":3,"description":"Enable profile"}""", created[0]!["action"]!.ToJsonString());
        Assert.Equal("""{"id":1,"description":"Scheduled"}""", created[0]!["status"]!.ToJsonString());
        Assert.Equal("""{"id":1,"name":"Administrator"}""", created[0]!["user"]!.ToJsonString());
        Assert.Matches(Date, created[0]!["creation_date"]!.GetValue<string>());
        Assert.Equal('7', created[0]!["id"]!.GetValue<string>()[14]);
        Assert.Equal(
            ["id", "action", "status", "creation_date", "last_updated_at", "user", "expiry_date", "iccid_with_luhn"],
            (await OperationAsync(eim, created[0]!)).Select(field => field.Key));

        for (var i = 0; i < 4; i++)
        {
            await eim.Fleet.Devices[0].PollOnceAsync(Ct);
        }

        var succeeded = await OperationAsync(eim, created[0]!);
        Assert.Equal(
            ["id", "action", "status", "creation_date", "last_updated_at", "user", "expiry_date", "finalization_date", "iccid_with_luhn"],
            succeeded.Select(field => field.Key));
        Assert.Equal("""{"id":2,"description":"Succeeded"}""", succeeded["status"]!.ToJsonString());
        Assert.Matches(Date, succeeded["finalization_date"]!.GetValue<string>());
        var failed = await OperationAsync(eim, created[1]!);
        Assert.Equal(
            ["id", "action", "status", "creation_date", "last_updated_at", "user", "expiry_date", "finalization_date", "error", "iccid_with_luhn"],
            failed.Select(field => field.Key));
        Assert.Equal("""{"id":3,"description":"Failed"}""", failed["status"]!.ToJsonString());
        Assert.Equal(["reason", "message"], failed["error"]!.AsObject().Select(field => field.Key));
        Assert.Equal(
            (await eim.GetAsync("/api/v1/euicc/1/operation")).ToJsonString(),
            new JsonArray(succeeded.DeepClone(), failed.DeepClone()).ToJsonString());
    }

    [Fact]
    public async Task Cancel_is_204_then_409_naming_the_state()
    {
        await using var eim = await Installation.StartAsync();
        var first = await eim.ScheduleAsync(1);
        var second = await eim.ScheduleAsync(1);

        Assert.Equal((HttpStatusCode.NoContent, ""), await CancelAsync(eim, second));
        var (status, body) = await CancelAsync(eim, second);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("Canceled", body, StringComparison.Ordinal);
        Assert.Equal("Canceled", await eim.StatusAsync(second));
        await eim.Fleet.Devices[0].PollOnceAsync(Ct);
        (status, body) = await CancelAsync(eim, first);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("Succeeded", body, StringComparison.Ordinal);
    }

    private static async Task<JsonObject> OperationAsync(Installation eim, JsonNode created) =>
        (await eim.GetAsync($"/api/v1/euicc/1/operation/{created["id"]}")).AsObject();

    private static async Task<(HttpStatusCode Status, string Body)> CancelAsync(Installation eim, string operation)
    {
        using var response = await eim.Client.DeleteAsync(new Uri(eim.Host.ApiUrl, $"/api/v1/euicc/1/operation/{operation}"), Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }
}
