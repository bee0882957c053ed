using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using StatusCodes = OpenEim.Protocol.Sgp22.StatusCodes;

namespace OpenEim.Tests.Downloads;

/// <summary>Downloads through the eIM: what reaches the SM-DP+, what comes back, and what does not get through.</summary>
public abstract class RelayTests(DbEngine engine)
{
    [Fact]
    public async Task Signed_parts_reach_the_other_side_untouched_and_the_download_succeeds_by_its_result()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        var authenticate = lab.Authenticate(initiated);
        var authenticated = await lab.SendAsync(authenticate);
        var prepare = lab.Prepare(authenticated);
        var package = await lab.SendAsync(prepare);

        var calls = lab.Smdp.Calls.ToArray();
        Assert.Equal(["initiateAuthentication", "authenticateClient", "getBoundProfilePackage"], calls.Select(call => call.Function));
        var sent = RspJson.Read(calls[1].Body, Es9PlusJsonContext.Default.AuthenticateClientRequestJson);
        Assert.Equal(authenticate.AuthenticateServerResponse.ToArray(), sent.AuthenticateServerResponse!.Value.ToArray());
        var prepared = RspJson.Read(calls[2].Body, Es9PlusJsonContext.Default.GetBoundProfilePackageRequestJson);
        Assert.Equal(prepare.PrepareDownloadResponse.ToArray(), prepared.PrepareDownloadResponse!.Value.ToArray());
        Assert.EndsWith(Convert.ToHexString(FakeSmdp.Package), Convert.ToHexString(package.Success!.Value.Span), StringComparison.Ordinal);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed, 9 Downloaded", await lab.Engine.ProfilesAsync(lab.Device));

