using OpenEim.Manager.Operations;
using OpenEim.Manager.Restoration;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>A backup that is made in use, and an eIM that goes on with it although the eUICCs have gone on without it.</summary>
public abstract class RestorationTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restored_eIM_catches_up_with_its_eUICCs()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var before = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Second);
        await device.RunAsync();
        var backup = await lab.Data.BackUpAndRestoreAsync(lab.Database);
        var lost = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Third);
        await device.RunAsync();
        Assert.Equal("1 Installed, 2 Installed fallback, 3 Enabled", await lab.ProfilesAsync(device));

        await lab.GoOnWithAsync(backup);
        Assert.Equal(1, await new DatabaseRestoration(lab.Database).RunAsync(ct: Ct));
        device = device.Towards(lab.Eim);
        await device.RunAsync();

        Assert.Equal("1 Installed, 2 Installed fallback, 3 Enabled", await lab.ProfilesAsync(device));
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, before)).Status);
        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.ReadAsync(device, lost));
        var next = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.First);
        await device.RunAsync();
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, next)).Status);
        Assert.Equal(EngineLab.First, device.Card.EnabledProfile);
    }

    [Fact]
    public async Task Package_that_was_on_its_way_when_the_backup_was_made_is_sent_anew_or_told_from_its_result()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        Assert.NotNull(await device.PollAsync());
        var backup = await lab.Data.BackUpAndRestoreAsync(lab.Database);
        await device.RunAsync();

        await lab.GoOnWithAsync(backup);
        await new DatabaseRestoration(lab.Database).RunAsync(ct: Ct);
        device = device.Towards(lab.Eim);
        await device.RunAsync();

        // The eUICC enables what is enabled already: the standard's profileNotInDisabledState, which says what is so.
        var entry = await lab.ReadAsync(device, operation);
        Assert.NotEqual(OperationStatus.Scheduled, entry.Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }
}

public sealed class RestorationTestsOnSqlite() : RestorationTests(DbEngine.Sqlite);

public sealed class RestorationTestsOnPostgres() : RestorationTests(DbEngine.Postgres);
