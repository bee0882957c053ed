using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Orders;

namespace OpenEim.Tests.EndToEnd;

/// <summary>One activation code on two eUICCs at the same moment.</summary>
public sealed class DownloadRaceTests
{
    private const int Rounds = 10;

    private static readonly string[] Losses = ["Failed 7012 8.2.6/3.8", "Failed 7013 8.1.1/3.8", "Failed 7022 8.2/3.7"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_gets_the_profile_and_the_other_a_reason(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Devices = 2 });
        for (var round = 0; round < Rounds; round++)
        {
            await RaceAsync(lab);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_that_ask_for_the_package_in_the_same_moment_get_one(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Devices = 2, ThroughProxy = true });
        for (var round = 0; round < Rounds; round++)
        {
            var arrived = 0;
            var both = new TaskCompletionSource();
            lab.Proxy!.Carry = async passage =>
            {
                if (passage.Function == SmdpProxy.GetBoundProfilePackage)
                {
                    if (Interlocked.Increment(ref arrived) == 2)
                    {
                        both.SetResult();
                    }

                    await both.Task;
                }

                return await passage.Send();
            };

            Assert.Equal("Failed 7022 8.2/3.7", await RaceAsync(lab));
            Assert.Equal(2, arrived);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Package_that_has_left_for_one_eUICC_is_not_another_ones_whatever_becomes_of_the_first(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Devices = 2, ThroughProxy = true });
        var order = await lab.OrderAsync();
        string[] operations = [await lab.DownloadAsync(order.ActivationCode), await lab.DownloadAsync(order.ActivationCode, euicc: 2)];
        lab.Proxy!.Carry = async passage =>
        {
            var answer = await passage.Send();
            if (passage.Function == SmdpProxy.GetBoundProfilePackage)
            {
                lab.Device.PowerOff();
            }

            return answer;
        };
        await lab.PollAsync(0);
        lab.Proxy.Carry = passage => passage.Send();

        await lab.PollAsync(1);

        Assert.Equal("Failed 7013 8.1.1/3.8", await lab.StatusAsync(operations[1], 2));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Downloaded, device: 1);
        lab.Device.PowerOn();

        // Through the eIM, the device is first asked what became of the package, and rests once.
        await lab.PollAsync(0);
        await lab.PollAsync(0);
        Assert.Equal("Succeeded", await lab.StatusAsync(operations[0]));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Same_code_again_on_the_same_eUICC_before_the_smdp_has_heard_of_the_first(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { ThroughProxy = true });
        lab.Proxy!.Carry = async passage => passage.Function == "handleNotification" ? null : await passage.Send();
        var order = await lab.OrderAsync();
        string[] operations = [await lab.DownloadAsync(order.ActivationCode), await lab.DownloadAsync(order.ActivationCode)];

        await lab.PollAsync();

        Assert.Equal(["Succeeded", "Failed 5409"], [await lab.StatusAsync(operations[0]), await lab.StatusAsync(operations[1])]);
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Downloaded);
        lab.Proxy.Carry = passage => passage.Send();
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);

        // The failure of the second, which arrives last, takes nothing back.
        lab.Clock.Advance(TimeSpan.FromMinutes(2));
        await lab.PollAsync();
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    private static async Task<string> RaceAsync(DownloadInstallation lab)
    {
        var order = await lab.OrderAsync();
        string[] operations = [await lab.DownloadAsync(order.ActivationCode), await lab.DownloadAsync(order.ActivationCode, euicc: 2)];

        await Task.WhenAll(lab.PollAsync(0), lab.PollAsync(1));

        string[] outcomes = [await lab.StatusAsync(operations[0]), await lab.StatusAsync(operations[1], 2)];
        var winner = Assert.Single(Enumerable.Range(0, 2), device => outcomes[device] == "Succeeded");
        var loser = 1 - winner;
        Assert.Contains(outcomes[loser], Losses);
        Assert.Contains("the SM-DP+ refused the download: ", await lab.MessageAsync(operations[loser], loser + 1), StringComparison.Ordinal);
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed, winner);
        Assert.Null(lab.Devices[loser].ReadProfilePackage(order.Iccid));
        Assert.Null(await lab.ListedAsync(order.Iccid, loser + 1));
        return outcomes[loser];
    }
}
