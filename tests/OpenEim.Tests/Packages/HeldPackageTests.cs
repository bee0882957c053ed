using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Devices that bring no answer, or none that proves anything, and strangers who speak in a device's name (docs/decisions/0009).</summary>
public abstract class HeldPackageTests(DbEngine engine)
{
    [Fact]
    public async Task After_three_deliveries_within_a_minute_the_package_is_held_a_minute_then_two_then_four()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = await device.PollAsync();

        foreach (var minutes in new[] { 1, 2, 4, 8 })
        {
            Assert.Equal(package, await device.PollAsync());
            Assert.Equal(package, await device.PollAsync());
            Assert.Null(await device.PollAsync());
            lab.Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
            Assert.Null(await device.PollAsync());
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(package, await device.PollAsync());
        }

        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task After_five_such_rounds_the_operation_fails_and_the_next_one_goes_on_in_the_same_poll()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var silent = await lab.ScheduleAsync(device, OperationAction.Audit);
        var next = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var began = lab.Clock.GetUtcNow();

        byte[]? package = null;
        while ((await lab.ReadAsync(device, silent)).Status == OperationStatus.Scheduled)
        {
            package = await device.PollAsync();
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(lab.Clock.GetUtcNow() - began, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16));
        var failure = (await lab.ReadAsync(device, silent)).Failure!;
        Assert.Equal((9005, "the device does not answer this command"), (failure.Reason, failure.Message));
        await device.ProvideAsync(device.Execute(package!));
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, next)).Status);
    }

    [Fact]
    public async Task Device_that_polls_every_five_minutes_and_loses_an_answer_now_and_then_is_never_held()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        for (var poll = 0; poll < 9; poll++)
        {
            Assert.NotNull(await device.PollAsync());
            lab.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Trouble_says_since_when_and_why_and_goes_with_the_next_believable_answer()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        Assert.Null((await lab.ReadAsync(device)).Trouble);
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.PollAsync();
        await device.PollAsync();
        await device.PollAsync();
        lab.Clock.Advance(TimeSpan.FromSeconds(5));
        var since = lab.Clock.GetUtcNow();
        Assert.Null(await device.PollAsync());

        var trouble = (await lab.ReadAsync(device)).Trouble!;
        Assert.Equal((since, "the device takes its package again and again and does not answer it"), (trouble.Since, trouble.Message));
        lab.Clock.Advance(TimeSpan.FromSeconds(61));
        await device.RunAsync();

        Assert.Null((await lab.ReadAsync(device)).Trouble);
    }

    [Fact]
    public async Task Held_operation_is_canceled_and_its_late_result_corrects_the_profiles()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = (await device.PollAsync())!;
        await device.PollAsync();
        await device.PollAsync();
        Assert.Equal(CancelOutcome.Delivered, (await lab.CancelAsync(device, operation)).Outcome);
        Assert.Null(await device.PollAsync());

        Assert.Equal(CancelOutcome.Canceled, (await lab.CancelAsync(device, operation)).Outcome);
        await device.ProvideAsync(device.Execute(package));

        Assert.Equal(OperationStatus.Canceled, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
        Assert.Equal(CancelOutcome.Final, (await lab.CancelAsync(device, operation)).Outcome);
    }

    [Fact]
    public async Task Canceled_while_held_it_frees_the_queue_and_the_profile_list_is_read_anew()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var held = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var next = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        device.Execute((await device.PollAsync())!);
        await device.PollAsync();
        await device.PollAsync();
        Assert.Null(await device.PollAsync());
        await lab.CancelAsync(device, held);

        Assert.Equal(2, await device.RunAsync()); // the list, the delete

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, next)).Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Deleted", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Task_of_ours_that_nobody_answers_ends_and_the_operations_behind_it_go_on()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var list = await device.PollAsync(notifyStateChange: true);
        for (var second = 0; second < 16 * 60; second++)
        {
            var package = await device.PollAsync();
            if (package is not null && !package.SequenceEqual(list!))
            {
                await device.ProvideAsync(device.Execute(package));
                break;
            }

            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Theory]
    [InlineData("A2 with its transaction")]
    [InlineData("A2 without one")]
    [InlineData("A0 without a transaction")]
    public async Task Stranger_who_repeats_unsigned_errors_keeps_the_package_from_himself_alone(string kind)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var real = device.At("192.0.2.1");
        var stranger = device.At("198.51.100.7");
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        for (var second = 0; second < 50; second++)
        {
            await stranger.PollAsync();
            await stranger.ProvideAsync(UnsignedOf(kind, await TransactionInFlightAsync(lab, device)));
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await stranger.PollAsync());
        await real.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Device_behind_the_strangers_address_gets_its_package_on_the_connection_that_it_had_before()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var real = device.At("192.0.2.1", "its own", isEstablished: true);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        for (var number = 0; number < 10; number++)
        {
            await device.At("192.0.2.1", $"new {number}").PollAsync();
        }

        Assert.Null(await device.At("192.0.2.1", "another").PollAsync());
        await real.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Theory]
    [InlineData("A2 with its transaction", 9007)]
    [InlineData("A2 without one", 9007)]
    [InlineData("A0 without a transaction", 9008)]
    [InlineData("A0 with its transaction", 9008)]
    public async Task Unsigned_error_ends_the_operation_only_after_five_rounds(string kind, int reason)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var next = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var package = (await device.PollAsync())!;
        var error = UnsignedOf(kind, BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().TransactionId!.Value);
        foreach (var minutes in new[] { 1, 2, 4, 8 })
        {
            // However often it says so in the meantime.
            for (var i = 0; i < 5; i++)
            {
                await device.ProvideAsync(error);
            }

            Assert.Null(await device.PollAsync());
            lab.Clock.Advance(TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
            Assert.Equal(package, await device.PollAsync());
        }

        await device.ProvideAsync(error);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        await device.RunAsync();

        Assert.Equal(reason, (await lab.ReadAsync(device, operation)).Failure!.Reason);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, next)).Status);
    }

    [Fact]
    public async Task Unsigned_error_that_names_another_eIM_and_no_transaction_is_not_about_our_package()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = await device.PollAsync();

        await device.ProvideAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("another.eim", null, null))));

        Assert.Equal(package, await device.PollAsync());
    }

    [Fact]
    public async Task First_contact_that_nobody_answers_is_tried_for_ever_but_seldom()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync();
        var deliveries = 0;
        for (var second = 0; second < 6 * 3600; second += 5)
        {
            deliveries += await device.PollAsync() is null ? 0 : 1;
            lab.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.InRange(deliveries, 60, 90);
        lab.Clock.Advance(TimeSpan.FromMinutes(16));
        await device.RunAsync();
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    private static EimPackageResult UnsignedOf(string kind, TransactionId transaction) => kind switch
    {
        "A2 with its transaction" => new(BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", transaction, null))),
        "A2 without one" => new(BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", null, null))),
        "A0 without a transaction" => new(Error: new EimPackageResultError(null, EimPackageResultErrorCode.InvalidPackageFormat)),
        _ => new(Error: new EimPackageResultError(transaction, EimPackageResultErrorCode.UnknownPackage)),
    };

    private static async Task<TransactionId> TransactionInFlightAsync(EngineLab lab, HandDrivenIpa device) => TransactionId.FromBytes(
        (await lab.Database.ReadAsync(session => session.ExecuteScalarAsync<byte[]?>(
            "SELECT in_flight FROM euicc WHERE eid = @eid", new { eid = device.Eid.ToBytes() })))!);
}

public sealed class HeldPackageTestsOnSqlite() : HeldPackageTests(DbEngine.Sqlite);

public sealed class HeldPackageTestsOnPostgres() : HeldPackageTests(DbEngine.Postgres);
