using OpenEim.Device.Ipa;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Orders;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Power, networks and servers that go in the middle of a download: it ends in success, once.</summary>
public sealed class DownloadDisturbanceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "Failed 4127")]
    [InlineData(true, "Failed 7101")]
    public async Task Smdp_that_is_down_fails_the_operation_at_once_and_later_delivers(bool indirect, string outcome)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        await lab.Smdp.DisposeAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync().WaitAsync(Patience, Ct);

        Assert.Equal(outcome, await lab.StatusAsync(operation));
        Assert.Contains($"SM-DP+ {order.Address}", await lab.MessageAsync(operation), StringComparison.Ordinal);
        await lab.StartSmdpAgainAsync();
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);

        var later = await lab.DownloadAsync(order.ActivationCode, enable: true);
        await lab.PollAsync();
        Assert.Equal("Succeeded", await lab.StatusAsync(later));
        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notifications_for_an_smdp_that_is_away_are_kept_and_forwarded_when_it_is_back(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { ThroughProxy = true });
        var isAway = false;
        var refused = 0;
        lab.Proxy!.Carry = async passage =>
        {
            if (isAway)
            {
                Interlocked.Increment(ref refused);
                return null;
            }

            isAway = passage.Function == SmdpProxy.GetBoundProfilePackage;
            return await passage.Send();
        };
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);

        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        Assert.Equal((0, 0), (lab.Device.Inspect().PendingResults, lab.Device.Inspect().PendingNotifications));
        for (var before = refused; refused == before;)
        {
            // The eIM tries, in vain.
            lab.Clock.Advance(TimeSpan.FromSeconds(2));
            await lab.StatusAsync(operation);
        }

        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Downloaded);
        lab.Proxy.Carry = passage => passage.Send();
        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_lost_after_the_last_segment_and_before_reporting(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        lab.Device.Network.Settings = new NetworkSettings(PowerCut: true);
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);
        Assert.Equal(PollOutcome.PowerLost, (await lab.Device.PollOnceAsync(Ct)).Outcome);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        Assert.NotNull(lab.Device.ReadProfilePackage(order.Iccid));

        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_lost_before_the_first_segment(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var memory = new CuttingIpaMemory();
        var device = await lab.AddDeviceAsync(memory);
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode, euicc: 2);
        memory.BeforeLoading = device.PowerOff;
        Assert.Equal(PollOutcome.PowerLost, (await device.PollOnceAsync(Ct)).Outcome);
        Assert.Null(device.ReadProfilePackage(order.Iccid));
        Assert.Equal(StockState.Downloaded, await lab.StockAsync(order.Iccid));
        device.PowerOn();

        await lab.PollAsync(1); // it is asked what became of the package, and rests
        await lab.PollAsync(1);

        Assert.Equal("Succeeded", await lab.StatusAsync(operation, 2));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed, device: 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_lost_at_any_moment_while_the_card_takes_segments(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var memory = new CuttingIpaMemory();
        var device = await lab.AddDeviceAsync(memory);
        for (var round = 0; round < 10; round++)
        {
            var order = await lab.OrderAsync();
            var operation = await lab.DownloadAsync(order.ActivationCode, euicc: 2);
            var spins = round * 15_000;
            Thread? cut = null;
            memory.BeforeLoading = () =>
            {
                cut = new Thread(() =>
                {
                    Thread.SpinWait(spins);
                    device.PowerOff();
                });
                cut.Start();
            };
            await device.PollOnceAsync(Ct);
            cut!.Join();
            device.PowerOn();

            await lab.PollAsync(1); // it is asked what became of the package, and rests
            await lab.PollAsync(1);

            Assert.Equal("Succeeded", await lab.StatusAsync(operation, 2));
            await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed, device: 1);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Network_that_loses_every_third_answer(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        lab.Device.Network.Settings = new NetworkSettings(DropEvery: 3);
        OrderedProfile[] orders = [await lab.OrderAsync(), await lab.OrderAsync()];
        string[] operations = [await lab.DownloadAsync(orders[0].ActivationCode), await lab.DownloadAsync(orders[1].ActivationCode, enable: true)];

        for (var i = 0; i < 10; i++)
        {
            await lab.PollAsync();
        }

        Assert.Equal(["Succeeded", "Succeeded"], [await lab.StatusAsync(operations[0]), await lab.StatusAsync(operations[1])]);
        await lab.AgreeAsync(orders[0].Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        await lab.AgreeAsync(orders[1].Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
        Assert.Equal((0, 0), (lab.Device.Inspect().PendingResults, lab.Device.Inspect().PendingNotifications));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eim_restarted_between_trigger_and_result(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        lab.Device.Network.Settings = new NetworkSettings(PowerCut: true);
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);
        await lab.PollAsync();
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.RestartEimAsync();
        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Power_lost_while_the_package_is_under_way_and_the_eim_restarted_meanwhile(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { ThroughProxy = true });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);
        lab.Proxy!.Carry = async passage =>
        {
            var answer = await passage.Send();
            if (passage.Function == SmdpProxy.GetBoundProfilePackage)
            {
                lab.Device.PowerOff();
            }

            return answer;
        };
        Assert.Equal(PollOutcome.PowerLost, (await lab.Device.PollOnceAsync(Ct)).Outcome);
        Assert.Equal(StockState.Downloaded, await lab.StockAsync(order.Iccid));
        lab.Proxy.Carry = passage => passage.Send();

        await lab.RestartEimAsync();
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        lab.Device.PowerOn();
        await lab.PollAsync(); // it is asked what became of the package, and rests
        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Result_that_comes_after_the_operation_has_failed_corrects_what_is_known(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        lab.Device.Network.Settings = new NetworkSettings(PowerCut: true);
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true, validity: 600);
        await lab.PollAsync();
        lab.Clock.Advance(TimeSpan.FromMinutes(15));
        for (var i = 0; i < 200 && await lab.StatusAsync(operation) == "Scheduled"; i++)
        {
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("Failed 9003", await lab.StatusAsync(operation));

        await lab.PollAsync();

        Assert.Equal("Failed 9003", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        Assert.Equal((0, 0), (lab.Device.Inspect().PendingResults, lab.Device.Inspect().PendingNotifications));
    }

    [Theory]
    [InlineData(false, "authenticateClient")]
    [InlineData(false, SmdpProxy.GetBoundProfilePackage)]
    [InlineData(false, "handleNotification")]
    [InlineData(true, "authenticateClient")]
    [InlineData(true, SmdpProxy.GetBoundProfilePackage)]
    [InlineData(true, "handleNotification")]
    public async Task Smdp_restarted_in_the_middle(bool indirect, string before)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { ThroughProxy = true });
        var isRestarting = 0;
        var restarted = new TaskCompletionSource();
        lab.Proxy!.Carry = async passage =>
        {
            if (passage.Function == before && Interlocked.Exchange(ref isRestarting, 1) == 0)
            {
                await lab.RestartSmdpAsync();
                restarted.SetResult();
            }

            return await passage.Send();
        };
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        while (!restarted.Task.IsCompleted)
        {
            // The eIM forwards notifications in its own time.
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
            await lab.StatusAsync(operation);
        }

        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    /// <summary>An IPA's memory with which a test learns that the card is about to get a bound profile package.</summary>
    private sealed class CuttingIpaMemory : IIpaStateStore
    {
        private readonly MemoryIpaStateStore _inner = new();

        /// <summary>Runs once.</summary>
        public Action? BeforeLoading { get; set; }

        public IpaState Load() => _inner.Load();

        public void Save(IpaState state)
        {
            _inner.Save(state);
            if (state.Download is { SmdpTransactionId: not null, Answer: null } && BeforeLoading is { } run)
            {
                BeforeLoading = null;
                run();
            }
        }
    }
}
