using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Tests.Packages;

namespace OpenEim.Tests.Downloads;

/// <summary>Downloads that the device carries out itself: the trigger, its result, what the operation and the profiles become.</summary>
public abstract class TriggerTests(DbEngine engine)
{
    [Fact]
    public async Task Trigger_carries_the_activation_code_and_is_the_same_until_its_result_is_here()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync(code: ActivationCode.Parse("LPA:1$smdp.example.com$ABC-123$2.999.10"));

        var first = await lab.Device.PollAsync();
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(30));
        var second = await lab.Device.PollAsync();

        Assert.Equal(first, second);
        var trigger = Protocol.Ber.BerMessage.Decode<ProfileDownloadTriggerRequest>(first!);
        Assert.Equal("1$smdp.example.com$ABC-123$2.999.10", trigger.ActivationCode);
        Assert.NotNull(trigger.TransactionId);
    }

    [Fact]
    public async Task Signed_success_makes_the_profile_installed_and_is_acknowledged_each_time()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var result = lab.Installed(TransactionId.Random());

        var first = await lab.ProvideAsync(trigger, result);
        var second = await lab.ProvideAsync(trigger, result);

        Assert.Equal([100L], first.Acknowledgements!.SequenceNumbers);
        Assert.Equal([100L], second.Acknowledgements!.SequenceNumbers);
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Equal("8949000000000000009", (await lab.Engine.ReadAsync(lab.Device, operation)).Iccid);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed, 9 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Fact]
    public async Task Download_with_enable_sends_the_enable_package_next()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync(enable: true);
        var trigger = await lab.TriggerAsync();
        await lab.ProvideAsync(trigger, lab.Installed(await lab.RelayAsync(trigger)));
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.Device.RunAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Equal(EngineLab.Third, lab.Device.Card.EnabledProfile);
        Assert.Equal("1 Installed, 2 Installed, 3 Enabled", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Fact]
    public async Task Download_that_worked_and_enable_that_failed_is_failed_and_the_profile_installed()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009"); // the virtual card does not have it, so it refuses to enable it
        var operation = await lab.ScheduleAsync(enable: true);
        var trigger = await lab.TriggerAsync();
        await lab.RelayAsync(trigger);
        await lab.ProvideAsync(trigger, lab.Installed(lab.Smdp.LastSession));
        var enable = await lab.Device.PollAsync();

        await lab.Device.ProvideAsync(lab.Device.Execute(enable!));

        Assert.Equal("Failed 1001", await lab.StatusAsync(operation));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed, 9 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Theory]
    [InlineData(InstallationErrorReason.InsufficientMemory, "Failed 6010")]
    [InlineData(InstallationErrorReason.Scp03tSecurityError, "Failed 6008")]
    [InlineData(InstallationErrorReason.PeProcessingError, "Failed 6012")]
    public async Task Signed_failure_ends_the_operation_with_its_own_number(InstallationErrorReason reason, string expected)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        var answer = await lab.ProvideAsync(trigger, lab.NotInstalled(TransactionId.Random(), reason));

        Assert.Equal([100L], answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal(expected, await lab.StatusAsync(operation));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.Engine.ProfilesAsync(lab.Device));
        Assert.Null(await lab.Device.PollAsync());
    }

    [Fact]
    public async Task Unsigned_error_ends_the_operation_only_when_it_comes_for_the_third_time_and_changes_no_profile()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        await lab.ReportAsync(trigger, 104);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        await lab.Device.RunAsync();

        Assert.Equal("Failed 4104", await lab.StatusAsync(operation));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Fact]
    public async Task What_the_SMDP_answered_the_device_is_kept_with_its_codes_where_the_device_hands_it_on()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var refused = await lab.ScheduleAsync();
        await lab.ReportAsync(
            await lab.TriggerAsync(),
            response: """{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6","reasonCode":"3.8"}}}}""");
        await lab.Device.RunAsync();
        var told = await lab.ScheduleAsync();
        await lab.ReportAsync(await lab.TriggerAsync(), response: "no route to the SM-DP+");
        await lab.Device.RunAsync();

        Assert.Equal("Failed 7012 8.2.6/3.8", await lab.StatusAsync(refused));
        Assert.Equal(
            (4127, "the device did not download the profile and says: \"no route to the SM-DP+\""),
            ((await lab.Engine.ReadAsync(lab.Device, told)).Failure!.Reason, (await lab.Engine.ReadAsync(lab.Device, told)).Failure!.Message));
    }

    [Fact]
    public async Task Words_of_a_device_are_quoted_printable_and_short_and_codes_that_are_none_are_not_taken_for_the_SMDPs()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var words = await lab.ScheduleAsync();
        await lab.ReportAsync(await lab.TriggerAsync(), response: "<script>\u00e4\u0007\"" + new string('x', 300));
        await lab.Device.RunAsync();
        var codes = await lab.ScheduleAsync();
        await lab.ReportAsync(
            await lab.TriggerAsync(),
            response: """{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"call 0900-555","reasonCode":"3.8"}}}}""");
        await lab.Device.RunAsync();

        Assert.Equal(
            "the device did not download the profile and says: \"<script>....\" " + "",
            (await lab.Engine.ReadAsync(lab.Device, words)).Failure!.Message!.Replace(new string('x', 68), "", StringComparison.Ordinal) + " ");
        Assert.Equal("Failed 4127", await lab.StatusAsync(codes));
    }

    [Fact]
    public async Task Download_that_a_stranger_reports_failed_is_done_by_the_device()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var stranger = lab.Device.At("198.51.100.7");
        for (var second = 0; second < 600; second += 10)
        {
            var taken = await stranger.PollAsync();
            await stranger.ProvideAsync(new EimPackageResult(DownloadResult: new ProfileDownloadTriggerResult(null, null, 127)));
            lab.Engine.Clock.Advance(TimeSpan.FromSeconds(10));
            if (taken is not null && second >= 60)
            {
                break;
            }
        }

        var trigger = await lab.TriggerAsync();
        await lab.ProvideAsync(trigger, lab.Installed(TransactionId.Random()));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Result_signed_by_another_key_changes_nothing()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var other = lab.Engine.Pki.IssueEuicc(lab.Device.Eid);

        var answer = await lab.ProvideAsync(trigger, lab.Installed(TransactionId.Random(), other));

        Assert.Equal(ProvideEimPackageResultError.UndefinedError, answer.Error);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        Assert.Null(await lab.Device.PollAsync()); // held for a minute
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(trigger.TransactionId, (await lab.TriggerAsync()).TransactionId);
    }

    [Fact]
    public async Task Failure_after_a_second_delivery_is_looked_into_and_an_earlier_success_is_found_among_the_notifications()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var lost = lab.Installed(TransactionId.Random());
        await lab.ReportAsync(trigger);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        var request = Protocol.Ber.BerMessage.Decode<IpaEuiccDataRequest>((await lab.Device.PollAsync())!);
        Assert.Equal("A0", Convert.ToHexString(request.TagList.Span));
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(
            DataResponse: new IpaEuiccData { TransactionId = request.TransactionId, Notifications = [lost] }));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Contains("9 Installed", await lab.Engine.ProfilesAsync(lab.Device), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_after_a_second_delivery_stays_a_failure_when_nothing_is_found()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.ReportAsync(trigger);

        Assert.Equal(2, await lab.Device.RunAsync()); // notifications, profile list

        Assert.Equal("Failed 4127", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Nothing_heard_of_a_delivered_download_ends_as_no_result_and_an_undelivered_one_expires()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var delivered = await lab.ScheduleAsync(validity: 60);
        await lab.TriggerAsync();
        var waiting = await lab.ScheduleAsync(validity: 60);
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(20));

        await lab.Engine.SweepAsync();

        Assert.Equal("Failed 9003", await lab.StatusAsync(delivered));
        Assert.Equal("Expired", await lab.StatusAsync(waiting));
    }

    [Fact]
    public async Task Late_result_corrects_the_profile_and_leaves_the_operation()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var operation = await lab.ScheduleAsync(validity: 60);
        var trigger = await lab.TriggerAsync();
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(20));
        await lab.Engine.SweepAsync();

        await lab.ProvideAsync(trigger, lab.Installed(TransactionId.Random()));

        Assert.Equal("Failed 9003", await lab.StatusAsync(operation));
        Assert.Contains("9 Installed", await lab.Engine.ProfilesAsync(lab.Device), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Canceled_before_delivery_and_not_after()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var first = await lab.ScheduleAsync();
        var second = await lab.ScheduleAsync();
        await lab.TriggerAsync();

        Assert.Equal(CancelOutcome.Delivered, (await lab.Engine.CancelAsync(lab.Device, first)).Outcome);
        Assert.Equal(CancelOutcome.Canceled, (await lab.Engine.CancelAsync(lab.Device, second)).Outcome);
    }

    [Fact]
    public async Task Download_with_enable_is_contradicted_by_an_enable_that_was_scheduled_before()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, EngineLab.Second);
        var download = await lab.ScheduleAsync(enable: true);

        await lab.Device.RunAsync();

        Assert.Equal("Failed 9001", await lab.StatusAsync(download));
    }

    [Theory]
    [InlineData(IpaFeatures.MinimizeEsipaBytes, true, "Failed 8001")]
    [InlineData(IpaFeatures.IndirectRspServerCommunication, true, "Scheduled")]
    [InlineData(IpaFeatures.IndirectRspServerCommunication, false, "Failed 8002")]
    [InlineData(IpaFeatures.DirectRspServerCommunication, false, "Scheduled")]
    public async Task Capabilities_of_the_IPA_and_the_eIMs_setting_decide_whether_a_download_is_sent(IpaFeatures features, bool indirect, string expected)
    {
        await using var lab = await DownloadLab.StartAsync(engine, indirect: indirect);
        await lab.TellCapabilitiesAsync(features);
        var operation = await lab.ScheduleAsync();

        await lab.Device.PollAsync();

        Assert.Equal(expected, await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData(IpaFeatures.DirectRspServerCommunication, "Scheduled")]
    [InlineData(IpaFeatures.MinimizeEsipaBytes, "Failed 8001")]
    public async Task Claim_that_would_end_a_download_is_asked_for_again_first(IpaFeatures answer, string expected)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.TellCapabilitiesAsync(IpaFeatures.MinimizeEsipaBytes);
        lab.Engine.Clock.Advance(TimeSpan.FromHours(1));
        var operation = await lab.ScheduleAsync();

        var request = BerMessage.Decode<IpaEuiccDataRequest>((await lab.Device.PollAsync())!);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        await lab.Device.ProvideAsync(new EimPackageResult(
            DataResponse: lab.Device.Answer(request) with { IpaCapabilities = new IpaCapabilities(answer) }));
        await lab.Device.PollAsync();

        Assert.Equal(expected, await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Download_that_waits_for_a_claim_nobody_repeats_ends_by_the_old_one()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.TellCapabilitiesAsync(IpaFeatures.MinimizeEsipaBytes);
        lab.Engine.Clock.Advance(TimeSpan.FromHours(1));
        var operation = await lab.ScheduleAsync();
        await lab.Device.PollAsync();
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(16));

        await lab.Device.PollAsync();

        Assert.Equal("Failed 8001", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Activation_code_stands_nowhere_in_the_database_or_the_log_in_clear()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.ProvideAsync(trigger, null);

        Assert.True(await lab.Engine.Data.HoldsAsync(System.Text.Encoding.ASCII.GetBytes("operator")));
        Assert.False(await lab.Engine.Data.HoldsAsync(System.Text.Encoding.ASCII.GetBytes(FakeSmdp.MatchingId)));
        Assert.DoesNotContain(lab.Engine.Log.Lines, line => line.Contains(FakeSmdp.MatchingId, StringComparison.Ordinal));
    }
}

public sealed class TriggerTestsOnSqlite() : TriggerTests(DbEngine.Sqlite);

public sealed class TriggerTestsOnPostgres() : TriggerTests(DbEngine.Postgres);
