using OpenEim.Device;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Profiles from a real SM-DP+ into real cards, scheduled over REST, directly and through the eIM.</summary>
public sealed class DownloadSuccessTests
{
    /// <summary>The engines of eIM and SM-DP+, whether downloads go through the eIM, and the devices' version of SGP.32 and binding of ESipa; v1.0 devices download through the eIM alone.</summary>
    public static TheoryData<DbEngine, bool, Sgp32Version, EsipaBinding> Setups => new()
    {
        { DbEngine.Sqlite, false, Sgp32Version.V12, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, true, Sgp32Version.V12, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, true, Sgp32Version.V10, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, false, Sgp32Version.V13, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, true, Sgp32Version.V13, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, true, Sgp32Version.V10, EsipaBinding.Json },
        { DbEngine.Sqlite, false, Sgp32Version.V12, EsipaBinding.Json },
        { DbEngine.Sqlite, true, Sgp32Version.V12, EsipaBinding.Json },
        { DbEngine.Postgres, false, Sgp32Version.V12, EsipaBinding.Asn1 },
        { DbEngine.Postgres, true, Sgp32Version.V10, EsipaBinding.Asn1 },
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Download_installs_the_ordered_profile_and_everybody_hears_of_it(DbEngine engine, bool indirect, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Engine = engine, Sgp32 = sgp32, Binding = binding });
        var (iccid, code) = await lab.OrderThroughEimAsync();
        Assert.Equal("Released", await lab.ListedAsync(iccid));
        var operation = await lab.DownloadAsync(code);
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        Assert.Equal(DownloadInstallation.Factory(1), lab.Device.Inspect().EnabledProfile);
        Assert.Equal((0, 0), (lab.Device.Inspect().PendingResults, lab.Device.Inspect().PendingNotifications));
        var stocked = await lab.GetAsync($"/api/v1/profile/{iccid}");
        Assert.Equal("Installed", stocked["status"]!["description"]!.GetValue<string>());
        Assert.Equal(lab.Device.Eid.ToString(), stocked["euicc"]!["eid"]!.GetValue<string>());
        var read = await lab.GetAsync($"/api/v1/euicc/1/operation/{operation}");
        Assert.Equal(iccid.ToString(), read["iccid_with_luhn"]!.GetValue<string>());
    }

    [Fact]
    public async Task Key_used_again_after_a_day_orders_anew_though_its_first_order_was_cancelled()
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect: false);
        lab.Client.DefaultRequestHeaders.Add("Idempotency-Key", "pump-7");
        var first = await lab.OrderThroughEimAsync();
        Assert.Equal(first, await lab.OrderThroughEimAsync());
        using var cancelled = await lab.Client.DeleteAsync(new Uri(lab.Eim.ApiUrl, $"/api/v1/profile/{first.Iccid}"), Ct);
        Assert.True(cancelled.IsSuccessStatusCode);

        lab.Clock.Advance(TimeSpan.FromHours(25));
        await lab.RestartEimAsync(); // which logs in again
        var second = await lab.OrderThroughEimAsync();
        Assert.NotEqual(first.ActivationCode, second.ActivationCode);
        var operation = await lab.DownloadAsync(second.ActivationCode);
        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(second.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    [Fact]
    public async Task Smdp_tells_over_mutual_tls_what_the_device_could_not_tell_yet()
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(Indirect: false) { MutualTls = true });
        var (iccid, code) = await lab.OrderThroughEimAsync();
        var operation = await lab.DownloadAsync(code);
        lab.Device.Network.Settings = lab.Device.Network.Settings with { PowerCut = true };

        Assert.Equal(PollOutcome.PowerLost, (await lab.Device.PollOnceAsync(Ct)).Outcome);

        await lab.UntilListedAsync(iccid, "Downloaded");
        Assert.Equal("Scheduled", await lab.StatusAsync(operation));

        await lab.PollAsync();

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Download_with_enable_makes_the_new_profile_the_active_one(DbEngine engine, bool indirect, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Engine = engine, Sgp32 = sgp32, Binding = binding });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);

        await lab.PollAsync();
        if (sgp32 == Sgp32Version.V13)
        {
            // Its notification comes when the eIM has nothing left; what follows from it comes with the next poll.
            await lab.PollAsync();
        }

        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);
        Assert.Equal("Installed", await lab.ListedAsync(DownloadInstallation.Factory(1)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Download_with_enable_and_rollback_onto_a_dead_network_keeps_the_profile_and_comes_back(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        lab.Device.Network.Settings = new NetworkSettings(DeadProfiles: [order.Iccid.ToString()]);
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true, rollback: true);

        await lab.PollAsync();

        Assert.Equal("Failed 9002", await lab.StatusAsync(operation));
        Assert.StartsWith("rolled back", await lab.MessageAsync(operation), StringComparison.Ordinal);
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        Assert.Equal("Enabled", await lab.ListedAsync(DownloadInstallation.Factory(1)));
        Assert.Equal(DownloadInstallation.Factory(1), lab.Device.Inspect().EnabledProfile);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Contents_on_the_card_are_the_personalised_package_byte_for_byte(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        var installed = lab.Device.ReadProfilePackage(order.Iccid)!;
        using var subscriber = Assert.Single(await lab.Smdp.Profiles.ExportAsync([order.Iccid.ToString()], Ct));
        using var template = BuiltInTemplate.Create(DownloadInstallation.ProfileType, "Mobile");
        Assert.Equal(template.Personalise(subscriber), installed);

        using var onCard = ProfileTemplate.Parse(installed);
        using var read = onCard.ReadSubscriber();
        Assert.Equal(order.Iccid, onCard.HeaderIccid);
        Assert.Equal((subscriber.Iccid, subscriber.Imsi, subscriber.Algorithm), (read.Iccid, read.Imsi, read.Algorithm));
        Assert.Equal(subscriber.Key.ToArray(), read.Key.ToArray());
        Assert.Equal(subscriber.Opc.ToArray(), read.Opc.ToArray());
        Assert.Contains(read.Key.ToArray(), octet => octet != 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profile_replaced_by_a_new_one_is_deleted_and_the_smdp_hears_of_it(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var old = await lab.OrderAsync();
        await lab.DownloadAsync(old.ActivationCode, enable: true);
        await lab.PollAsync();
        var renewed = await lab.OrderAsync();
        string[] operations = [await lab.DownloadAsync(renewed.ActivationCode, enable: true), await lab.DeleteAsync(old.Iccid)];

        await lab.PollAsync();

        Assert.Equal(["Succeeded", "Succeeded"], [await lab.StatusAsync(operations[0]), await lab.StatusAsync(operations[1])]);
        await lab.AgreeAsync(old.Iccid, "Deleted", null, StockState.Deleted);
        await lab.AgreeAsync(renewed.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed);

        // What was installed once is not delivered again.
        var again = await lab.DownloadAsync(old.ActivationCode);
        await lab.PollAsync();
        Assert.Equal("Failed 7012 8.2.6/3.8", await lab.StatusAsync(again));
        await lab.AgreeAsync(old.Iccid, "Deleted", null, StockState.Deleted);
    }

    [Theory]
    [InlineData(DbEngine.Sqlite, false)]
    [InlineData(DbEngine.Sqlite, true)]
    [InlineData(DbEngine.Postgres, true)]
    public async Task Six_devices_at_once_get_each_its_own(DbEngine engine, bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Engine = engine, Devices = 6 });
        var scheduled = new List<(OrderedProfile Order, string Operation)>();
        for (var euicc = 1; euicc <= lab.Devices.Count; euicc++)
        {
            var order = await lab.OrderAsync();
            scheduled.Add((order, await lab.DownloadAsync(order.ActivationCode, enable: true, euicc: euicc)));
        }

        await Task.WhenAll(Enumerable.Range(0, lab.Devices.Count).Select(device => lab.PollAsync(device)));

        for (var device = 0; device < lab.Devices.Count; device++)
        {
            Assert.Equal("Succeeded", await lab.StatusAsync(scheduled[device].Operation, device + 1));
            await lab.AgreeAsync(scheduled[device].Order.Iccid, "Enabled", ProfileState.Enabled, StockState.Installed, device);
        }
    }
}
