using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>Many devices at once, on a clock that the test drives.</summary>
public sealed class FleetTests
{
    [Fact]
    public async Task Devices_poll_on_the_clock_and_stop_when_asked()
    {
        await using var test = await TestFleet.StartAsync(options => options with
        {
            Count = 5,
            Jitter = 0,
            MaxConcurrency = 2,
            ShareConnections = true,
            Ipa = Patient,
        });
        using var stop = new CancellationTokenSource();

        var running = test.Fleet.RunAsync(stop.Token);
        await Until(() => test.Eim.Requests.Count == 5);
        await AdvanceUntil(test, () => test.Eim.Requests.Count >= 10);
        await stop.CancelAsync();
        await running;

        var polled = test.Eim.Sent(0xBF4F).Select(body => BerMessage.Decode<GetEimPackageRequest>(body).Eid).Distinct().Order();
        Assert.Equal(Enumerable.Range(1, 5).Select(i => Eid.Parse($"890490320000000000000000000000{i:D2}")), polled);
        Assert.Equal(test.Fleet.Devices[3], test.Fleet.Find(Eid.Parse("89049032000000000000000000000004")));
    }

    [Fact]
    public async Task A_device_that_the_eim_refuses_is_heard_less_often()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Jitter = 0, PollInterval = TimeSpan.FromSeconds(10), Ipa = Patient });
        test.Eim.Empty = GetEimPackageError.EidNotFound;
        using var stop = new CancellationTokenSource();

        var running = test.Fleet.RunAsync(stop.Token);
        await Until(() => test.Eim.Requests.Count == 1);
        var before = test.Time.GetUtcNow();
        await AdvanceUntil(test, () => test.Eim.Requests.Count == 2);
        var pause = test.Time.GetUtcNow() - before;
        await stop.CancelAsync();
        await running;

        // Doubled. It may look longer: the clock runs on while the first answer is still on its way.
        Assert.True(pause >= TimeSpan.FromSeconds(20), $"the second poll came {pause} after the first");
    }

    [Fact]
    public async Task A_fleet_in_a_folder_is_the_same_fleet_the_next_time()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Count = 3 }, inFolder: true);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: false));
        await test.PollAsync();

        test.Restart(options => options with { EimConfiguration = test.Eim.Configuration().Encode() });

        Assert.Equal(
            [TestFleet.Second, TestFleet.First, TestFleet.First], test.Fleet.Devices.Select(device => device.Inspect().EnabledProfile!.Value));
        Assert.Equal(1, test.Device.Inspect().ExecutedPackages);
    }

    [Fact]
    public async Task A_malformed_eIM_configuration_stops_the_fleet_before_it_starts()
    {
        await using var test = await TestFleet.StartAsync();

        Assert.Throws<ProtocolException>(() => test.Restart(options => options with { EimConfiguration = new byte[] { 0xBF, 0x57, 0x01 } }));
    }

    [Fact]
    public void EIDs_follow_each_other_in_decimal() => Assert.Equal(
        Eid.Parse("89049032000000000000000000000010"),
        new FleetOptions { Profiles = _ => [], Pki = null!, EimConfiguration = default }.EidOf(9));

    // The clock runs on while a request is under way, which must not look like a lost answer.
    private static IpaOptions Patient => new() { RequestTimeout = TimeSpan.FromDays(1) };

    /// <summary>Waits for what runs on other threads. The clock of the devices stands still meanwhile.</summary>
    private static async Task Until(Func<bool> reached)
    {
        while (!reached())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task AdvanceUntil(TestFleet test, Func<bool> reached)
    {
        while (!reached())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            test.Time.Advance(TimeSpan.FromSeconds(0.001));
            await Task.Yield();
        }
    }
}
