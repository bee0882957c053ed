using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using OpenEim.Tests.Packages;

namespace OpenEim.Tests.Attacks;

/// <summary>Somebody who has no credential and knows an EID, beside the device that has it.</summary>
public abstract class StrangerTests(DbEngine engine)
{
    private static readonly EsipaCaller Elsewhere = new("203.0.113.9", "s", IsEstablished: true);

    [Fact]
    public async Task State_changes_that_a_stranger_tells_before_each_poll_do_not_keep_operations_from_the_device()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        lab.Clock.Advance(TimeSpan.FromSeconds(61)); // past the list of first contact
        var stranger = device.By(Elsewhere);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        var lists = 0;
        for (var poll = 0; poll < 10; poll++)
        {
            await stranger.PollAsync(notifyStateChange: true);
            if (await device.PollAsync() is not { } package)
            {
                continue;
            }

            lists += BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().Package.Psmos is [ListProfileInfo] ? 1 : 0;
            await device.ProvideAsync(device.Execute(package));
        }

        Assert.Equal((OperationStatus.Succeeded, 3), ((await lab.ReadAsync(device, operation)).Status, lists));
        lab.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, await device.RunAsync()); // what the last of them told is still looked into
        Assert.Null(await device.PollAsync());
    }

    [Fact]
    public async Task Genuine_results_and_notifications_sent_again_for_ever_change_and_store_nothing()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var stranger = device.By(Elsewhere);
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var enabled = device.Execute((await device.PollAsync())!);
        await device.ProvideAsync(enabled);
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.First);
        await device.RunAsync();
        var waiting = await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.PollAsync();
        var before = await RowsAsync(lab);

        for (var i = 0; i < 100; i++)
        {
            await stranger.ProvideAndLoseAnswerAsync(enabled, withEid: i % 2 == 0);
        }

        Assert.Equal(before, await RowsAsync(lab));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, waiting)).Status);
        await device.RunAsync();
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, waiting)).Status);
    }

    [Fact]
    public async Task Errors_between_the_devices_polls_do_not_fail_its_operation()
    {
        await using var lab = new EngineLab(engine);
        var device = (await lab.NewKnownDeviceAsync()).At("192.0.2.1", "d", isEstablished: true);
        var stranger = device.By(Elsewhere);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        for (var second = 0; second < 14 * 60; second++)
        {
            if (await stranger.PollAsync() is { } package)
            {
                var id = BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().TransactionId;
                await stranger.ProvideAndLoseAnswerAsync(
                    new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", id, null))));
            }

            await stranger.ProvideAndLoseAnswerAsync(new EimPackageResult(Error: new EimPackageResultError(null, EimPackageResultErrorCode.InvalidPackageFormat)));
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    private static Task<long> RowsAsync(EngineLab lab) => lab.Database.ReadAsync(async session =>
    {
        var sum = 0L;
        foreach (var table in new[] { "exchange", "notification", "profile", "operation" })
        {
            sum += await session.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}", new { });
        }

        return sum;
    }).AsTask();
}

public sealed class StrangerTestsOnSqlite() : StrangerTests(DbEngine.Sqlite);

public sealed class StrangerTestsOnPostgres() : StrangerTests(DbEngine.Postgres);
