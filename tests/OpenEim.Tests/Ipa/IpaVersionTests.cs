using OpenEim.Device;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.Euicc;

namespace OpenEim.Tests.Ipa;

/// <summary>IPAs of SGP.32 v1.0, as they are in the field, and of v1.3, byte for byte.</summary>
public sealed class IpaVersionTests
{
    private static Task<TestFleet> StartAsync(Sgp32Version ipa, Sgp32Version? card = null) =>
        TestFleet.StartAsync(options => options with { Sgp32 = card ?? ipa, Ipa = options.Ipa with { Sgp32 = ipa } });

    [Fact]
    public async Task V10_bundles_a_result_with_BF2B_and_does_not_say_whose_it_is()
    {
        await using var test = await StartAsync(Sgp32Version.V10);
        Acknowledge(test, 1, 2, 3);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        var bundle = new BerReader(Assert.Single(test.Eim.Sent(0xBF50))).Inside(0xBF50).Inside(0x30);
        bundle.ReadEncoded(0xBF51);
        var list = bundle.Inside(0xBF2B).Inside(0xA0);
        Assert.Equal(2, PendingNotification.DecodeAll(ref list).Count);
        Assert.Equal((0, 0), (test.Device.Inspect().PendingResults, test.Device.Inspect().PendingNotifications));
    }

    [Fact]
    public async Task V10_bundles_a_result_with_an_empty_list_and_takes_BF5000_for_an_empty_answer()
    {
        await using var test = await StartAsync(Sgp32Version.V10);
        test.Eim.Instead = body =>
        {
            if (body[1] != 0x50)
            {
                return null;
            }

            test.Eim.Dequeue();
            return [0xBF, 0x50, 0x00];
        };
        test.Eim.Enqueue(test.Eid, new GetRat());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.EndsWith("BF2B02A000", Convert.ToHexString(Assert.Single(test.Eim.Sent(0xBF50))), StringComparison.Ordinal);
        Assert.Equal(1, test.Device.Inspect().PendingResults);
    }

    [Fact]
    public async Task V10_answers_a_data_request_without_transaction_and_capabilities()
    {
        await using var test = await StartAsync(Sgp32Version.V10);
        Acknowledge(test);
        test.Eim.Enqueue(new IpaEuiccDataRequest(
            IpaEuiccDataTag.List(0xBF2B, 0x81, 0xBF20, 0x83, 0x84, 0xA8), TransactionId: TransactionId.FromBytes([7])).Encode());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        var data = new BerReader(Assert.Single(test.Eim.Sent(0xBF50))).Inside(0xBF50).Inside(0xBF52).Inside(0xA0);
        Assert.Equal(0xBF20u, data.PeekTag());
        data.ReadEncoded(out _);
        Assert.Equal("8309736D64732E74657374BF2B02A000", Convert.ToHexString(data.Remaining.Span));
    }

