using System.Net;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>Activation codes of all forms, and the confirmation code that some of them demand.</summary>
public abstract class ConfirmationCodeTests(DbEngine engine) : IAsyncLifetime
{
    private const string Operations = "/api/v1/euicc/1/operation";

    private ApiHost _api = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        await _api.RegisterAsync(1);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("1$a.example$M-1$$1", "\"7q2\"")]
    [InlineData("LPA:1$a.example$M-1$1.2.840$1$$", "\"7q2 \\u00e9\"")]
    [InlineData("lpa:1$a.example$M-1$1.2.840$1$0123$1", "\"7q2\"")]
    [InlineData("1$a.example$M-1", "\"7q2\"")] // an SM-DP+ may ask for one that the code does not speak of
    [InlineData("1$a.example$M-1", null)]
    [InlineData("1$a.example$M-1", "null")]
    [InlineData("1$a.example:8443$$", null)]
    [InlineData("1$192.0.2.7$M-1$", null)]
    [InlineData("Lpa:1$a.example$M-1$$$$0$", null)]
    public async Task It_is_taken_kept_and_never_shown(string activationCode, string? confirmationCode)
    {
        var fields = $$"""{"action":{"id":2},"activation_code":"{{activationCode}}"{{(confirmationCode is null ? "" : $",\"confirmation_code\":{confirmationCode}")}}""";
        var scheduled = await _api.PostAsync(Operations, $"[{fields}}}]");
        Assert.True(scheduled.Status == HttpStatusCode.Created, scheduled.Body);
        var bulk = await _api.PostAsync("/api/v1/euicc/operation", $$$"""{{{fields}}},"target":[{"euicc":{"id":1}}]}""");
        Assert.Equal(1, bulk.Json["success_count"]!.GetValue<int>());

        var kept = await _api.Eim.Database.ReadAsync(
            session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM operation WHERE confirmation_code IS NOT NULL"), Ct);
        Assert.Equal(confirmationCode is null or "null" ? 0 : 2, kept);
        var id = scheduled.Json[0]!["id"]!.GetValue<string>();
        foreach (var answer in new[] { scheduled, bulk, await _api.GetAsync(Operations), await _api.GetAsync($"{Operations}/{id}") })
        {
            Assert.DoesNotContain("7q2", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("M-1", answer.Body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("1$a.example$M-1$$1", "", 1402)]
    [InlineData("1$a.example$M-1$$1", ",\"confirmation_code\":null", 1402)]
    [InlineData("1$a.example$M-1$$1", ",\"confirmation_code\":\"\"", 1403)]
    [InlineData("1$a.example$M-1", ",\"confirmation_code\":\"\"", 1403)]
    [InlineData("1$a.example$M-1", ",\"confirmation_code\":1234", 1403)]
    [InlineData("1$a.example$M-1", ",\"confirmation_code\":\"12\\u000034\"", 1403)]
    [InlineData("1$a.example$M-1", ",\"confirmation_code\":\"12\\n34\"", 1403)]
    [InlineData("1$a.example$M-1", ",\"confirmation_code\":[\"1234\"]", 1403)]
    public async Task One_that_is_missing_or_malformed_is_refused_by_name_and_not_repeated(string activationCode, string more, int code)
    {
        var fields = $$"""{"action":{"id":2},"activation_code":"{{activationCode}}"{{more}}""";
        AssertNames(await _api.PostAsync(Operations, $"[{fields}}}]"), "[0].confirmation_code", code);
        AssertNames(await _api.PostAsync("/api/v1/euicc/operation", $$$"""{{{fields}}},"target":[{"euicc":{"id":1}}]}"""), "confirmation_code", code);
    }

    [Fact]
    public async Task One_has_1_to_255_characters()
    {
        var of255 = $$"""[{"action":{"id":2},"activation_code":"1$a.example$M-1$$1","confirmation_code":"{{new string('7', 255)}}"}]""";
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync(Operations, of255)).Status);
        AssertNames(await _api.PostAsync(Operations, of255.Replace("777", "7777", StringComparison.Ordinal)), "[0].confirmation_code", 1403);
    }

    [Theory]
    [InlineData("1$a.example")]
    [InlineData("2$a.example$M-1")]
    [InlineData("1$a example$M-1")]
    [InlineData("1$a.example$M 1")]
    [InlineData("1$a.example$M-1$$2")]
    [InlineData("1$a.example$M-1$$1$xyz")]
    [InlineData("1$a.example$M-1$$1$$1$$")]
    [InlineData("LPA:LPA:1$a.example$M-1")]
    public async Task A_malformed_activation_code_is_refused_by_name_and_not_repeated(string activationCode)
    {
        var answer = await _api.PostAsync(Operations, $$"""[{"action":{"id":2},"activation_code":"{{activationCode}}"}]""");
        answer.AssertError(400, 1400, "[0].activation_code");
        Assert.DoesNotContain(activationCode, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activation_code_has_at_most_255_characters()
    {
        var longest = $"1$a.example${new string('m', 255 - "1$a.example$".Length)}";
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync(Operations, $$"""[{"action":{"id":2},"activation_code":"{{longest}}"}]""")).Status);
        (await _api.PostAsync(Operations, $$"""[{"action":{"id":2},"activation_code":"{{longest}}m"}]""")).AssertError(400, 1400, "[0].activation_code");
    }

    private static void AssertNames(ApiAnswer answer, string field, int code)
    {
        answer.AssertError(400, 1400, field);
        Assert.Equal(code, answer.Json["errors"]![0]!["error_code"]!.GetValue<int>());
        Assert.DoesNotContain("34", answer.Body, StringComparison.Ordinal);
    }
}

public sealed class ConfirmationCodeTestsOnSqlite() : ConfirmationCodeTests(DbEngine.Sqlite);

public sealed class ConfirmationCodeTestsOnPostgres() : ConfirmationCodeTests(DbEngine.Postgres);
