using System.Net;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;

namespace OpenEim.Tests.Api;

/// <summary>The API takes every ICCID that it shows.</summary>
public abstract class IccidTests(DbEngine engine) : IAsyncLifetime
{
    private const string Operations = "/api/v1/euicc/1/operation";

    private readonly TestPki _pki = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
    private FakeSmdp _smdp = null!;
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _smdp = await FakeSmdp.StartAsync(_pki);
        _api = await ApiHost.StartAsync(engine, options => options with { Es2PlusUrl = _smdp.Url });
        await _api.RegisterAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        await _smdp.DisposeAsync();
        _pki.Dispose();
    }

    [Theory]
    [InlineData("8968407B912170210043")]
    [InlineData("898801000000000001")]
    [InlineData("8988000000000000011")]
    [InlineData("89880000000000000118")]
    [InlineData("0012")]
    [InlineData("F")]
    [InlineData("89F8012345678901234")]
    public async Task Any_ten_bytes_are_taken_in_every_form_shown_in_one_and_found_by_any(string shown)
    {
        string[] forms = [shown, shown.ToLowerInvariant(), (shown + "F")[..Math.Min(20, shown.Length + 1)], shown.PadRight(20, 'f')];
        foreach (var form in forms)
        {
            foreach (var action in new[] { 3, 4, 5, 6 })
            {
                var scheduled = await _api.PostAsync(Operations, $$$"""[{"action":{"id":{{{action}}}},"iccid_with_luhn":"{{{form}}}"}]""");
                Assert.True(scheduled.Status == HttpStatusCode.Created, scheduled.Body);
                Assert.Equal(shown, scheduled.Json[0]!["iccid_with_luhn"]!.GetValue<string>());
            }

            var bulk = await _api.PostAsync(
                "/api/v1/euicc/operation", $$$"""{"action":{"id":3},"iccid_with_luhn":"{{{form}}}","target":[{"euicc":{"id":1}}]}""");
            Assert.Equal(1, bulk.Json["success_count"]!.GetValue<int>());
        }

        await _api.PostAsync(Operations, """[{"action":{"id":3},"iccid_with_luhn":"8988999999999999999"}]""");
        foreach (var form in forms.Append(shown.Length > 4 ? shown[..^3] + "*" : shown))
        {
            Assert.Equal("20", (await _api.GetAsync($"{Operations}?q=iccid_with_luhn:{form}")).Header("X-Total-Count"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("8968407G912170210043")]
    [InlineData("896840700000000000043")]
    [InlineData("89 68407912170210043")]
    [InlineData("89٣8407912170210043")]
    public async Task What_is_no_ICCID_is_refused_by_name(string iccid)
    {
        (await _api.PostAsync(Operations, $$"""[{"action":{"id":3},"iccid_with_luhn":"{{iccid}}"}]""")).AssertError(400, 1400, "[0].iccid_with_luhn");
        (await _api.PostAsync("/api/v1/profile", $$"""{"iccid_with_luhn":"{{iccid}}"}""")).AssertError(400, 1400, "[0].iccid_with_luhn");
    }

    [Fact]
    public async Task A_profile_in_stock_is_found_by_any_form_of_its_ICCID()
    {
        _smdp.Iccid = Iccid.Parse("898801000000000001");
        var order = await _api.PostAsync("/api/v1/profile", """{"iccid_with_luhn":"898801000000000001FF","confirm":false}""");
        Assert.Equal("898801000000000001", order.Json["iccid_with_luhn"]!.GetValue<string>());

        foreach (var form in new[] { "898801000000000001", "898801000000000001F", "898801000000000001ff" })
        {
            Assert.Equal(order.Body, (await _api.GetAsync($"/api/v1/profile/{form}")).Body);
            Assert.Single((await _api.GetAsync($"/api/v1/profile?q=iccid_with_luhn:{form}")).Json.AsArray());
        }

        Assert.Equal(HttpStatusCode.OK, (await _api.SendAsync("PATCH", "/api/v1/profile/898801000000000001F", """{"euicc":{"id":1}}""")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _api.SendAsync("DELETE", "/api/v1/profile/898801000000000001FF")).Status);
        (await _api.GetAsync("/api/v1/profile/898801000000000001")).AssertError(404, 1201);
    }
}

public sealed class IccidTestsOnSqlite() : IccidTests(DbEngine.Sqlite);

public sealed class IccidTestsOnPostgres() : IccidTests(DbEngine.Postgres);