    [Fact]
    public async Task V10_drops_what_it_does_not_know_of_what_a_later_card_has_signed()
    {
        await using var test = await StartAsync(Sgp32Version.V10, Sgp32Version.V12);
        Acknowledge(test, 1);
        test.Eim.Enqueue(test.Eid, new ListProfileInfo(new ProfileInfoListRequest(TagList: Convert.FromHexString("5A9F269F67"))));

        await test.PollAsync();

        var sent = Convert.ToHexString(Assert.Single(test.Eim.Sent(0xBF50)));
        Assert.Contains($"A02AE30C5A0A{Nibbles(TestFleet.First)}E30C5A0A{Nibbles(TestFleet.Second)}E30C5A0A{Nibbles(TestFleet.Fallback)}", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("9F67", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task V10_is_silent_about_commands_that_it_does_not_know_and_asks_again_at_once()
    {
        await using var test = await StartAsync(Sgp32Version.V10);
        test.Eim.Enqueue(test.Eid, new SetFallbackAttribute(TestFleet.Second));

        Assert.Equal(64, (await test.PollAsync()).Packages);

        Assert.Equal(64, test.Eim.Requests.Count);
        Assert.Empty(test.Eim.Sent(0xBF50));
        Assert.Equal(0, test.Device.Inspect().ExecutedPackages);
    }

    [Fact]
    public async Task V10_downloads_through_the_eIM_and_tells_the_outcome_by_the_notification_alone()
    {
        await using var test = await StartAsync(Sgp32Version.V10);
        using var smdp = new TestSmdp(test.Pki);
        var relay = new SmdpRelay(smdp);
        test.Eim.Instead = body =>
        {
            if (body[1] == 0x3D)
            {
                test.Eim.Dequeue();
            }

            return relay.Answer(body);
        };
        test.Eim.Enqueue(new ProfileDownloadTriggerRequest($"1${TestSmdp.Address}$MATCH", TransactionId: TransactionId.Random()).Encode());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.Equal([0xBF4Fu, 0xBF39u, 0xBF3Bu, 0xBF3Au, 0xBF3Du, 0xBF4Fu], test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        Assert.Null(BerMessage.Decode<InitiateAuthenticationRequestEsipa>(test.Eim.Sent(0xBF39)[0]).TransactionId);
        Assert.Equal(smdp.Package, test.Device.ReadProfilePackage(TestSmdp.Iccid));
        Assert.Single(smdp.Notifications);
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task V10_tells_of_a_state_change_without_its_cause()
    {
        // The card is a later one, for v1.0 has no fallback.
        await using var test = await StartAsync(Sgp32Version.V10, Sgp32Version.V12);
        test.SetNetwork(TestFleet.First);
        for (var poll = 0; poll < 3; poll++)
        {
            await test.PollAsync();
        }

        Assert.Equal("BF4F145A10" + test.Eid + "8000", Convert.ToHexString(test.Eim.Sent(0xBF4F)[0]));
    }

    [Fact]
    public async Task V13_keeps_its_notifications_until_the_eIM_has_no_package_left()
    {
        await using var test = await StartAsync(Sgp32Version.V13);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.Equal("gsma/rsp/v1.3.0", test.Eim.FirstHeaders["X-Admin-Protocol"]);
        Assert.Equal(
            [0xBF4Fu, 0xBF50u, 0xBF4Fu, 0xBF3Du, 0xBF3Du], test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        Assert.Null(Assert.Single(test.Eim.Results).Notifications);
        Assert.Equal((0, 0), (test.Device.Inspect().PendingResults, test.Device.Inspect().PendingNotifications));

        Assert.Equal(new PollReport(PollOutcome.Idle), await test.PollAsync());
        Assert.Equal(6, test.Eim.Requests.Count);
    }

    [Fact]
    public async Task V13_ends_an_indirect_download_by_the_notification_that_comes_last()
    {
        await using var test = await TestFleet.StartAsync(options => options with
        {
            Sgp32 = Sgp32Version.V13,
            Ipa = options.Ipa with { Capabilities = new IpaCapabilities(IpaFeatures.IndirectRspServerCommunication) },
        });
        using var smdp = new TestSmdp(test.Pki);
        var relay = new SmdpRelay(smdp);
        var loaded = false;
        test.Eim.Instead = body =>
        {
            if (body[1] == 0x3A)
            {
                loaded = true;
                test.Eim.Dequeue();
            }

            return relay.Answer(body);
        };
        test.Eim.Enqueue(new ProfileDownloadTriggerRequest($"1${TestSmdp.Address}$MATCH", TransactionId: TransactionId.Random()).Encode());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.True(loaded);
        Assert.Equal([0xBF4Fu, 0xBF39u, 0xBF3Bu, 0xBF3Au, 0xBF4Fu, 0xBF3Du], test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        Assert.Single(smdp.Notifications);
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task IPA_speaks_the_version_of_its_card_unless_it_is_told_otherwise()
    {
        await using var same = await TestFleet.StartAsync(options => options with { Sgp32 = Sgp32Version.V13 });
        await same.PollAsync();
        Assert.Equal("gsma/rsp/v1.3.0", same.Eim.FirstHeaders["X-Admin-Protocol"]);
    }

    private static void Acknowledge(TestFleet test, params long[] numbers) => test.Eim.Instead = body =>
    {
        if (body[1] != 0x50)
        {
            return null;
        }

        test.Eim.Dequeue();
        return new ProvideEimPackageResultResponse(numbers.Length == 0 ? null : new EimAcknowledgements(numbers)).Encode();
    };

    private static string Nibbles(Iccid iccid) => Convert.ToHexString(iccid.ToBytes());
}
