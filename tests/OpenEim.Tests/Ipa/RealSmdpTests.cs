using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Sgp32;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;
using OpenEim.Tests.Smdp;

namespace OpenEim.Tests.Ipa;

/// <summary>The virtual device against our own SM-DP+, both real, over TLS that is verified up to the CI.</summary>
public sealed class RealSmdpTests
{
    [Fact]
    public async Task A_profile_goes_from_the_stock_of_the_smdp_into_the_card()
    {
        await using var smdp = await SmdpBench.StartAsync(DbEngine.Sqlite, options => options with { Hosts = [] });
        await using var test = await StartAsync(smdp);
        var (iccid, matchingId) = await smdp.OrderAsync();
        Trigger(test, smdp, matchingId);

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.True(Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult is { IsSuccess: true }, Text(test));
        using var installed = ProfileTemplate.Parse(test.Device.ReadProfilePackage(iccid));
        Assert.Equal(iccid, installed.ReadSubscriber().Iccid);
        Assert.Equal(StockState.Installed, await smdp.StateOfAsync(iccid));
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task A_confirmation_code_that_the_device_lacks_ends_the_download_and_one_that_it_has_does_not()
    {
        await using var smdp = await SmdpBench.StartAsync(DbEngine.Sqlite, options => options with { Hosts = [] });
        await using var test = await StartAsync(smdp);
        var (iccid, matchingId) = await smdp.OrderAsync(test.Eid, confirmationCode: "4711");
        Trigger(test, smdp, matchingId);
        await test.PollAsync();
        Assert.Contains("confirmation code", Text(test), StringComparison.Ordinal);

        test.Restart(options => options with { Ipa = options.Ipa with { ConfirmationCode = "4711" } });
        Trigger(test, smdp, matchingId);
        await test.PollAsync();
        Assert.NotNull(test.Device.ReadProfilePackage(iccid));
    }

    [Fact]
    public async Task What_our_smdp_refuses_is_told_with_its_codes()
    {
        await using var smdp = await SmdpBench.StartAsync(DbEngine.Sqlite, options => options with { Hosts = [] });
        await using var test = await StartAsync(smdp);
        Trigger(test, smdp, "NO-SUCH-ID");

        await test.PollAsync();

        Assert.Contains("\"8.2.6\"", Text(test), StringComparison.Ordinal);
        Assert.Contains("\"3.8\"", Text(test), StringComparison.Ordinal);
    }

    private static async Task<TestFleet> StartAsync(SmdpBench smdp)
    {
        var test = await TestFleet.StartAsync(options => options with { Pki = CardPki.From(smdp.Pki) }, inFolder: true);
        test.Time.SetUtcNow(smdp.Clock.GetUtcNow());
        return test;
    }

    private static void Trigger(TestFleet test, SmdpBench smdp, string matchingId) => test.Eim.Enqueue(new ProfileDownloadTriggerRequest(
        $"1${smdp.Host.Address}${matchingId}", TransactionId: TransactionId.Random()).Encode());

    private static string Text(TestFleet test) =>
        test.Eim.Results[^1].DownloadResult!.ErrorResponse is { } response ? System.Text.Encoding.UTF8.GetString(response.Span) : "";
}
