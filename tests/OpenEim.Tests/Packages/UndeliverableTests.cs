using OpenEim.Manager.Operations;
using OpenEim.Storage;
using OpenEim.Tests.Downloads;

namespace OpenEim.Tests.Packages;

/// <summary>Rows that no package can be made of: each ends its own operation, and never a poll.</summary>
public abstract class UndeliverableTests(DbEngine engine)
{
    [Fact]
    public async Task Every_action_id_from_minus_1_to_300_ends_or_runs_and_the_operations_behind_it_go_on_in_the_same_poll()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var odd = new Dictionary<int, Guid>();
        for (var action = -1; action <= 300; action++)
        {
            odd[action] = await lab.ScheduleAsync(device, OperationAction.Audit);
            await ChangeAsync(lab, device, odd[action], $"action = {action}");
        }

        var good = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        // The audit and the unset of the fallback, which need no ICCID, run; all others end on the way.
        Assert.Equal(4, await device.RunAsync());

        foreach (var (action, operation) in odd.Where(pair => pair.Key is not (1 or 7)))
        {
            var entry = await lab.ReadAsync(device, operation);
            Assert.Equal((action, OperationStatus.Failed, action == 2 ? 8003 : 9006), (action, entry.Status, entry.Failure!.Reason));
        }

        Assert.Equal("cannot be delivered: action 300 has no eUICC package", (await lab.ReadAsync(device, odd[300])).Failure!.Message);
        Assert.Equal("cannot be delivered: it names no profile", (await lab.ReadAsync(device, odd[3])).Failure!.Message);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, odd[1])).Status);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, good)).Status);
        Assert.Single(lab.Log.Lines, line => line.Contains($"operation {odd[300]} with action 300 cannot be delivered", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("iccid = 'no ICCID at all!'")]
    [InlineData("iccid = ''")]
    [InlineData("action = 2, activation_code = NULL")]
    [InlineData("action = 2, step = 77")]
    [InlineData("step = 10")]
    [InlineData("step = 11")]
    public async Task Spoilt_operation_ends_and_the_next_one_goes_on(string change)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var spoilt = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Third);
        await ChangeAsync(lab, device, spoilt, change);
        var good = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        await device.RunAsync();

        Assert.NotEqual(OperationStatus.Scheduled, (await lab.ReadAsync(device, spoilt)).Status);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, good)).Status);
    }

    [Theory]
    [InlineData("kind = 0")]
    [InlineData("kind = 300")]
    [InlineData("request = @nothing")]
    [InlineData("request = @rubbish")]
    [InlineData("pollers = '[{'")]
    [InlineData("pollers = 'null'")]
    [InlineData("pollers = '[null]'")]
    [InlineData("pollers = '[{\"from\":\"\",\"connections\":null}]'")]
    public async Task Spoilt_exchange_ends_its_operation_at_most_and_the_next_one_goes_on(string change)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var spoilt = await lab.ScheduleAsync(device, OperationAction.Audit);
        var good = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.PollAsync();
        await ChangeExchangeAsync(lab, device, change);

        await device.RunAsync();

        var entry = await lab.ReadAsync(device, spoilt);
        var expected = change.StartsWith("pollers", StringComparison.Ordinal) ? OperationStatus.Succeeded : OperationStatus.Failed;
        Assert.Equal((expected, expected == OperationStatus.Failed ? 9006 : null), (entry.Status, entry.Failure?.Reason));
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, good)).Status);
    }

    [Fact]
    public async Task Spoilt_exchange_of_a_task_of_ours_is_packed_anew()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync();
        await device.PollAsync();
        await ChangeExchangeAsync(lab, device, "kind = 0");

        await device.RunAsync();

        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Trigger_that_cannot_be_decrypted_ends_its_download_and_the_next_operation_goes_on()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var download = await lab.ScheduleAsync();
        var good = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, EngineLab.Second);
        await lab.TriggerAsync();
        await ChangeExchangeAsync(lab.Engine, lab.Device, "request = @rubbish");

        await lab.Device.RunAsync();

        Assert.Equal("Failed 8003", await lab.StatusAsync(download));
        Assert.Equal("Succeeded", await lab.StatusAsync(good));
    }

    private static Task<int> ChangeAsync(EngineLab lab, HandDrivenIpa device, Guid operation, string change) => lab.Database.WriteAsync(
        session => session.ExecuteAsync(
            $"UPDATE operation SET {change} WHERE eid = @eid AND id = @id",
            new { eid = device.Eid.ToBytes(), id = operation.ToByteArray(bigEndian: true) }),
        TestContext.Current.CancellationToken);

    private static Task<int> ChangeExchangeAsync(EngineLab lab, HandDrivenIpa device, string change) => lab.Database.WriteAsync(
        session => session.ExecuteAsync(
            $"UPDATE exchange SET {change} WHERE eid = @eid AND answered IS NULL",
            new { eid = device.Eid.ToBytes(), nothing = Array.Empty<byte>(), rubbish = new byte[] { 0xBF, 0x51, 0x7F, 0x00 } }),
        TestContext.Current.CancellationToken);
}

public sealed class UndeliverableTestsOnSqlite() : UndeliverableTests(DbEngine.Sqlite);

public sealed class UndeliverableTestsOnPostgres() : UndeliverableTests(DbEngine.Postgres);
