using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>Which installation result ends a download: one of this download, whichever way it comes, and no other, however it is signed.</summary>
public abstract class InstallationResultTests(DbEngine engine)
{
    private static readonly Iccid New = Iccid.Parse("8949000000000000009");

    /// <summary>The ways in which an installation result comes.</summary>
    public enum Way
    {
        Trigger,
        OtherTrigger,
        Notification,
        Bundle,
        Data,
    }

    [Theory]
    [InlineData(Way.Trigger)]
    [InlineData(Way.OtherTrigger)]
    [InlineData(Way.Notification)]
    [InlineData(Way.Bundle)]
    [InlineData(Way.Data)]
    public async Task Result_of_an_earlier_download_ends_no_later_one(Way way)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var earlier = await lab.ScheduleAsync();
        var old = lab.Installed(TransactionId.Random());
        var oldTrigger = await lab.TriggerAsync();
        await lab.ProvideAsync(oldTrigger, old);
        await lab.Device.RunAsync(); // the list, on which the profile is not: it is Deleted, and could be downloaded again
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        await BringAsync(lab, way, way == Way.OtherTrigger ? oldTrigger : trigger, old);

        Assert.Equal(("Succeeded", "Scheduled"), (await lab.StatusAsync(earlier), await lab.StatusAsync(operation)));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed, 9 Deleted", await lab.Engine.ProfilesAsync(lab.Device));
        Assert.Equal(trigger.TransactionId, (await lab.TriggerAsync()).TransactionId);
    }

    [Theory]
    [InlineData(Way.Trigger)]
    [InlineData(Way.Notification)]
    public async Task New_result_of_another_SMDP_ends_nothing_and_tells_the_profile(Way way)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        lab.SignedAddress = "other.example.com";

        var answer = await BringAsync(lab, way, trigger, lab.Installed(TransactionId.Random()));

        Assert.Equal([100L], answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed, 9 Installed", await lab.Engine.ProfilesAsync(lab.Device));
    }

    [Fact]
    public async Task Known_number_under_another_signature_is_not_new()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var old = lab.Installed(TransactionId.Random());
        await lab.ScheduleAsync();
        await lab.ProvideAsync(await lab.TriggerAsync(), old);
        await lab.Device.RunAsync();
        var operation = await lab.ScheduleAsync();

        // ECDSA has many signatures over the same, and whoever has one can make another.
        var signed = old.SignedData.ToArray();
        var again = ProfileInstallationResult.Create(signed, lab.Card.Key.Sign(signed));
        Assert.NotEqual(old.Encoded.ToArray(), again.Encoded.ToArray());
        var answer = await lab.ProvideAsync(await lab.TriggerAsync(), again);

        Assert.Equal([100L], answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData(Way.Trigger)]
    [InlineData(Way.Notification)]
    public async Task New_result_for_a_profile_that_was_on_the_card_ends_nothing(Way way)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync(); // the result names the third profile
        var trigger = await lab.TriggerAsync();

        await BringAsync(lab, way, trigger, lab.Installed(TransactionId.Random()));

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        Assert.Equal(trigger.TransactionId, (await lab.TriggerAsync()).TransactionId);
    }

    [Fact]
    public async Task Result_of_another_downloads_session_is_that_ones_and_ends_no_other()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var first = await lab.ScheduleAsync(validity: 60);
        var session = await lab.RelayAsync(await lab.TriggerAsync());
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(20));
        await lab.Engine.SweepAsync();
        var second = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        var answer = await lab.ProvideAsync(trigger, lab.Installed(session));

        Assert.Equal([100L], answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal(("Failed 9003", "Scheduled"), (await lab.StatusAsync(first), await lab.StatusAsync(second)));
        Assert.Contains("9 Installed", await lab.Engine.ProfilesAsync(lab.Device), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Result_in_the_session_of_another_eUICC_ends_nothing()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var theirs = await lab.ScheduleAsync();
        var session = await lab.RelayAsync(await lab.TriggerAsync());
        var card = lab.Engine.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000002"));
        var other = await lab.Engine.NewDeviceAsync(2, card);
        await other.RunAsync();
        var ours = (await lab.Engine.ScheduleAllAsync(other, new NewOperation
        {
            Action = OperationAction.Download,
            ActivationCode = lab.Smdp.Code(),
            Validity = TimeSpan.FromHours(1),
        }))[0];
        var trigger = BerMessage.Decode<ProfileDownloadTriggerRequest>((await other.PollAsync())!);

        await other.ProvideAndLoseAnswerAsync(new EimPackageResult(
            DownloadResult: new ProfileDownloadTriggerResult(trigger.TransactionId, lab.Installed(session, card))));

        Assert.Equal(OperationStatus.Scheduled, (await lab.Engine.ReadAsync(other, ours)).Status);
        Assert.Equal("Scheduled", await lab.StatusAsync(theirs));
    }

    [Fact]
    public async Task Once_a_package_has_left_through_the_eIM_only_a_result_of_its_session_counts()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var session = await lab.RelayAsync(trigger);

        await lab.ProvideAsync(trigger, lab.Installed(TransactionId.Random()));
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.ProvideAsync(trigger, lab.Installed(session));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Notification_and_answer_in_either_order_end_a_download_once(bool relayed, bool notificationFirst)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var result = lab.Installed(relayed ? await lab.RelayAsync(trigger) : TransactionId.Random());

        await BringAsync(lab, notificationFirst ? Way.Bundle : Way.Trigger, trigger, result);
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        var updated = (await lab.Engine.ReadAsync(lab.Device, operation)).Updated;
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(1));
        var answer = await BringAsync(lab, notificationFirst ? Way.Trigger : Way.Bundle, trigger, result);

        Assert.Contains(100L, answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal(updated, (await lab.Engine.ReadAsync(lab.Device, operation)).Updated);
        Assert.Contains("9 Installed", await lab.Engine.ProfilesAsync(lab.Device), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signed_failure_of_an_earlier_download_fails_no_later_one()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var old = lab.NotInstalled(TransactionId.Random(), InstallationErrorReason.InsufficientMemory);
        var earlier = await lab.ScheduleAsync();
        await lab.ProvideAsync(await lab.TriggerAsync(), old);
        var later = await lab.ScheduleAsync();

        await lab.ProvideAsync(await lab.TriggerAsync(), old);

        Assert.Equal(("Failed 6010", "Scheduled"), (await lab.StatusAsync(earlier), await lab.StatusAsync(later)));
    }

    [Fact]
    public async Task Result_that_names_no_profile_does_not_end_a_direct_download_by_itself()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        lab.SignsIccid = false;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();

        await lab.ProvideAsync(trigger, lab.Installed(TransactionId.Random()));

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Check_does_not_find_a_profile_that_was_on_the_card_before()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var operation = await lab.ScheduleAsync(); // for the third profile, as the SM-DP+ announces
        var trigger = await lab.TriggerAsync();
        await lab.RelayAsync(trigger);
        await lab.ProvideAsync(trigger, null);

        await lab.Device.RunAsync();

        Assert.Equal("Failed 4127", await lab.StatusAsync(operation));
    }

    /// <summary>Brings an installation result.</summary>
    private static async Task<ProvideEimPackageResultResponse> BringAsync(
        DownloadLab lab, Way way, ProfileDownloadTriggerRequest trigger, ProfileInstallationResult result)
    {
        switch (way)
        {
            case Way.Trigger or Way.OtherTrigger:
                return await lab.ProvideAsync(trigger, result);
            case Way.Notification:
                // It names no EID, so it is found by a session of ours, if at all.
                await lab.NotifyAsync(result);
                goto case Way.Bundle;
            case Way.Bundle:
                return await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(UnsignedError(), [result]));
            default:
                return await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(DataResponse: new IpaEuiccData { Notifications = [result] }));
        }
    }

    private static EuiccPackageErrorUnsigned UnsignedError() => (EuiccPackageErrorUnsigned)BerMessage.Decode<EuiccPackageResult>(
        Convert.FromHexString("BF510CA20A800865696D2E74657374"));
}

public sealed class InstallationResultTestsOnSqlite() : InstallationResultTests(DbEngine.Sqlite);

public sealed class InstallationResultTestsOnPostgres() : InstallationResultTests(DbEngine.Postgres);
