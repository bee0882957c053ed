using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>The package procedure of an IPA (SGP.32 3.1, 3.3) over real TLS with a real card.</summary>
public sealed class PackageProcedureTests
{
    [Fact]
    public async Task An_idle_poll_is_exactly_one_request_with_these_bytes()
    {
        await using var test = await TestFleet.StartAsync();

        Assert.Equal(new PollReport(PollOutcome.Idle), await test.PollAsync());
        Assert.Equal(new PollReport(PollOutcome.Idle), await test.PollAsync());

        var expected = Convert.FromHexString("BF4F125A10" + test.Eid);
        Assert.Equal([expected, expected], test.Eim.Requests);
        Assert.Equal("POST /gsma/rsp2/asn1", test.Eim.FirstHeaders["Path"]);
        Assert.Equal("application/x-gsma-rsp-asn1", test.Eim.FirstHeaders["Content-Type"]);
        Assert.Equal("gsma-rsp-ipad", test.Eim.FirstHeaders["User-Agent"]);
        Assert.Equal("gsma/rsp/v2.1.0", test.Eim.FirstHeaders["X-Admin-Protocol"]);
    }

    [Fact]
    public async Task An_enable_switches_and_its_signed_result_comes_bundled_with_the_notifications()
    {
        await using var test = await TestFleet.StartAsync();
        var package = test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        var result = Assert.Single(test.Eim.Results);
        var signed = Assert.IsType<EuiccPackageResultSigned>(result.PackageResult);
        Assert.Equal(new CommandResult(EuiccCommand.Enable, 0), Assert.Single(signed.Results));
        Assert.Equal(BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().TransactionId, signed.TransactionId);
        Assert.Equal(
            [(TestFleet.First, NotificationEvents.Disable), (TestFleet.Second, NotificationEvents.Enable)],
            result.Notifications!.Select(n => (n.Metadata!.Iccid!.Value, n.Metadata.Event)));

        // BF50{ 5A EID, 30{ BF51, A0 notifications } }
        var body = new BerReader(test.Eim.Sent(0xBF50)[0]).Inside(0xBF50);
        Assert.Equal(test.Eid, body.ReadEid());
        Assert.Equal(0x30u, body.PeekTag());

        var card = test.Device.Inspect();
        Assert.Equal(TestFleet.Second, card.EnabledProfile);
        Assert.Equal((0, 0, 1L), (card.PendingResults, card.PendingNotifications, card.ExecutedPackages));
        Assert.Equal(3, test.Eim.Requests.Count);
    }