        await lab.ProvideAsync(trigger, lab.Installed(lab.Smdp.LastSession));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        var profile = (await lab.Engine.ReadAsync(lab.Device)).Profiles[3];
        Assert.Equal(("Downloaded", "Provider", true, false), (profile.Name, profile.OperatorName, profile.FallbackAllowed, profile.Preloaded));
    }

    [Fact]
    public async Task Notification_alone_is_the_outcome_where_no_result_comes()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var session = await lab.RelayAsync(trigger);

        await lab.NotifyAsync(lab.Installed(session));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Null(await lab.Device.PollAsync());
    }

    [Fact]
    public async Task Device_of_version_1_0_says_neither_EID_nor_transaction()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync() with { TransactionId = null };
        await lab.SpeakAsync(SpokenVersion.V10);

        var session = await lab.RelayAsync(trigger);
        await lab.NotifyAsync(lab.Installed(session));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData(IpaFeatures.IndirectRspServerCommunication, "")]
    [InlineData(IpaFeatures.IndirectRspServerCommunication | IpaFeatures.EimDownloadDataHandling, "0C0D4D41544348494E472D49442D31")]
    [InlineData(
        IpaFeatures.IndirectRspServerCommunication | IpaFeatures.EimCtxParams1Generation, "A21BA019800D4D41544348494E472D49442D31A108800412345678A100")]
    [InlineData(
        IpaFeatures.IndirectRspServerCommunication | IpaFeatures.EimCtxParams1Generation,
        "A225A023800D4D41544348494E472D49442D31A112800412345678A10082084976330052173094",
        "82084976330052173094")]
    public async Task Matching_id_and_context_with_the_IMEI_are_given_to_the_IPAs_that_want_them(IpaFeatures features, string expected, string imei = "")
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.TellCapabilitiesAsync(features, imei);
        await lab.ScheduleAsync();

        var initiated = await lab.SendAsync(DownloadLab.Initiate(await lab.TriggerAsync(), null));

        var arm = new BerReader(initiated.Success!.Value);
        var ok = arm.ReadConstructed(0xA0);
        ok.ReadTransactionId(0x80);
        ok.ReadEncoded(0x30);
        ok.ReadValue(0x5F37);
        ok.ReadValue(0x04);
        ok.ReadEncoded(0x30);
        Assert.Equal(expected, Convert.ToHexString(ok.Remaining.Span));
        Assert.True(await lab.Engine.Data.HoldsAsync(System.Text.Encoding.ASCII.GetBytes("operator")));
        Assert.False(await lab.Engine.Data.HoldsAsync(System.Text.Encoding.ASCII.GetBytes(FakeSmdp.MatchingId)));
    }

    [Fact]
    public async Task Relays_are_not_offered_where_the_eIM_is_not_set_up_for_them()
    {
        await using var lab = await DownloadLab.StartAsync(engine, indirect: false);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        Assert.Equal(127, (await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address))).ErrorCode);

        await lab.ReportAsync(trigger);
        await lab.Device.RunAsync();
        Assert.Equal("Failed 8002", await lab.StatusAsync(operation));
        Assert.Empty(lab.Smdp.Calls);
    }

    [Fact]
    public async Task Repeated_requests_get_the_identical_answer_and_reach_the_SMDP_once_on_whichever_node()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var other = lab.Engine.NewNode();
        var initiate = DownloadLab.Initiate(trigger, lab.Smdp.Address);

        var initiated = await lab.SendAsync(initiate);
        Assert.Equal(initiated.Encode(), (await lab.SendAsync(initiate, other)).Encode());
        var authenticate = lab.Authenticate(initiated);
        var authenticated = await lab.SendAsync(authenticate, other);
        Assert.Equal(authenticated.Encode(), (await lab.SendAsync(authenticate)).Encode());
        var prepare = lab.Prepare(authenticated);
        var package = await lab.SendAsync(prepare);
        Assert.Equal(package.Encode(), (await lab.SendAsync(prepare, other)).Encode());

        Assert.Equal(3, lab.Smdp.Calls.Count);
    }

    [Fact]
    public async Task Repeated_request_at_the_same_moment_reaches_the_SMDP_once()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var initiate = DownloadLab.Initiate(await lab.TriggerAsync(), lab.Smdp.Address);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => lab.SendAsync(initiate)));

        Assert.Single(answers.Select(answer => Convert.ToHexString(answer.Encode())).Distinct());
        Assert.Equal(1, lab.Smdp.CountOf("initiateAuthentication"));
    }

    [Theory]
    [InlineData("initiateAuthentication", "8.8.2", "3.1", 3, "Failed 7002 8.8.2/3.1")]
    [InlineData("initiateAuthentication", "8.8.1", "3.8", 1, "Failed 7001 8.8.1/3.8")]
    [InlineData("authenticateClient", "8.2.6", "3.8", 6, "Failed 7012 8.2.6/3.8")]
    [InlineData("authenticateClient", "8.1.1", "3.8", 7, "Failed 7013 8.1.1/3.8")]
    [InlineData("authenticateClient", "8.8.5", "4.10", 8, "Failed 7017 8.8.5/4.10")]
    [InlineData("getBoundProfilePackage", "8.8.5", "4.10", 6, "Failed 7017 8.8.5/4.10")]
    [InlineData("getBoundProfilePackage", "8.2.7", "2.2", 2, "Failed 7019 8.2.7/2.2")]
    [InlineData("getBoundProfilePackage", "8.2", "3.7", 5, "Failed 7022 8.2/3.7")]
    [InlineData("getBoundProfilePackage", "1.2", "3.4", 127, "Failed 7099 1.2/3.4")]
    public async Task Refusal_of_the_SMDP_is_told_to_the_device_and_kept_with_its_codes(
        string function, string subject, string reason, int code, string expected)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        lab.Smdp.Refusals[function] = new StatusCode(subject, reason);
        await lab.TellInfo1Async();
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        var answer = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        if (answer.ErrorCode is null)
        {
            answer = await lab.SendAsync(lab.Authenticate(answer));
        }

        if (answer.ErrorCode is null)
        {
            answer = await lab.SendAsync(lab.Prepare(answer));
        }

        Assert.Equal(code, answer.ErrorCode);
        Assert.Equal(expected, await lab.StatusAsync(operation));
        Assert.Null((await lab.ProvideAsync(trigger, null)).Error);
        Assert.Equal(expected, await lab.StatusAsync(operation));
        Assert.Null(await lab.Device.PollAsync());
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Theory]
    [InlineData("authenticateClient", 18)]
    [InlineData("getBoundProfilePackage", 127)]
    public async Task Expired_order_is_told_to_an_IPA_of_version_1_3_with_its_own_number(string function, int code)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Refusals[function] = StatusCodes.OrderExpired;
        await lab.ScheduleAsync();
        var v13 = EsipaCaller.Unknown with { SpeaksV13 = true };

        var answer = await lab.SendAsync(DownloadLab.Initiate(await lab.TriggerAsync(), lab.Smdp.Address), caller: v13);
        answer = await lab.SendAsync(lab.Authenticate(answer), caller: v13);
        if (answer.ErrorCode is null)
        {
            answer = await lab.SendAsync(lab.Prepare(answer), caller: v13);
        }

        Assert.Equal(code, answer.ErrorCode);
    }

    [Fact]
    public async Task Refusal_that_echoes_an_earlier_success_is_looked_into_first()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var installed = lab.Installed(await lab.RelayAsync(trigger)); // its result is lost, the device begins again
        lab.Smdp.Refusals["authenticateClient"] = StatusCodes.MatchingIdRefused;
        var again = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        Assert.Equal(6, (await lab.SendAsync(lab.Authenticate(again))).ErrorCode);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        var request = BerMessage.Decode<IpaEuiccDataRequest>((await lab.Device.PollAsync())!);
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(
            DataResponse: new IpaEuiccData { TransactionId = request.TransactionId, Notifications = [installed] }));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task SMDP_that_is_down_fails_cleanly_and_the_devices_error_then_ends_the_operation()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.TellInfo1Async();
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        lab.Smdp.HttpStatus = 503;

        var answer = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));

        Assert.Equal(127, answer.ErrorCode);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        await lab.ProvideAsync(trigger, null);
        Assert.Equal("Failed 7101", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task SMDP_that_does_not_answer_is_given_up_in_time_and_the_same_request_may_be_tried_again()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var initiate = DownloadLab.Initiate(trigger, lab.Smdp.Address);
        lab.Smdp.Hangs = true;

        var waiting = lab.SendAsync(initiate);
        await lab.Smdp.Arrived.WaitAsync(TestContext.Current.CancellationToken);
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Equal(127, (await waiting.WaitAsync(TestContext.Current.CancellationToken)).ErrorCode);

        lab.Smdp.Hangs = false;
        Assert.NotNull((await lab.SendAsync(initiate)).Success);
        await lab.ReportAsync(trigger);
        await lab.Device.RunAsync();
        Assert.Equal("Failed 4127", await lab.StatusAsync(operation)); // what was wrong before the session began is forgotten
    }

    [Fact]
    public async Task TLS_certificate_of_a_trusted_CI_is_accepted_and_of_a_foreign_one_not()
    {
        await using var trusted = await DownloadLab.StartAsync(engine, pki => pki.IssueDpTls(["127.0.0.1"]));
        await trusted.ScheduleAsync();
        Assert.NotNull((await trusted.SendAsync(DownloadLab.Initiate(await trusted.TriggerAsync(), trusted.Smdp.Address))).Success);

        await using var foreign = await DownloadLab.StartAsync(engine, pki => pki.IssueDpTls(["127.0.0.1"], issuer: pki.IssueCi()));
        var operation = await foreign.ScheduleAsync();
        var trigger = await foreign.TriggerAsync();
        Assert.Equal(127, (await foreign.SendAsync(DownloadLab.Initiate(trigger, foreign.Smdp.Address))).ErrorCode);
        await foreign.ProvideAsync(trigger, null);
        Assert.Equal("Failed 7103", await foreign.StatusAsync(operation));
        Assert.Empty(foreign.Smdp.Calls);
    }

    [Fact]
    public async Task TLS_certificate_for_another_host_or_another_role_is_not_accepted()
    {
        await using var host = await DownloadLab.StartAsync(engine, pki => pki.IssueDpTls(["smdp.example.com"]));
        await host.ScheduleAsync();
        Assert.Equal(127, (await host.SendAsync(DownloadLab.Initiate(await host.TriggerAsync(), host.Smdp.Address))).ErrorCode);
        await using var role = await DownloadLab.StartAsync(engine, pki => pki.IssueEimTls(["127.0.0.1"]));
        await role.ScheduleAsync();
        Assert.Equal(127, (await role.SendAsync(DownloadLab.Initiate(await role.TriggerAsync(), role.Smdp.Address))).ErrorCode);
    }

    [Fact]
    public async Task Address_and_OID_must_be_those_of_the_activation_code()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        Assert.Equal(50, (await lab.SendAsync(DownloadLab.Initiate(trigger, "other.example.com"))).ErrorCode);
        Assert.Empty(lab.Smdp.Calls);
        lab.Smdp.SignedAddress = "other.example.com";
        Assert.Equal(50, (await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address))).ErrorCode);

        await using var oid = await DownloadLab.StartAsync(engine);
        var operation = await oid.ScheduleAsync(code: oid.Smdp.Code(oid: "2.999.11"));
        Assert.Equal(51, (await oid.SendAsync(DownloadLab.Initiate(await oid.TriggerAsync(), oid.Smdp.Address))).ErrorCode);
        Assert.Equal("Failed 7107", await oid.StatusAsync(operation));

        await using var right = await DownloadLab.StartAsync(engine);
        await right.ScheduleAsync(code: right.Smdp.Code(oid: TestPki.DefaultDpOid));
        Assert.NotNull((await right.SendAsync(DownloadLab.Initiate(await right.TriggerAsync(), right.Smdp.Address))).Success);
    }

    [Fact]
    public async Task Request_without_a_download_under_way_is_refused()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var trigger = new ProfileDownloadTriggerRequest(TransactionId: TransactionId.Random());
        Assert.Equal(52, (await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address))).ErrorCode);
        Assert.Equal(52, (await lab.SendAsync(DownloadLab.Initiate(new ProfileDownloadTriggerRequest(), lab.Smdp.Address))).ErrorCode);
        var session = TransactionId.Random();
        Assert.Equal(10, (await lab.SendAsync(new AuthenticateClientRequestEsipa(session, Convert.FromHexString("BF3800")))).ErrorCode);
        Assert.Equal(95, (await lab.SendAsync(new GetBoundProfilePackageRequestEsipa(session, Convert.FromHexString("BF2100")))).ErrorCode);
        Assert.Equal(1, (await lab.SendAsync(lab.Cancel(session, CancelSessionReason.Timeout))).ErrorCode);
        Assert.Empty(lab.Smdp.Calls);
    }

    [Fact]
    public async Task Another_eUICC_cannot_take_over_a_session()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        var other = lab.Engine.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000002"));
        var forged = lab.Engine.Pki.IssueEuicc(lab.Device.Eid, issuer: lab.Engine.Pki.IssueEum(issuer: lab.Engine.Pki.IssueCi()));

        Assert.Equal(7, (await lab.SendAsync(lab.Authenticate(initiated, other))).ErrorCode);
        Assert.Equal(3, (await lab.SendAsync(lab.Authenticate(initiated, forged))).ErrorCode);
        var authenticated = await lab.SendAsync(lab.Authenticate(initiated));
        Assert.Equal(1, (await lab.SendAsync(lab.Prepare(authenticated, other))).ErrorCode);
        Assert.Equal(2, (await lab.SendAsync(lab.Cancel(lab.Smdp.LastSession, CancelSessionReason.Timeout, other))).ErrorCode);
        await lab.NotifyAsync(lab.Installed(lab.Smdp.LastSession, other));

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        Assert.Equal(["initiateAuthentication", "authenticateClient"], lab.Smdp.Calls.Select(call => call.Function));
        Assert.NotNull((await lab.SendAsync(lab.Prepare(authenticated))).Success);
    }

    [Fact]
    public async Task Cancel_is_handed_on_with_the_eUICCs_signature_and_ends_the_operation()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        await lab.SendAsync(lab.Authenticate(initiated));

        var cancel = lab.Cancel(lab.Smdp.LastSession, CancelSessionReason.PprNotAllowed);
        var answer = await lab.SendAsync(cancel);

        Assert.Equal("BF4102A000", Convert.ToHexString(answer.Encode()));
        var sent = RspJson.Read(lab.Smdp.Calls.Last().Body, Es9PlusJsonContext.Default.CancelSessionRequestJson).ToMessage();
        Assert.Equal(CancelSessionReason.PprNotAllowed, sent.CancelSessionResponse.Ok!.ReadSigned().Reason);
        Assert.Equal("Failed 4603", await lab.StatusAsync(operation));
        Assert.Equal(answer.Encode(), (await lab.SendAsync(cancel)).Encode());
        Assert.Equal(1, lab.Smdp.CountOf("cancelSession"));
    }

    [Fact]
    public async Task Package_that_could_not_be_loaded_is_explained_by_its_own_result()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var session = await lab.RelayAsync(trigger);
        await lab.SendAsync(lab.Cancel(session, CancelSessionReason.LoadBppExecutionError));
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.ProvideAsync(trigger, lab.NotInstalled(session, InstallationErrorReason.InsufficientMemory));

        Assert.Equal("Failed 6010", await lab.StatusAsync(operation));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }
}

public sealed class RelayTestsOnSqlite() : RelayTests(DbEngine.Sqlite);

public sealed class RelayTestsOnPostgres() : RelayTests(DbEngine.Postgres);
