using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>What an IPA does when power or network go: nothing lost, nothing twice, rollback and fallback (SGP.32 3.4, 3.5).</summary>
public sealed class NetworkLossTests
{
    [Fact]
    public async Task A_device_that_loses_power_between_executing_and_reporting_reports_after_the_restart()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: false));
        test.Device.Network.Settings = new NetworkSettings(PowerCut: true);

        Assert.Equal(PollOutcome.PowerLost, (await test.PollAsync()).Outcome);
        Assert.Empty(test.Eim.Sent(0xBF50));
        Assert.Equal(1, test.Device.Inspect().PendingResults);
        test.Restart();
        Assert.Equal(new PollReport(PollOutcome.Idle), await test.PollAsync());

        // The stored result comes first, before anything is asked for.
        Assert.Equal([0xBF4Fu, 0xBF50u, 0xBF4Fu], test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        Assert.Equal(
            new CommandResult(EuiccCommand.Enable, 0),
            Assert.Single(Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult).Results));
        var card = test.Device.Inspect();
        Assert.Equal((0, 1L, TestFleet.Second), (card.PendingResults, card.ExecutedPackages, card.EnabledProfile!.Value));
    }

    [Fact]
    public async Task An_enable_with_rollback_onto_a_dead_profile_is_rolled_back_and_the_new_result_delivered()
    {
        await using var test = await TestFleet.StartAsync();
        test.SetNetwork(TestFleet.Second);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: true));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        var signed = Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult);
        Assert.Contains(new CommandResult(EuiccCommand.Rollback, 0), signed.Results);
        var card = test.Device.Inspect();
        Assert.Equal((TestFleet.First, 0, 1L), (card.EnabledProfile!.Value, card.PendingResults, card.ExecutedPackages));
    }

    [Fact]
    public async Task A_rollback_that_a_power_cut_came_before_still_happens()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        test.SetNetwork(TestFleet.Second);
        test.Device.Network.Settings = test.Device.Network.Settings with { PowerCut = true };
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: true));
        await test.PollAsync();
        test.Restart();

        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        Assert.Contains(
            new CommandResult(EuiccCommand.Rollback, 0),
            Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult).Results);
        Assert.Equal(TestFleet.First, test.Device.Inspect().EnabledProfile);
    }

    [Fact]
    public async Task Without_the_rollback_flag_the_result_waits_until_the_new_profile_has_a_network()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { FallbackAfterFailedPolls = 0 } });
        test.SetNetwork(TestFleet.Second);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: false));

        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        Assert.Empty(test.Eim.Sent(0xBF50));
        test.SetNetwork();
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        Assert.Single(test.Eim.Results);
        Assert.Equal((TestFleet.Second, 1L), (test.Device.Inspect().EnabledProfile!.Value, test.Device.Inspect().ExecutedPackages));
    }

    [Fact]
    public async Task After_three_polls_without_network_the_device_falls_back_and_tells_the_eim_why()
    {
        await using var test = await TestFleet.StartAsync();
        test.SetNetwork(TestFleet.First);

        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        Assert.Equal(TestFleet.First, test.Device.Inspect().EnabledProfile);
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        Assert.Equal(TestFleet.Fallback, test.Device.Inspect().EnabledProfile);
        var told = BerMessage.Decode<GetEimPackageRequest>(Assert.Single(test.Eim.Sent(0xBF4F)));
        Assert.Equal((true, StateChangeCause.Fallback), (told.NotifyStateChange, told.Cause!.Value));

        await test.PollAsync();
        Assert.False(BerMessage.Decode<GetEimPackageRequest>(test.Eim.Sent(0xBF4F)[1]).NotifyStateChange);
    }

    [Fact]
    public async Task A_fallback_is_told_even_when_the_device_restarts_before_it_could_be()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        test.SetNetwork(TestFleet.First, TestFleet.Fallback);
        for (var i = 0; i < 3; i++)
        {
            await test.PollAsync();
        }

        Assert.Empty(test.Eim.Requests);
        Assert.Equal(TestFleet.Fallback, test.Device.Inspect().EnabledProfile);
        test.SetNetwork(TestFleet.First);
        test.Restart();
        await test.PollAsync();

        Assert.Equal(StateChangeCause.Fallback, BerMessage.Decode<GetEimPackageRequest>(Assert.Single(test.Eim.Sent(0xBF4F))).Cause);
        test.Restart();
        await test.PollAsync();
        Assert.Null(BerMessage.Decode<GetEimPackageRequest>(test.Eim.Sent(0xBF4F)[1]).Cause);
    }

    [Fact]
    public async Task A_device_returns_from_fallback_when_asked_and_tells_the_eim()
    {
        await using var test = await TestFleet.StartAsync();
        test.SetNetwork(TestFleet.First);
        for (var i = 0; i < 3; i++)
        {
            await test.PollAsync();
        }

        test.SetNetwork();
        Assert.Equal(ReturnFromFallbackResult.Ok, test.Device.ReturnFromFallback());
        await test.PollAsync();

        Assert.Equal(TestFleet.First, test.Device.Inspect().EnabledProfile);
        Assert.True(BerMessage.Decode<GetEimPackageRequest>(test.Eim.Sent(0xBF4F)[^1]).NotifyStateChange);
    }

    [Fact]
    public async Task A_silent_eim_is_no_reason_to_fall_back()
    {
        await using var test = await TestFleet.StartAsync();
        test.Device.Network.Settings = new NetworkSettings(DropEvery: 1);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(PollOutcome.Unreachable, (await test.PollAsync()).Outcome);
        }

        Assert.Equal(TestFleet.First, test.Device.Inspect().EnabledProfile);
    }

    [Fact]
    public async Task A_device_that_is_off_does_nothing()
    {
        await using var test = await TestFleet.StartAsync();
        test.Device.PowerOff();
        Assert.Equal(PollOutcome.Off, (await test.PollAsync()).Outcome);
        test.Device.PowerOn();
        test.Device.Network.Settings = new NetworkSettings(Off: true);
        Assert.Equal(PollOutcome.Off, (await test.PollAsync()).Outcome);
        Assert.Empty(test.Eim.Requests);

        test.Device.Network.Settings = new NetworkSettings();
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);
    }

    [Fact]
    public async Task A_human_edits_the_network_in_its_file_while_the_device_runs()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        await EditAsync($$"""{"off":false,"dead_profiles":["{{TestFleet.First}}"],"drop_every":0}""", 1);
        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        await EditAsync("""{"off":fal""", 2);
        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        await EditAsync("""{"off":true}""", 3);
        Assert.Equal(PollOutcome.Off, (await test.PollAsync()).Outcome);
        await EditAsync("{}", 4);
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        async Task EditAsync(string json, int minutes)
        {
            var path = test.FileOf("network.json");
            await File.WriteAllTextAsync(path, json, TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(path, TestFleet.Now.UtcDateTime.AddMinutes(minutes));
        }
    }
}