    [Fact]
    public async Task Only_what_was_acknowledged_is_deleted_and_the_rest_is_brought_with_the_next_poll()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Acknowledges = numbers => [numbers[0], numbers[^1]];
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, Rollback: false));

        await test.PollAsync();
        var left = test.Device.Inspect();
        await test.PollAsync();
        await test.PollAsync();

        Assert.Equal((0, 1), (left.PendingResults, left.PendingNotifications));

        // A notification without a result goes by HandleNotification, whose success is its acknowledgement.
        var notification = BerMessage.Decode<HandleNotification>(Assert.Single(test.Eim.Sent(0xBF3D))).Notification;
        var bundle = Assert.Single(test.Eim.Results).Notifications!;
        Assert.Equal(bundle[0].Encoded.ToArray(), notification!.Encoded.ToArray());
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task A_result_that_is_not_acknowledged_stays_on_the_card_and_comes_again()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Acknowledges = _ => [];
        test.Eim.Enqueue(test.Eid, new DeleteProfile(TestFleet.Second));
        await test.PollAsync();
        Assert.Equal(1, test.Device.Inspect().PendingResults);

        test.Eim.Acknowledges = all => all;
        await test.PollAsync();

        Assert.Equal(2, test.Eim.Results.Count);
        Assert.Equal(test.Eim.Sent(0xBF50)[0], test.Eim.Sent(0xBF50)[1]);
        Assert.Equal((0, 1L), (test.Device.Inspect().PendingResults, test.Device.Inspect().ExecutedPackages));
    }

    [Fact]
    public async Task When_every_second_answer_is_lost_the_same_bytes_go_again_and_nothing_runs_twice()
    {
        await using var test = await TestFleet.StartAsync();
        test.Device.Network.Settings = new NetworkSettings(DropEvery: 2);
        test.Eim.Enqueue(test.Eid, new DeleteProfile(TestFleet.Second));

        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        var results = test.Eim.Sent(0xBF50);
        Assert.Equal(2, results.Count);
        Assert.Equal(results[0], results[1]);
        var card = test.Device.Inspect();
        Assert.Equal((0, 0, 1L), (card.PendingResults, card.PendingNotifications, card.ExecutedPackages));
    }

    [Fact]
    public async Task A_package_given_again_while_its_result_waits_is_not_loaded_again()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Acknowledges = _ => [];
        var package = test.Eim.Enqueue(test.Eid, new DeleteProfile(TestFleet.Second));
        test.Eim.Enqueue(package);

        Assert.Equal(new PollReport(PollOutcome.Idle, 2), await test.PollAsync());

        var results = test.Eim.Results;
        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.IsType<EuiccPackageResultSigned>(result.PackageResult));
        Assert.Equal(results[0].PackageResult!.Encoded.ToArray(), results[1].PackageResult!.Encoded.ToArray());
        Assert.Equal(1, test.Device.Inspect().ExecutedPackages);
    }

    [Fact]
    public async Task A_package_given_again_after_its_result_was_acknowledged_gets_the_cards_signed_replayError()
    {
        await using var test = await TestFleet.StartAsync();
        var package = test.Eim.Enqueue(test.Eid, new DeleteProfile(TestFleet.Second));
        test.Eim.Enqueue(package);

        Assert.Equal(new PollReport(PollOutcome.Idle, 2), await test.PollAsync());

        Assert.Equal(EuiccPackageErrorCode.ReplayError, Assert.IsType<EuiccPackageErrorSigned>(test.Eim.Results[1].PackageResult).Code);
        Assert.Equal(1, test.Device.Inspect().ExecutedPackages);
    }

    [Fact]
    public async Task A_forged_package_is_answered_by_the_cards_unsigned_error()
    {
        await using var test = await TestFleet.StartAsync();
        var package = test.Eim.Sign(test.Eid, new DeleteProfile(TestFleet.Second));
        package[^1] ^= 1;
        test.Eim.Enqueue(package);

        await test.PollAsync();

        Assert.IsType<EuiccPackageErrorUnsigned>(Assert.Single(test.Eim.Results).PackageResult);
        Assert.Equal(0, test.Device.Inspect().ExecutedPackages);
    }

    [Theory]
    [InlineData("BF5E00", EimPackageResultErrorCode.UnknownPackage)]
    [InlineData("BF5100", EimPackageResultErrorCode.InvalidPackageFormat)]
    [InlineData("BF520101", EimPackageResultErrorCode.InvalidPackageFormat)]
    [InlineData("BF5403A00190", EimPackageResultErrorCode.InvalidPackageFormat)]
    public async Task A_package_that_is_unknown_or_malformed_is_refused_with_an_eimPackageError(string package, EimPackageResultErrorCode expected)
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Enqueue(Convert.FromHexString(package));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.Equal(expected, Assert.Single(test.Eim.Results).Error!.Code);
    }

    [Fact]
    public async Task An_eim_that_never_ends_is_left_until_the_next_poll()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { MaxPackagesPerProcedure = 3 } });
        for (var i = 0; i < 5; i++)
        {
            test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(IpaEuiccDataTag.EuiccInfo1)).Encode());
        }

        Assert.Equal(3, (await test.PollAsync()).Packages);
        Assert.Equal(new PollReport(PollOutcome.Idle, 2), await test.PollAsync());
    }

    [Theory]
    [InlineData("smdp.test", "smds.test")]
    [InlineData(null, null)]
    public async Task A_data_request_brings_the_cards_addresses_where_they_are_asked_for_and_present(string? smdp, string? smds)
    {
        await using var test = await TestFleet.StartAsync(options => options with { DefaultSmdpAddress = smdp, RootSmdsAddress = smds });
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(IpaEuiccDataTag.DefaultSmdpAddress, IpaEuiccDataTag.RootSmdsAddress)).Encode());
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(IpaEuiccDataTag.RootSmdsAddress)).Encode());

        await test.PollAsync();

        var answers = test.Eim.Results.Select(result => Assert.IsType<IpaEuiccData>(result.DataResponse));
        Assert.Equal([(smdp, smds), (null, smds)], answers.Select(data => (data.DefaultSmdpAddress, data.RootSmdsAddress)));
    }

    [Fact]
    public async Task An_eim_that_moves_by_updateEim_hears_the_result_where_it_was_and_is_polled_where_it_is()
    {
        await using var test = await TestFleet.StartAsync();
        await using var moved = await FakeEim.StartAsync(test.Pki);
        var update = new UpdateEim(moved.Configuration().Eims[0]);
        test.Eim.Enqueue(test.Eim.Sign(test.Eid, EuiccPackage.Of(update)));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());
        Assert.Equal(
            new CommandResult(EuiccCommand.UpdateEim, 0),
            Assert.Single(Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult).Results));
        var before = test.Eim.Requests.Count;
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        Assert.Equal(before, test.Eim.Requests.Count);
        Assert.Single(moved.Requests);
    }

    [Fact]
    public async Task A_network_that_loses_every_third_answer_loses_nothing_else()
    {
        await using var test = await TestFleet.StartAsync();
        test.Device.Network.Settings = new NetworkSettings(DropEvery: 3);
        Iccid[] there = [TestFleet.Second, TestFleet.First];
        for (var i = 0; i < 20; i++)
        {
            test.Eim.Enqueue(test.Eid, new EnableProfile(there[i % 2], Rollback: true));
        }

        while ((await test.PollAsync()) is not { Outcome: PollOutcome.Idle, Packages: 0 })
        {
        }

        var results = test.Eim.Results.Select(result => Assert.IsType<EuiccPackageResultSigned>(result.PackageResult)).ToList();
        Assert.All(results, result => Assert.Equal([new CommandResult(EuiccCommand.Enable, 0)], result.Results));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), results.Select(result => result.CounterValue!.Value).Distinct());
        var card = test.Device.Inspect();
        Assert.Equal((20L, 0, 0), (card.ExecutedPackages, card.PendingResults, card.PendingNotifications));
    }
}
