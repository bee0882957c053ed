using OpenEim.Device;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Security;
using OpenEim.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The main job over its real interfaces: REST in, HTTPS with the pinned key to the device, the card's own signature back.</summary>
public sealed class MainJobTests
{
    private const int Audit = 1;
    private const int Enable = 3;
    private const int Delete = 5;

    /// <summary>The engines of the eIM's data, with the versions of SGP.32 and the bindings of ESipa that devices in the field speak.</summary>
    public static TheoryData<DbEngine, Sgp32Version, EsipaBinding> Setups => new()
    {
        { DbEngine.Sqlite, Sgp32Version.V10, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, Sgp32Version.V12, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, Sgp32Version.V13, EsipaBinding.Asn1 },
        { DbEngine.Sqlite, Sgp32Version.V10, EsipaBinding.Json },
        { DbEngine.Sqlite, Sgp32Version.V12, EsipaBinding.Json },
        { DbEngine.Sqlite, Sgp32Version.V13, EsipaBinding.Json },
        { DbEngine.Postgres, Sgp32Version.V10, EsipaBinding.Asn1 },
        { DbEngine.Postgres, Sgp32Version.V12, EsipaBinding.Asn1 },
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Enable_is_delivered_executed_proved_and_read(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        Assert.Equal("Enabled, Installed, Installed", await eim.ProfilesAsync());
        var operation = await eim.ScheduleAsync(3, Installation.Iccid(2));
        Assert.Equal("Scheduled", await eim.StatusAsync(operation));

        Assert.Equal(PollOutcome.Idle, (await device.PollOnceAsync(Ct)).Outcome);

        Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        Assert.Equal("Installed, Enabled, Installed", await eim.ProfilesAsync());
        var card = device.Inspect();
        Assert.Equal(Installation.Iccid(2), card.EnabledProfile);
        Assert.Equal((0, 0), (card.PendingResults, card.PendingNotifications));
    }

    [Fact]
    public async Task Whole_path_on_brainpoolP256r1()
    {
        await using var eim = await Installation.StartAsync(curve: EcCurve.BrainpoolP256r1);
        Assert.All(
            new[] { eim.Host.Pki.Roots[0], eim.Host.Pki.Eim!.Certificate },
            certificate => Assert.Equal(EcCurve.BrainpoolP256r1, certificate.PublicKey.Curve));
        var device = eim.Fleet.Devices[0];
        var before = device.Inspect();
        string[] operations =
        [
            await eim.ScheduleAsync(Audit), await eim.ScheduleAsync(Enable, Installation.Iccid(2)), await eim.ScheduleAsync(Delete, Installation.Iccid(3)),
        ];

        Assert.Equal(PollOutcome.Idle, (await device.PollOnceAsync(Ct)).Outcome);

        foreach (var operation in operations)
        {
            Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        }

        Assert.Equal("Installed, Enabled, Deleted", await eim.ProfilesAsync());
        var card = device.Inspect();
        Assert.Equal((before.ExecutedPackages + 3, 0, 0), (card.ExecutedPackages, card.PendingResults, card.PendingNotifications));
    }

    [Fact]
    public async Task Device_that_is_off_lets_its_operation_expire_and_does_nothing_when_it_comes_back()
    {
        await using var eim = await Installation.StartAsync();
        var device = eim.Fleet.Devices[0];
        var executed = device.Inspect().ExecutedPackages;
        var operation = await eim.ScheduleAsync(Enable, Installation.Iccid(2), validity: 600);
        device.Network.Settings = new NetworkSettings(Off: true);
        Assert.Equal(PollOutcome.Off, (await device.PollOnceAsync(Ct)).Outcome);

        eim.Clock.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal("Scheduled", await eim.StatusAsync(operation));
        eim.Clock.Advance(TimeSpan.FromSeconds(3));
        await eim.UntilAsync(operation, "Expired");

        device.Network.Settings = new NetworkSettings();
        Assert.Equal(PollOutcome.Idle, (await device.PollOnceAsync(Ct)).Outcome);
        Assert.Equal("Enabled, Installed, Installed", await eim.ProfilesAsync());
        Assert.Equal(executed, device.Inspect().ExecutedPackages);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Of_two_contradicting_enables_only_the_first_is_applied(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        var executed = device.Inspect().ExecutedPackages;
        var first = await eim.ScheduleAsync(Enable, Installation.Iccid(2));
        var second = await eim.ScheduleAsync(Enable, Installation.Iccid(3));

        await device.PollOnceAsync(Ct);

        Assert.Equal(("Succeeded", "Failed 9001"), (await eim.StatusAsync(first), await eim.StatusAsync(second)));
        Assert.Equal("Installed, Enabled, Installed", await eim.ProfilesAsync());
        Assert.Equal(executed + 1, device.Inspect().ExecutedPackages);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Enable_with_rollback_onto_a_dead_profile_comes_back(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        device.Network.Settings = new NetworkSettings(DeadProfiles: [Installation.Iccid(2).ToString()]);
        var operation = await eim.ScheduleAsync(3, Installation.Iccid(2), rollback: true);

        await device.PollOnceAsync(Ct);

        Assert.Equal("Failed 9002", await eim.StatusAsync(operation));
        Assert.Equal("Enabled, Installed, Installed", await eim.ProfilesAsync());
        Assert.Equal(Installation.Iccid(1), device.Inspect().EnabledProfile);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Power_lost_after_executing_and_before_reporting_ends_in_success_executed_once(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        var executed = device.Inspect().ExecutedPackages;
        device.Network.Settings = new NetworkSettings(PowerCut: true);
        var operation = await eim.ScheduleAsync(3, Installation.Iccid(2));
        Assert.Equal(PollOutcome.PowerLost, (await device.PollOnceAsync(Ct)).Outcome);
        Assert.Equal("Scheduled", await eim.StatusAsync(operation));

        await device.PollOnceAsync(Ct);

        Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        Assert.Equal(executed + 1, device.Inspect().ExecutedPackages);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Network_that_loses_every_third_answer_executes_nothing_twice_and_loses_nothing(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        var executed = device.Inspect().ExecutedPackages;
        device.Network.Settings = new NetworkSettings(DropEvery: 3);
        string[] operations =
        [
            await eim.ScheduleAsync(3, Installation.Iccid(2)),

            // v1.0 has no fallback attribute.
            sgp32 == Sgp32Version.V10 ? await eim.ScheduleAsync(Audit) : await eim.ScheduleAsync(4, Installation.Iccid(1)),
            await eim.ScheduleAsync(5, Installation.Iccid(3)), await eim.ScheduleAsync(1),
        ];

        for (var i = 0; i < 10; i++)
        {
            await device.PollOnceAsync(Ct);
        }

        foreach (var operation in operations)
        {
            Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        }

        var card = device.Inspect();
        Assert.Equal(executed + 4, card.ExecutedPackages);
        Assert.Equal((0, 0), (card.PendingResults, card.PendingNotifications));
        Assert.Equal("Installed, Enabled, Deleted", await eim.ProfilesAsync());
    }

    [Fact]
    public async Task Fallback_by_the_device_itself_corrects_the_state_without_anyone_asking()
    {
        await using var eim = await Installation.StartAsync();
        var device = eim.Fleet.Devices[0];
        await eim.ScheduleAsync(4, Installation.Iccid(2));
        await device.PollOnceAsync(Ct);
        device.Network.Settings = new NetworkSettings(DeadProfiles: [Installation.Iccid(1).ToString()]);

        await device.PollOnceAsync(Ct);

        Assert.Equal("Installed, Enabled, Installed", await eim.ProfilesAsync());
        Assert.Equal(Installation.Iccid(2), device.Inspect().EnabledProfile);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Restart_of_the_eIM_between_delivery_and_result_loses_nothing(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(engine: engine, sgp32: sgp32, binding: binding);
        var device = eim.Fleet.Devices[0];
        device.Network.Settings = new NetworkSettings(PowerCut: true);
        var operation = await eim.ScheduleAsync(3, Installation.Iccid(2));
        await device.PollOnceAsync(Ct);

        await eim.RestartHostAsync();
        await device.PollOnceAsync(Ct);

        Assert.Equal("Succeeded", await eim.StatusAsync(operation));
        Assert.Equal("Installed, Enabled, Installed", await eim.ProfilesAsync());
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public async Task Twenty_devices_at_once_all_succeed(DbEngine engine, Sgp32Version sgp32, EsipaBinding binding)
    {
        await using var eim = await Installation.StartAsync(20, engine: engine, sgp32: sgp32, binding: binding);
        foreach (var id in Enumerable.Range(1, 20))
        {
            await eim.PostAsync($"/api/v1/euicc/{id}/operation", new System.Text.Json.Nodes.JsonArray(
                System.Text.Json.Nodes.JsonNode.Parse("""{"action":{"id":1}}""")));
        }

        await Task.WhenAll(eim.Fleet.Devices.Select(device => device.PollOnceAsync(Ct)));

        foreach (var id in Enumerable.Range(1, 20))
        {
            var operations = await eim.GetAsync($"/api/v1/euicc/{id}/operation");
            Assert.Equal("Succeeded", operations[0]!["status"]!["description"]!.GetValue<string>());
        }
    }
}
