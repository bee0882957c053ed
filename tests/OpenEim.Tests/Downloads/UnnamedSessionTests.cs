using System.Security.Cryptography;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>Downloads that are begun without saying which eUICC asks (SGP.32 v1.0): who may, and how often.</summary>
public abstract class UnnamedSessionTests(DbEngine engine)
{
    private const int Begun = 0;
    private const int Refused = 52;
    private const int TooMany = 127;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(AllowV10.Off, SpokenVersion.V10, true, Refused)]
    [InlineData(AllowV10.Auto, SpokenVersion.Unknown, false, Refused)]
    [InlineData(AllowV10.Auto, SpokenVersion.Unknown, true, Begun)]
    [InlineData(AllowV10.Auto, SpokenVersion.V12, true, Refused)]
    [InlineData(AllowV10.Auto, SpokenVersion.V13, true, Refused)]
    [InlineData(AllowV10.Auto, SpokenVersion.V10, false, Begun)]
    [InlineData(AllowV10.On, SpokenVersion.V12, false, Begun)]
    public async Task Setting_and_the_version_that_the_waiting_device_speaks_decide(AllowV10 allow, SpokenVersion version, bool hasPolled, int expected)
    {
        await using var lab = await StartAsync(new EimOptions { AllowV10 = allow });
        await lab.SpeakAsync(version);
        await lab.ScheduleAsync();
        await lab.TriggerAsync();

        Assert.Equal(expected, await BeginAsync(lab, hasPolled ? lab.Polled : EsipaCaller.Unknown));
        Assert.Equal(expected == Begun ? 1 : 0, lab.Smdp.CountOf("initiateAuthentication"));
    }

    [Fact]
    public async Task Connection_that_polled_for_another_device_may_not()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.ScheduleAsync();
        await lab.TriggerAsync();
        await lab.SpeakAsync(SpokenVersion.Unknown);
        await lab.Engine.NewDeviceAsync(2);

        Assert.Equal(Refused, await BeginAsync(lab, EsipaCaller.Unknown with { LastPolled = Eid.Parse("89049032000000000000000000000002") }));
        Assert.Equal(Refused, await BeginAsync(lab, EsipaCaller.Unknown with { LastPolled = Eid.Parse("89049032000000000000000000000003") }));
    }

    [Fact]
    public async Task One_address_may_begin_eight_a_minute_and_all_together_sixteen_of_which_half_are_for_new_addresses()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        await lab.TriggerAsync();

        Assert.Equal(Enumerable.Repeat(Begun, 8).Append(TooMany).Append(TooMany), await BeginAsync(lab, "192.0.2.1", 10));
        for (var other = 2; other <= 9; other++)
        {
            Assert.Equal([Begun, TooMany], await BeginAsync(lab, $"192.0.2.{other}", 2));
        }

        Assert.Equal([TooMany], await BeginAsync(lab, "192.0.2.10", 1));
        Assert.Equal(16, lab.Smdp.CountOf("initiateAuthentication"));
        Assert.Equal((16, 16), (await CountAsync(lab, "relay"), await CountAsync(lab, "relay_answer")));
        Assert.Equal(10, await CountAsync(lab, "relay_unnamed")); // an address that is refused leaves no row
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal([Begun], await BeginAsync(lab, "192.0.2.10", 1));
    }

    [Fact]
    public async Task Address_that_has_got_the_trigger_has_as_many_again_that_strangers_cannot_use_up()
    {
        await using var lab = await StartAsync(new EimOptions { V10SessionsPerOperation = 2 });
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        await lab.Device.At("198.51.100.7").PollAsync();

        Assert.Equal([Begun, TooMany], await BeginAsync(lab, "192.0.2.1", 2));
        Assert.Equal([Begun], await BeginAsync(lab, "192.0.2.2", 1));
        Assert.Equal([TooMany], await BeginAsync(lab, "198.51.100.70", 1));
        Assert.Equal([Begun, TooMany], await BeginAsync(lab, "198.51.100.7", 2));
        Assert.Equal(3, lab.Smdp.CountOf("initiateAuthentication"));
    }

    [Fact]
    public async Task Transaction_of_a_trigger_leaves_half_of_its_sessions_to_new_addresses()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var begun = new List<int>();
        for (var i = 0; i < 41; i++)
        {
            var caller = EsipaCaller.Unknown with { Address = $"192.0.2.{i / 8}" };
            begun.Add((await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address), caller: caller)).ErrorCode ?? Begun);
        }

        // Four addresses with eight each; then the first session of the fifth and of the sixth.
        Assert.Equal([.. Enumerable.Repeat(Begun, 33), .. Enumerable.Repeat(TooMany, 7), Begun], begun);
    }

    [Fact]
    public async Task Device_that_proves_itself_does_not_count_any_more()
    {
        await using var lab = await StartAsync(new EimOptions { V10SessionsPerAddress = 1, V10SessionsPerOperation = 1 });
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync() with { TransactionId = null };

        for (var i = 0; i < 3; i++)
        {
            var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
            Assert.NotNull((await lab.SendAsync(lab.Authenticate(initiated))).Success);
        }

        Assert.Equal((Begun, TooMany), (await BeginAsync(lab, lab.Polled), await BeginAsync(lab, lab.Polled)));
    }

    [Fact]
    public async Task Refusals_of_the_SMDP_count_too_so_that_kept_answers_are_bounded()
    {
        await using var lab = await StartAsync(new EimOptions { V10SessionsPerAddress = 2 });
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        await lab.TriggerAsync();
        lab.Smdp.Refusals["initiateAuthentication"] = Protocol.Sgp22.StatusCodes.NoCommonCiKey;

        Assert.Equal([3, 3, TooMany], await BeginAsync(lab, "192.0.2.1", 3));
        Assert.Equal(2, await CountAsync(lab, "relay_answer"));
    }

    [Fact]
    public async Task Transaction_of_a_trigger_that_somebody_polled_begins_eight_sessions_a_minute_from_one_address_and_no_more()
    {
        await using var lab = await StartAsync(new EimOptions());
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        for (var i = 0; i < 20; i++)
        {
            await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        }

        Assert.Equal((8, 8), (await CountAsync(lab, "relay"), lab.Smdp.CountOf("initiateAuthentication")));
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(61));
        await lab.NotifyAsync(lab.Installed(await lab.RelayAsync(trigger)));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Errors_that_no_card_signs_reach_the_SMDP_once_for_each_session_and_function()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.ScheduleAsync();
        var initiated = await lab.SendAsync(DownloadLab.Initiate(await lab.TriggerAsync(), lab.Smdp.Address));
        var session = DownloadLab.SessionOf(initiated).Session;
        lab.Smdp.Refusals["authenticateClient"] = Protocol.Sgp22.StatusCodes.EuiccSignatureInvalid;
        lab.Smdp.Refusals["cancelSession"] = Protocol.Sgp22.StatusCodes.UnknownTransaction;

        for (var code = 1; code < 6; code++)
        {
            var error = new AuthenticateServerResponse(null, new AuthenticateResponseError(session, (AuthenticateErrorCode)code)).Encode();
            Assert.Equal(5, (await lab.SendAsync(new AuthenticateClientRequestEsipa(session, error))).ErrorCode);
            Assert.Equal(1, (await lab.SendAsync(new CancelSessionRequestEsipa(session, new CancelSessionResponse(null, (CancelSessionResponseError)code)))).ErrorCode);
        }

        Assert.Equal((1, 1), (lab.Smdp.CountOf("authenticateClient"), lab.Smdp.CountOf("cancelSession")));
        Assert.Equal(3, await CountAsync(lab, "relay_answer"));
    }

    [Fact]
    public async Task Sessions_whose_eUICC_did_not_prove_itself_and_counts_are_forgotten_after_an_hour()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.RelayAsync(trigger);
        await BeginAsync(lab, "192.0.2.1", 3);
        var sweep = new RelaySweep(lab.Engine.Database, lab.Engine.Clock);

        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(61));
        await sweep.RunOnceAsync(Ct);
        Assert.Equal((1, 0, 0), (await CountAsync(lab, "relay"), await CountAsync(lab, "relay_answer"), await CountAsync(lab, "relay_unnamed")));
        lab.Engine.Clock.Advance(TimeSpan.FromHours(24));
        await sweep.RunOnceAsync(Ct);
        Assert.Equal(0, await CountAsync(lab, "relay"));
    }

    [Fact]
    public async Task What_a_clock_has_dated_that_was_ahead_does_not_stay_until_that_day_nor_stop_sessions()
    {
        await using var lab = await StartAsync(new EimOptions { V10SessionsPerAddress = 1 });
        await lab.SpeakAsync(SpokenVersion.V10);
        await lab.ScheduleAsync();
        await lab.TriggerAsync();
        await BeginAsync(lab, "192.0.2.1", 1);
        await DateAsync(lab, lab.Engine.Clock.GetUtcNow().AddYears(1));
        Assert.Equal([Begun, TooMany], await BeginAsync(lab, "192.0.2.1", 2));

        await DateAsync(lab, lab.Engine.Clock.GetUtcNow().AddYears(1));
        var sweep = new RelaySweep(lab.Engine.Database, lab.Engine.Clock);
        await sweep.RunOnceAsync(Ct);
        Assert.Equal((2, 2, 2), (await CountAsync(lab, "relay"), await CountAsync(lab, "relay_answer"), await CountAsync(lab, "relay_unnamed")));
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(61));
        await sweep.RunOnceAsync(Ct);
        Assert.Equal((0, 0, 0), (await CountAsync(lab, "relay"), await CountAsync(lab, "relay_answer"), await CountAsync(lab, "relay_unnamed")));
    }

    [Fact]
    public async Task Claim_of_an_answer_that_a_clock_has_dated_that_was_ahead_is_taken_over()
    {
        await using var lab = await StartAsync(new EimOptions());
        await lab.ScheduleAsync();
        var request = DownloadLab.Initiate(await lab.TriggerAsync(), lab.Smdp.Address);
        await lab.Engine.Database.WriteAsync(
            session => session.ExecuteAsync(
                "INSERT INTO relay_answer (request_hash, created) VALUES (@Hash, @Then)",
                new { Hash = SHA256.HashData(request.Encode()), Then = lab.Engine.Clock.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds() }),
            Ct);

        Assert.NotNull((await lab.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(20), Ct)).Success);
    }

    private static Task<int> DateAsync(DownloadLab lab, DateTimeOffset time) => lab.Engine.Database.WriteAsync(
        async session =>
        {
            var parameters = new { Then = time.ToUnixTimeMilliseconds() };
            await session.ExecuteAsync("UPDATE relay SET created = @Then", parameters);
            await session.ExecuteAsync("UPDATE relay_answer SET created = @Then", parameters);
            return await session.ExecuteAsync("UPDATE relay_unnamed SET since = @Then", parameters);
        },
        Ct);

    private Task<DownloadLab> StartAsync(EimOptions options) => DownloadLab.StartAsync(engine, options: options);

    private static async Task<long> CountAsync(DownloadLab lab, string table) =>
        await lab.Engine.Database.ReadAsync(session => session.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"), Ct);

    /// <summary>The error, or 0 where a session began.</summary>
    private static async Task<int> BeginAsync(DownloadLab lab, EsipaCaller caller)
    {
        var answer = await lab.SendAsync(DownloadLab.Initiate(new ProfileDownloadTriggerRequest(), lab.Smdp.Address), caller: caller);
        Assert.True(answer.Success is null != answer.ErrorCode is null);
        return answer.ErrorCode ?? Begun;
    }

    private static async Task<IReadOnlyList<int>> BeginAsync(DownloadLab lab, string address, int count)
    {
        var outcomes = new List<int>();
        for (var i = 0; i < count; i++)
        {
            outcomes.Add(await BeginAsync(lab, EsipaCaller.Unknown with { Address = address }));
        }

        return outcomes;
    }
}

public sealed class UnnamedSessionTestsOnSqlite() : UnnamedSessionTests(DbEngine.Sqlite);

public sealed class UnnamedSessionTestsOnPostgres() : UnnamedSessionTests(DbEngine.Postgres);
