using OpenEim.Manager.Operations;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>What each operation does on the card and in our books, and how operations follow upon each other.</summary>
public abstract class OperationTests(DbEngine engine)
{
    [Theory]
    [InlineData(EcCurve.P256)]
    [InlineData(EcCurve.BrainpoolP256r1)]
    public async Task First_contact_identifies_the_eUICC_and_reads_its_profiles(EcCurve curve)
    {
        await using var lab = new EngineLab(engine, curve);
        var device = await lab.NewDeviceAsync();

        Assert.Equal(2, await device.RunAsync());

        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
        var euicc = await lab.ReadAsync(device);
        Assert.NotNull(euicc.LastSynced);
        Assert.Null(euicc.LastAudited);
        Assert.Equal(0, device.Card.PendingResults);
    }

    [Fact]
    public async Task Enable_makes_the_profile_enabled_and_the_one_before_installed()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Equal(EngineLab.Second, device.Card.EnabledProfile);
        Assert.Equal(0, device.Card.PendingResults);
    }

    [Fact]
    public async Task Audit_takes_two_exchanges_and_sets_both_times()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Audit);

        Assert.Equal(2, await device.RunAsync());

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        var euicc = await lab.ReadAsync(device);
        Assert.Equal(lab.Clock.GetUtcNow(), euicc.LastAudited);
        Assert.Equal(lab.Clock.GetUtcNow(), euicc.LastSynced);
    }

    [Fact]
    public async Task Fallback_is_set_and_replaced_and_an_enabled_profile_cannot_have_it()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var set = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Second);
        var notAllowed = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Third);
        var enabled = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.First);
        var unset = await lab.ScheduleAsync(device, OperationAction.UnsetFallback);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, set)).Status);
        Assert.Equal(1402, (await lab.ReadAsync(device, notAllowed)).Failure!.Reason);
        Assert.NotNull((await lab.ReadAsync(device, enabled)).Failure);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, unset)).Status);
        Assert.Null(device.Card.FallbackProfile);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Delete_removes_a_disabled_profile_and_refuses_the_active_and_the_unknown()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var deleted = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var active = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.First);
        var unknown = await lab.ScheduleAsync(device, OperationAction.Delete, Protocol.Identifiers.Iccid.Parse("8949000000000000009"));

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, deleted)).Status);
        Assert.Equal(1202, (await lab.ReadAsync(device, active)).Failure!.Reason);
        Assert.Equal(1201, (await lab.ReadAsync(device, unknown)).Failure!.Reason);
        Assert.Equal("1 Enabled, 2 Installed, 3 Deleted", await lab.ProfilesAsync(device));
        Assert.Equal(2, device.Card.Profiles.Count);
    }

    [Fact]
    public async Task Of_two_contradicting_enables_only_the_first_applies_and_the_other_names_it()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var first = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var second = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Third);
        var same = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.First);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, first)).Status);
        var loser = await lab.ReadAsync(device, second);
        Assert.Equal((OperationStatus.Failed, 9001), (loser.Status, loser.Failure!.Reason));
        Assert.Contains(first.ToString(), loser.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(1402, (await lab.ReadAsync(device, same)).Failure!.Reason);
        Assert.Equal(EngineLab.Second, device.Card.EnabledProfile);
    }

    [Fact]
    public async Task Enable_scheduled_after_the_first_has_ended_is_no_contradiction()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.RunAsync();
        var second = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Third);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, second)).Status);
    }

    [Fact]
    public async Task Enable_and_then_delete_of_the_old_profile_both_succeed()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var delete = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.First);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, delete)).Status);
        Assert.Equal("1 Deleted, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Device_that_is_off_lets_the_operation_expire()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second, validity: 60);
        lab.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await lab.SweepAsync());
        lab.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, await lab.SweepAsync());

        var entry = await lab.ReadAsync(device, operation);
        Assert.Equal(OperationStatus.Expired, entry.Status);
        Assert.Equal(lab.Clock.GetUtcNow(), entry.Finalized);
        Assert.Null(entry.Failure);
        Assert.Null(await device.PollAsync());
        Assert.Equal(EngineLab.First, device.Card.EnabledProfile);
    }

    [Fact]
    public async Task Operation_dated_by_a_clock_that_was_ahead_waits_no_longer_than_one_of_today()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await lab.Database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE operation SET expiry = expiry + @by, deadline = deadline + @by", new { by = TimeSpan.FromDays(400).Ticks / TimeSpan.TicksPerMillisecond }),
            TestContext.Current.CancellationToken);

        Assert.Equal(0, await lab.SweepAsync());
        var longest = lab.Clock.GetUtcNow().AddHours(24).AddMinutes(15);
        Assert.Equal((OperationStatus.Scheduled, longest), ((await lab.ReadAsync(device, operation)).Status, (await lab.ReadAsync(device, operation)).Expiry));
        lab.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(15));
        Assert.Equal(1, await lab.SweepAsync());
        Assert.Equal(OperationStatus.Expired, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Delivered_without_a_result_fails_after_fifteen_minutes_and_the_late_result_corrects_the_profiles()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second, validity: 60);
        var package = await device.PollAsync();
        lab.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await lab.SweepAsync());
        lab.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await lab.SweepAsync());
        Assert.Equal(9003, (await lab.ReadAsync(device, operation)).Failure!.Reason);

        await device.ProvideAsync(device.Execute(package!));

        Assert.Equal(OperationStatus.Failed, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Null(await device.PollAsync());
    }

    [Fact]
    public async Task Undelivered_operation_can_be_canceled_and_a_delivered_one_cannot()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var delivered = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var waiting = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        await device.PollAsync();

        Assert.Equal(CancelOutcome.Canceled, (await lab.CancelAsync(device, waiting)).Outcome);
        Assert.NotEqual(CancelOutcome.Canceled, (await lab.CancelAsync(device, delivered)).Outcome);
        await device.RunAsync();

        Assert.Equal(OperationStatus.Canceled, (await lab.ReadAsync(device, waiting)).Status);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, delivered)).Status);
        Assert.Equal(3, device.Card.Profiles.Count);
    }

    [Fact]
    public async Task Rollback_fails_the_operation_and_the_previous_profile_stays_enabled()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second, rollback: true);
        device.Execute((await device.PollAsync())!);

        await device.ProvideAsync(new(device.RollBack()));

        var entry = await lab.ReadAsync(device, operation);
        Assert.Equal((OperationStatus.Failed, 9002), (entry.Status, entry.Failure!.Reason));
        Assert.StartsWith("rolled back", entry.Failure.Message, StringComparison.Ordinal);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Equal(ProfileState.Enabled, device.Card.Profiles.Single(profile => profile.Iccid == EngineLab.First).State);
    }

    [Fact]
    public async Task Rollback_after_the_first_result_was_taken_corrects_operation_and_profiles()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second, rollback: true);
        await device.ProvideAndLoseAnswerAsync(device.Execute((await device.PollAsync())!));
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);

        await device.ProvideAsync(new(device.RollBack()));

        Assert.Equal(9002, (await lab.ReadAsync(device, operation)).Failure!.Reason);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Null(await device.PollAsync());
    }

    [Fact]
    public async Task State_change_that_the_device_reports_is_read_without_anyone_asking()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Second);
        await device.RunAsync();
        device.Functions.ExecuteFallback();

        var package = await device.PollAsync(notifyStateChange: true);
        await device.ProvideAsync(device.Execute(package!));
        await device.RunAsync();

        Assert.Equal("1 Installed, 2 Enabled fallback, 3 Installed", await lab.ProfilesAsync(device));
    }
}

public sealed class OperationTestsOnSqlite() : OperationTests(DbEngine.Sqlite);

public sealed class OperationTestsOnPostgres() : OperationTests(DbEngine.Postgres);
