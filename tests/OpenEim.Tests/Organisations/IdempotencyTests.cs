using OpenEim.Manager.Organisations;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>Requests that carry an Idempotency-Key run once.</summary>
public abstract class IdempotencyTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly StoredResponse Answer =
        new(201, new Dictionary<string, string> { ["Location"] = "/api/v1/euicc/7", ["Link"] = "<x>; rel=\"item\"" }, "[{\"id\":7}]"u8.ToArray());

    private TestInstallation _eim = null!;
    private IdempotencyKeys _keys = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _eim = await TestInstallation.StartAsync(engine);
        _keys = new IdempotencyKeys(_eim.Database, _eim.Clock);
    }

    public ValueTask DisposeAsync() => _eim.DisposeAsync();

    [Fact]
    public async Task A_repetition_gets_the_first_answer_to_the_byte()
    {
        Assert.True(await _keys.CompleteAsync(await RunAsync(Request()), Answer, Ct));

        var replay = Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(), Ct));
        Assert.Equal(201, replay.Response.Status);
        Assert.Equal(Answer.Headers, replay.Response.Headers);
        Assert.Equal(Answer.Body.ToArray(), replay.Response.Body.ToArray());
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_a_mismatch_running_or_done()
    {
        var attempt = await RunAsync(Request());
        Assert.IsType<IdempotencyDecision.Mismatch>(await _keys.BeginAsync(Request(body: "other"), Ct));
        await _keys.CompleteAsync(attempt, Answer, Ct);
        Assert.IsType<IdempotencyDecision.Mismatch>(await _keys.BeginAsync(Request(body: "other"), Ct));
    }

    [Fact]
    public async Task Another_organisation_token_method_path_or_key_is_another_request()
    {
        await RunAsync(Request());
        await RunAsync(Request(token: 2));
        await RunAsync(Request(organisation: 2));
        await RunAsync(Request(method: "PUT"));
        await RunAsync(Request(path: "/b"));
        await RunAsync(Request(key: "k2"));
        Assert.IsType<IdempotencyDecision.InProgress>(await _keys.BeginAsync(Request(), Ct));
    }

    [Fact]
    public async Task Of_many_at_the_same_time_one_runs_and_the_others_are_told_so()
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _keys.BeginAsync(Request(), Ct)));
        Assert.Single(decisions, decision => decision is IdempotencyDecision.Run);
        Assert.Equal(19, decisions.Count(decision => decision is IdempotencyDecision.InProgress));
    }

    [Fact]
    public async Task An_attempt_that_died_blocks_its_key_for_the_lease_only_and_cannot_answer_later()
    {
        var dead = await RunAsync(Request());
        _eim.Clock.Advance(IdempotencyKeys.Lease - TimeSpan.FromMilliseconds(1));
        Assert.IsType<IdempotencyDecision.InProgress>(await _keys.BeginAsync(Request(), Ct));
        _eim.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await RunAsync(Request());

        Assert.False(await _keys.CompleteAsync(dead, Answer, Ct));
        await _keys.AbandonAsync(dead, Ct);
        Assert.IsType<IdempotencyDecision.InProgress>(await _keys.BeginAsync(Request(), Ct));
        Assert.True(await _keys.CompleteAsync(second, Answer with { Status = 200 }, Ct));
        Assert.Equal(200, Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(), Ct)).Response.Status);
    }

    [Fact]
    public async Task An_abandoned_attempt_frees_its_key_and_an_answered_one_keeps_it()
    {
        await _keys.AbandonAsync(await RunAsync(Request()), Ct);
        var second = await RunAsync(Request(body: "other"));
        await _keys.CompleteAsync(second, Answer, Ct);
        await _keys.AbandonAsync(second, Ct);
        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(body: "other"), Ct));
    }

    [Fact]
    public async Task Attempts_at_one_request_share_a_name_until_its_answer_is_forgotten()
    {
        var first = await RunAsync(Request());
        await _keys.AbandonAsync(first, Ct);
        var second = await RunAsync(Request());
        _eim.Clock.Advance(IdempotencyKeys.Lease);
        var third = await RunAsync(Request());
        Assert.Equal((first.Name, first.Name), (second.Name, third.Name));
        Assert.NotEqual(first.Name, (await RunAsync(Request(key: "k2"))).Name);
        await _keys.CompleteAsync(third, Answer, Ct);

        _eim.Clock.Advance(IdempotencyKeys.Retention);
        var later = await RunAsync(Request());
        Assert.NotEqual(first.Name, later.Name);
        await _keys.AbandonAsync(later, Ct);
        Assert.NotEqual(later.Name, (await RunAsync(Request(body: "other"))).Name);
    }

    [Fact]
    public async Task Effect_and_answer_are_one_when_completed_in_the_effects_transaction()
    {
        var dead = await RunAsync(Request());
        _eim.Clock.Advance(IdempotencyKeys.Lease);
        var second = await RunAsync(Request());
        await Assert.ThrowsAsync<IdempotencyLostException>(() => ActAndCompleteAsync(dead, "of the dead"));
        await ActAndCompleteAsync(second, "of the second");

        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(), Ct));
        Assert.Equal(["of the second"], await _eim.Database.ReadAsync(session => session.QueryAsync<string>("SELECT name FROM organisation"), Ct));
    }

    [Fact]
    public async Task An_answer_is_kept_for_a_day_and_then_purged()
    {
        await _keys.CompleteAsync(await RunAsync(Request()), Answer, Ct);
        _eim.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        await _keys.CompleteAsync(await RunAsync(Request(key: "young")), Answer, Ct);
        Assert.Equal(0, await _keys.PurgeAsync(Ct));
        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(), Ct));

        _eim.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await _keys.PurgeAsync(Ct));
        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(key: "young"), Ct));
        await RunAsync(Request(body: "other"));
    }

    [Fact]
    public async Task A_day_old_answer_does_not_wait_for_the_purge()
    {
        await _keys.CompleteAsync(await RunAsync(Request()), Answer, Ct);
        _eim.Clock.Advance(TimeSpan.FromHours(24));
        await RunAsync(Request(body: "other"));
    }

    [Fact]
    public async Task A_clock_that_was_ahead_neither_blocks_a_key_nor_keeps_its_answer_longer_than_a_day()
    {
        var ahead = _eim.Clock.GetUtcNow().AddYears(1);
        await RunAsync(Request());
        await _keys.CompleteAsync(await RunAsync(Request(key: "answered")), Answer, Ct);
        await _eim.Database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE kept_answer SET created = @created, lease_end = @created + 60000", new { created = ahead.ToUnixTimeMilliseconds() }), Ct);

        var second = await RunAsync(Request());
        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(key: "answered"), Ct));
        Assert.True(await _keys.CompleteAsync(second, Answer, Ct));

        Assert.Equal(0, await _keys.PurgeAsync(Ct));
        _eim.Clock.Advance(IdempotencyKeys.Retention);
        Assert.Equal(2, await _keys.PurgeAsync(Ct));
    }

    [Theory]
    [InlineData(200, 1, false)]
    [InlineData(201, 1, false)]
    [InlineData(null, 1, false)]
    [InlineData(null, 0, true)] // given up
    [InlineData(403, 1, true)]
    [InlineData(404, 1, true)]
    public async Task What_the_version_before_kept_is_shown_to_nobody_and_what_it_did_is_not_done_again(int? status, long leaseEnd, bool runs)
    {
        await KeepAsVersionBeforeAsync(status, leaseEnd);
        foreach (var token in new[] { 1, 2 })
        {
            var decision = await _keys.BeginAsync(Request(token: token), Ct);
            Assert.Equal(runs ? typeof(IdempotencyDecision.Run) : typeof(IdempotencyDecision.OfVersionBefore), decision.GetType());
        }

        await RunAsync(Request(organisation: 2));
        await RunAsync(Request(key: "k2"));
        _eim.Clock.Advance(IdempotencyKeys.Retention);
        await RunAsync(Request(token: 3));
        Assert.Equal(runs ? 5 : 3, await _keys.PurgeAsync(Ct));
        Assert.Equal(0, await _eim.Database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM idempotency"), Ct));
    }

    [Fact]
    public async Task A_schema_with_kept_answers_is_upgraded_and_the_version_before_goes_on_with_its_own()
    {
        await using var data = await TestDatabase.CreateAsync(engine);
        await using var database = data.Open();
        var schema = typeof(IdempotencyKeys).Assembly;
        database.Upgrade(new OlderSchema(schema, "_answers_of_tokens.sql"));
        await KeepAsVersionBeforeAsync(200, 1, database);

        Assert.Equal(1, database.Upgrade(schema));

        var keys = new IdempotencyKeys(database, _eim.Clock);
        Assert.IsType<IdempotencyDecision.OfVersionBefore>(await keys.BeginAsync(Request(), Ct));
        await KeepAsVersionBeforeAsync(201, 1, database, "k2");
        Assert.IsType<IdempotencyDecision.OfVersionBefore>(await keys.BeginAsync(Request(key: "k2"), Ct));
    }

    [Fact]
    public async Task A_path_of_8_kilobytes_is_a_request_like_any_other()
    {
        var path = "/a?" + Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4000));
        await _keys.CompleteAsync(await RunAsync(Request(path: path)), Answer, Ct);
        Assert.IsType<IdempotencyDecision.Replay>(await _keys.BeginAsync(Request(path: path), Ct));
    }

    [Fact]
    public async Task Keys_have_1_to_255_characters()
    {
        await RunAsync(Request(key: new string('k', 255)));
        await Assert.ThrowsAsync<ArgumentException>(() => _keys.BeginAsync(Request(key: new string('k', 256)), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => _keys.BeginAsync(Request(key: ""), Ct));
    }

    /// <summary>As that version wrote it.</summary>
    private Task<int> KeepAsVersionBeforeAsync(int? status, long leaseEnd, Database? database = null, string key = "k") => (database ?? _eim.Database).WriteAsync(
        session => session.ExecuteAsync(
            """
            INSERT INTO idempotency (organisation_id, idempotency_key, method, path, attempt, name, request_hash, created, lease_end, status, headers, body)
            VALUES (1, @key, 'POST', '/a', @attempt, @attempt, @hash, @now, @leaseEnd, @status, '{}', @hash)
            """,
            new
            {
                key,
                attempt = Guid.NewGuid().ToByteArray(),
                hash = IdempotentRequest.HashBody("body"u8),
                now = _eim.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
                leaseEnd,
                status,
            }),
        Ct);

    private static IdempotentRequest Request(long organisation = 1, long token = 1, string key = "k", string method = "POST", string path = "/a", string body = "body") =>
        new(organisation, token, key, method, path, IdempotentRequest.HashBody(System.Text.Encoding.UTF8.GetBytes(body)));

    private async Task<IdempotencyAttempt> RunAsync(IdempotentRequest request) =>
        Assert.IsType<IdempotencyDecision.Run>(await _keys.BeginAsync(request, Ct)).Attempt;

    private Task ActAndCompleteAsync(IdempotencyAttempt attempt, string effect) =>
        _eim.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO organisation (name, created) VALUES (@effect, 0)", new { effect });
                await IdempotencyKeys.CompleteAsync(session, attempt, Answer);
            },
            Ct);
}

public sealed class IdempotencyTestsOnSqlite() : IdempotencyTests(DbEngine.Sqlite);

public sealed class IdempotencyTestsOnPostgres() : IdempotencyTests(DbEngine.Postgres);
