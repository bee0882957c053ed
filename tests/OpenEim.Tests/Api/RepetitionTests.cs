using System.Net;
using System.Text;
using OpenEim.Storage;

namespace OpenEim.Tests.Api;

/// <summary>Idempotency-Key on POSTs.</summary>
public abstract class RepetitionTests(DbEngine engine) : IAsyncLifetime
{
    private const string Operations = "/api/v1/euicc/1/operation";
    private const string Audit = """[{"action":{"id":1}}]""";

    private ApiHost _api = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiHost.StartAsync(engine);
        await _api.RegisterAsync(1);
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Repeated_schedule_gets_the_first_answer_and_schedules_once()
    {
        var first = await _api.PostAsync(Operations, Audit, "k");
        var second = await _api.PostAsync(Operations, Audit, "k");

        Assert.Equal(HttpStatusCode.Created, second.Status);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.Header("Link"), second.Header("Link"));
        Assert.Equal(first.Header("Content-Type"), second.Header("Content-Type"));
        Assert.Single((await _api.GetAsync(Operations)).Json.AsArray());
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_a_conflict_and_another_key_or_organisation_is_not()
    {
        await _api.PostAsync(Operations, Audit, "k");

        (await _api.PostAsync(Operations, """[{"action":{"id":7}}]""", "k")).AssertError(409, 1405, "another body");
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync(Operations, Audit, "k2")).Status);
        Assert.Equal(2, (await _api.GetAsync(Operations)).Json.AsArray().Count);
        var other = await _api.NewCallerAsync(Manager.Organisations.Role.User);
        (await _api.PostAsync(Operations, Audit, "k", other)).AssertError(404, 1201);
    }

    [Fact]
    public async Task Repeated_registration_is_no_duplicate()
    {
        var body = $$"""{"eid":"{{ApiHost.EidOf(2)}}"}""";
        var first = await _api.PostAsync("/api/v1/euicc", body, "k");
        var second = await _api.PostAsync("/api/v1/euicc", body, "k");

        Assert.Equal((HttpStatusCode.Created, first.Body), (second.Status, second.Body));
        Assert.Equal($"{_api.Eim.ApiUrl}api/v1/euicc/2", second.Header("Location"));
        (await _api.PostAsync("/api/v1/euicc", body)).AssertError(409, 1405, "[0].eid");
    }

    [Fact]
    public async Task Repeated_application_token_is_the_same_and_never_in_the_data_in_clear()
    {
        var first = await _api.PostAsync("/api/v1/application_token", "{}", "k");
        var second = await _api.PostAsync("/api/v1/application_token", "{}", "k");

        Assert.Equal((HttpStatusCode.OK, first.Body), (second.Status, second.Body));
        Assert.Equal(2, (await _api.GetAsync("/api/v1/application_token")).Json.AsArray().Count);
        var token = Encoding.ASCII.GetBytes(first.Json["application_token"]!.GetValue<string>());
        foreach (var file in Directory.GetFiles(_api.Eim.Options.Data, "openeim.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
            Assert.True(copy.ToArray().AsSpan().IndexOf(token) < 0, file);
        }
    }

    [Fact]
    public async Task Refusals_are_answers_too()
    {
        (await _api.PostAsync("/api/v1/euicc/2/operation", Audit, "k")).AssertError(404, 1201);
        await _api.PostAsync("/api/v1/euicc", $$"""{"eid":"{{ApiHost.EidOf(2)}}"}""");

        (await _api.PostAsync("/api/v1/euicc/2/operation", Audit, "k")).AssertError(404, 1201);
        Assert.Equal(HttpStatusCode.Created, (await _api.PostAsync("/api/v1/euicc/2/operation", Audit, "k2")).Status);
    }

    [Fact]
    public async Task After_a_day_the_key_is_new_and_the_answer_is_purged()
    {
        await _api.PostAsync(Operations, Audit, "k");
        _api.Clock.Advance(TimeSpan.FromHours(24));
        var login = await _api.LoginAsync((await File.ReadAllTextAsync(_api.Eim.ApplicationTokenPath, TestContext.Current.CancellationToken)).Trim());
        await _api.PostAsync(Operations, Audit, "k", login);

        Assert.Equal(2, (await _api.GetAsync(Operations, login)).Json.AsArray().Count);
    }

    [Fact]
    public async Task Many_at_once_schedule_once()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _api.PostAsync(Operations, Audit, "k")));

        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.Conflict, answer.Body));
        Assert.Single(answers.Where(answer => answer.Status == HttpStatusCode.Created).Select(answer => answer.Body).Distinct());
        Assert.Single((await _api.GetAsync(Operations)).Json.AsArray());
    }

    [Theory]
    [InlineData(255, HttpStatusCode.Created)]
    [InlineData(256, HttpStatusCode.BadRequest)]
    [InlineData(0, HttpStatusCode.BadRequest)]
    public async Task Keys_have_1_to_255_characters(int length, HttpStatusCode status)
    {
        var answer = await _api.PostAsync(Operations, Audit, new string('k', length));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == HttpStatusCode.Created ? 1 : 0, (await _api.GetAsync(Operations)).Json.AsArray().Count);
    }
}

public sealed class RepetitionTestsOnSqlite() : RepetitionTests(DbEngine.Sqlite);

public sealed class RepetitionTestsOnPostgres() : RepetitionTests(DbEngine.Postgres);
