using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>A device that polls once its bound profile package has left through the eIM: it is asked what became of that, and does not get the trigger again.</summary>
public abstract class PolledWhileDownloadingTests(DbEngine engine)
{
    private static readonly Iccid New = Iccid.Parse("8949000000000000009");

    [Fact]
    public async Task Device_is_asked_for_its_notifications_and_the_download_ends_by_them()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var installed = lab.Installed(await lab.RelayAsync(await lab.TriggerAsync()));

        var request = BerMessage.Decode<IpaEuiccDataRequest>((await lab.Device.PollAsync())!);
        Assert.Equal("A0", Convert.ToHexString(request.TagList.Span));
        await lab.Device.ProvideAndLoseAnswerAsync(new EimPackageResult(
            DataResponse: new IpaEuiccData { TransactionId = request.TransactionId, Notifications = [installed] }));

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Equal(1, lab.Smdp.CountOf("getBoundProfilePackage"));
    }

    [Fact]
    public async Task IPA_of_version_1_3_sends_its_notifications_only_when_the_eIM_has_nothing_left_and_downloads_once()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var downloads = 0;
        var queue = new Queue<ProfileInstallationResult>();

        // It does each package that it gets, and sends no notification before it is told that there is no other.
        for (var polls = 0; polls < 20 && await lab.StatusAsync(operation) == "Scheduled"; polls++)
        {
            var package = await lab.Device.PollAsync();
            switch (package?[1])
            {
                case 0x54:
                    downloads++;
                    queue.Enqueue(lab.Installed(await lab.RelayAsync(BerMessage.Decode<ProfileDownloadTriggerRequest>(package))));
                    break;
                case 0x52:
                    var request = BerMessage.Decode<IpaEuiccDataRequest>(package);
                    await lab.Device.ProvideAsync(new EimPackageResult(DataResponse: new IpaEuiccData { TransactionId = request.TransactionId }));
                    break;
                case 0x51:
                    await lab.Device.ProvideAsync(lab.Device.Execute(package));
                    break;
                default:
                    await lab.NotifyAsync(queue.Dequeue());
                    break;
            }
        }

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Equal((1, 1), (downloads, lab.Smdp.CountOf("getBoundProfilePackage")));
    }

    [Fact]
    public async Task Device_that_has_lost_its_package_rests_once_and_then_gets_the_same_trigger()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.RelayAsync(trigger);

        Assert.Equal(2, await lab.Device.RunAsync()); // notifications, profile list, and then nothing

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        var again = await lab.TriggerAsync();
        Assert.Equal(trigger.Encode(), again.Encode());
        var session = await lab.RelayAsync(again);
        Assert.Equal(2, await lab.Device.RunAsync());
        await lab.NotifyAsync(lab.Installed(session));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Device_that_reports_failure_while_it_is_asked_fails_the_download_when_nothing_is_found()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        lab.Smdp.Iccid = New;
        var operation = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await lab.RelayAsync(trigger);
        await lab.SendAsync(lab.Cancel(lab.Smdp.LastSession, CancelSessionReason.LoadBppExecutionError));

        await lab.Device.RunAsync();

        Assert.Equal("Failed 4605", await lab.StatusAsync(operation));
    }

    [Fact]
    public async Task Trigger_is_delivered_again_as_long_as_no_package_has_left()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        var initiated = await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
        Assert.Equal(trigger.Encode(), (await lab.TriggerAsync()).Encode());
        await lab.SendAsync(lab.Authenticate(initiated));
        Assert.Equal(trigger.Encode(), (await lab.TriggerAsync()).Encode());
    }
}

public sealed class PolledWhileDownloadingTestsOnSqlite() : PolledWhileDownloadingTests(DbEngine.Sqlite);

public sealed class PolledWhileDownloadingTestsOnPostgres() : PolledWhileDownloadingTests(DbEngine.Postgres);
