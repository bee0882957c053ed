using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Packages that have run, says the eUICC, and whose results are gone; and cards that have gone on without us.</summary>
public abstract class LostResultTests(DbEngine engine)
{
    [Theory]
    [InlineData(OperationAction.Enable, 2)]
    [InlineData(OperationAction.Disable, 1)]
    [InlineData(OperationAction.Delete, 3)]
    [InlineData(OperationAction.SetFallback, 2)]
    [InlineData(OperationAction.UnsetFallback, 0)]
    [InlineData(OperationAction.Audit, 0)]
    public async Task Operation_whose_result_is_lost_succeeds_when_the_signed_list_shows_its_effect(OperationAction action, int profile)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, action, ProfileOf(profile));
        if (action == OperationAction.UnsetFallback)
        {
            await lab.ScheduleAsync(device, OperationAction.Audit);
        }

        var result = (EuiccPackageResultSigned)device.Execute((await device.PollAsync())!).PackageResult!;
        Assert.True(device.Functions.Remove(result.SequenceNumber!.Value));
        await device.RunAsync();

        Assert.Equal((OperationStatus.Succeeded, null), ((await lab.ReadAsync(device, operation)).Status, (await lab.ReadAsync(device, operation)).Failure));
        Assert.Equal(0, device.Card.PendingResults);
    }

    [Theory]
    [InlineData(OperationAction.Enable, 2)]
    [InlineData(OperationAction.Disable, 1)]
    [InlineData(OperationAction.Delete, 3)]
    public async Task Operation_that_ran_and_whose_answers_never_arrive_succeeds_when_the_signed_list_shows_its_effect(OperationAction action, int profile)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, action, ProfileOf(profile));
        device.Execute((await device.PollAsync())!);

        Assert.True(IsList(await PollUntilAnotherAsync(lab, device)));
        await device.RunAsync();

        Assert.Equal((OperationStatus.Succeeded, null), ((await lab.ReadAsync(device, operation)).Status, (await lab.ReadAsync(device, operation)).Failure));
    }

    [Fact]
    public async Task Operation_that_the_device_does_not_answer_fails_when_the_signed_list_does_not_show_its_effect()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        Assert.True(IsList(await PollUntilAnotherAsync(lab, device)));
        await device.RunAsync();

        Assert.Equal(9005, (await lab.ReadAsync(device, operation)).Failure!.Reason);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Theory]
    [InlineData(OperationAction.Enable, 2, "the profile is not enabled")]
    [InlineData(OperationAction.Disable, 1, "the profile is enabled")]
    [InlineData(OperationAction.Disable, 9, "the profile is not there")]
    [InlineData(OperationAction.Delete, 3, "the profile is there")]
    [InlineData(OperationAction.Delete, 9, "no such profile was ever there")]
    [InlineData(OperationAction.SetFallback, 2, "the profile is not the fallback")]
    public async Task Operation_whose_result_is_lost_fails_when_the_signed_list_contradicts(OperationAction action, int profile, string why)
    {
        await using var lab = new EngineLab(engine);
        var (device, identity) = await NewDeviceAsync(lab);
        var operation = await lab.ScheduleAsync(device, action, ProfileOf(profile));

        await ReplayAsync(device, identity, (await device.PollAsync())!);
        await device.RunAsync();

        var failure = (await lab.ReadAsync(device, operation)).Failure!;
        Assert.Equal(
            (9009, $"the result is lost, and the profile list that the eUICC has signed since then does not show its effect: {why}"),
            (failure.Reason, failure.Message));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Operation_whose_result_is_lost_and_whose_list_cannot_be_read_fails_as_a_replay()
    {
        await using var lab = new EngineLab(engine);
        var (device, identity) = await NewDeviceAsync(lab);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await ReplayAsync(device, identity, (await device.PollAsync())!);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!)); // no stored results
        var list = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();
        await device.ProvideAsync(Signed(identity, EuiccPackageErrorSigned.EncodeData(
            list.EimId, list.CounterValue, list.TransactionId, EuiccPackageErrorCode.EcallActive), EuiccPackageErrorSigned.Encode));

        await device.RunAsync();

        Assert.Equal(2004, (await lab.ReadAsync(device, operation)).Failure!.Reason);
    }

    [Fact]
    public async Task Result_that_turns_up_after_it_was_given_up_still_decides()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var package = (await device.PollAsync())!;
        var result = device.Execute(package);
        await device.ProvideAsync(device.Execute(package)); // replayError
        var fetch = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);
        await device.ProvideAsync(new EimPackageResult(DataResponse: new IpaEuiccData { TransactionId = fetch.TransactionId }));

        await device.ProvideAsync(result);

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Enabled, 2 Installed, 3 Deleted", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Removed_and_registered_again_the_eUICCs_packages_go_on_above_the_old_counter()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.RunAsync();
        var before = device.Card.Eims[0].Counter;

        await lab.RegisterAgainAsync(device);
        await device.RunAsync();
        await lab.RegisterAgainAsync(device);
        Assert.Equal(2, await device.RunAsync()); // identity, list

        Assert.Equal(before + 2, device.Card.Eims[0].Counter);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700)]
    [InlineData(50_000)]
    [InlineData(900_000)]
    public async Task Card_whose_counter_is_ahead_of_ours_is_caught_up_with_and_the_operation_runs(long ahead)
    {
        await using var lab = new EngineLab(engine);
        var (device, identity) = await NewDeviceAsync(lab);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var counter = device.Card.Eims[0].Counter;
        var packages = 0;
        while (await device.PollAsync() is { } package)
        {
            Assert.True(++packages < 30, "the eIM never catches up");
            if (package[1] == 0x51 && BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().CounterValue <= counter + ahead)
            {
                await ReplayAsync(device, identity, package);
            }
            else
            {
                await device.ProvideAsync(device.Execute(package));
            }
        }

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal(EngineLab.Second, device.Card.EnabledProfile);
    }

    [Fact]
    public async Task Card_that_calls_every_package_a_replay_gets_no_more_after_six_of_them()
    {
        await using var lab = new EngineLab(engine);
        var (device, identity) = await NewDeviceAsync(lab);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var packages = 0;
        while (await device.PollAsync() is { } package)
        {
            packages += package[1] == 0x51 ? 1 : 0;
            Assert.True(packages < 30, "the eIM never ends");
            if (package[1] == 0x51)
            {
                await ReplayAsync(device, identity, package);
            }
            else
            {
                await device.ProvideAsync(device.Execute(package));
            }
        }

        Assert.Equal(6, packages);
        Assert.Equal(2004, (await lab.ReadAsync(device, operation)).Failure!.Reason);
    }

    private static async Task<(HandDrivenIpa Device, RspIdentity Identity)> NewDeviceAsync(EngineLab lab)
    {
        var identity = lab.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000001"));
        var device = await lab.NewDeviceAsync(1, identity);
        await device.RunAsync();
        return (device, identity);
    }

    /// <summary>Polls every second, answering nothing, until something else than the package in flight comes.</summary>
    private static async Task<byte[]> PollUntilAnotherAsync(EngineLab lab, HandDrivenIpa device)
    {
        var first = await device.PollAsync();
        var next = first;
        for (var second = 0; second < 20 * 60 && (next is null || next.SequenceEqual(first!)); second++)
        {
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
            next = await device.PollAsync();
        }

        return next!;
    }

    private static bool IsList(byte[] package) => BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().Package.Psmos is [ListProfileInfo];

    /// <summary>The eUICC says that it has run a package that it has not.</summary>
    private static Task<ProvideEimPackageResultResponse> ReplayAsync(HandDrivenIpa device, RspIdentity identity, byte[] package)
    {
        var signed = BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned();
        return device.ProvideAsync(Signed(identity, EuiccPackageErrorSigned.EncodeData(
            signed.EimId, signed.CounterValue, signed.TransactionId, EuiccPackageErrorCode.ReplayError), EuiccPackageErrorSigned.Encode));
    }

    private static EimPackageResult Signed(RspIdentity identity, byte[] data, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, byte[]> encode) =>
        new(BerMessage.Decode<EuiccPackageResult>(encode(data, identity.Key.Sign(PackageSignature.Input(data, null)))));

    private static Iccid? ProfileOf(int profile) => profile switch
    {
        0 => null,
        1 => EngineLab.First,
        2 => EngineLab.Second,
        3 => EngineLab.Third,
        _ => Iccid.Parse("8949000000000000009"),
    };
}

public sealed class LostResultTestsOnSqlite() : LostResultTests(DbEngine.Sqlite);

public sealed class LostResultTestsOnPostgres() : LostResultTests(DbEngine.Postgres);
