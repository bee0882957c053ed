using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>Our IPA over cards that bend the standard: its poll goes on, and what it cannot read reaches the eIM as the card gave it.</summary>
public sealed class ForeignCardTests
{
    private const string IccidA = "5A0A988882000000000010F1";
    private const string HexIccid = "5A0A89860447B12179120034";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("BF2B00", 0)]
    [InlineData("BF2B02A000", 0)]
    [InlineData("BF2B02A200", 0)]
    [InlineData("BF2B0381017F", 0)]
    [InlineData("6A88", 0)]
    [InlineData("6A82", 0)]
    [InlineData("BF2B0DA20BBF5108A206800165840101", 1)]
    [InlineData("BF2B0BBF5108A206800165840101", 1)]
    [InlineData("BF2B0FA00D300BBF5108A206800165840101", 1)]
    [InlineData("BF2B0DA00BBF5108A206800165840101/9102", 1)]
    [InlineData("BF2B0DA00BBF5108A206800165840101/6300", 1)]
    public void Results_are_found_however_they_are_listed(string answer, int count)
    {
        var card = Scripted(("BF2B04A0028200", answer));
        Assert.Equal(count, card.PendingResults().Count);
    }

    [Fact]
    public void Card_that_does_not_know_the_search_under_A0_is_asked_without_it()
    {
        var card = Scripted(("BF2B04A0028200", "6A80"), ("BF2B028200", "BF2B0DA20BBF5108A206800165840101"));
        Assert.Equal("e", Assert.Single(card.PendingResults()).EimId);
    }

    [Theory]
    [InlineData("BF3003800100", true)]
    [InlineData("BF3003020100", true)]
    [InlineData("BF3000", true)]
    [InlineData("BF3003800100/6300", true)]
    [InlineData("BF3003800101", false)]
    [InlineData("BF300380017F", false)]
    [InlineData("6A88", false)]
    [InlineData("9000", false)]
    public void Removal_is_understood_however_it_is_told(string answer, bool removed) =>
        Assert.Equal(removed, Scripted(("BF3003800105", answer)).Remove(5));

    [Theory]
    [InlineData("BF2D14A012E310" + IccidA + "9F700101", "8988280000000000011")]
    [InlineData("BF2D16A0143012E310" + IccidA + "9F700101", "8988280000000000011")]
    [InlineData("BF2D143012E310" + IccidA + "9F700101", "8988280000000000011")]
    [InlineData("BF2D12E310" + IccidA + "9F700101", "8988280000000000011")]
    [InlineData("BF2D14A012E310" + HexIccid + "9F700101", "986840741B1297210043")]
    [InlineData("BF2D14A012E310" + IccidA + "9F700100", null)]
    [InlineData("BF2D02A000", null)]
    [InlineData("BF2D00", null)]
    [InlineData("BF2D03810101", null)]
    [InlineData("6A88", null)]
    public void Enabled_profile_is_found_however_the_list_is_wrapped(string answer, string? iccid) =>
        Assert.Equal(iccid, Scripted(("BF2D055C035A9F70", answer)).EnabledProfile()?.ToString());

    [Theory]
    [InlineData("BF5803020100", ProfileRollbackResult.Ok)]
    [InlineData("BF5803800100", ProfileRollbackResult.Ok)]
    [InlineData("BF5805020100BF51", ProfileRollbackResult.Ok)] // the new result is cut short
    [InlineData("BF5803020101", ProfileRollbackResult.RollbackNotAllowed)]
    public void Rollback_is_read_by_its_code_alone(string answer, ProfileRollbackResult result) =>
        Assert.Equal(result, Scripted(("BF58038001FF", answer)).Rollback());

    [Theory]
    [InlineData("BF5503A00130")] // cut short
    [InlineData("BF5500")]
    [InlineData("BF5502A000")]
    [InlineData("BF5504A0023000")] // an eIM without an id
    public void Card_without_a_readable_eIM_names_none(string answer) => Assert.Empty(Scripted(("BF5500", answer)).GetEimConfigurationData().Eims);

    [Theory]
    [InlineData("BF550DA00B3009800165810166830105")]
    [InlineData("BF550B3009800165810166830105")]
    [InlineData("BF5518A01630148001658101668209010203040506070809830105")] // a type of nine bytes
    [InlineData("BF5512A010300E800165810166A603300100830105")] // a key that is none
    public void Of_an_eIM_only_the_field_that_cannot_be_read_is_left_out(string answer)
    {
        var eim = Assert.Single(Scripted(("BF5500", answer)).GetEimConfigurationData().Eims);
        Assert.Equal(("e", "f", 5L), (eim.EimId, eim.EimFqdn, eim.CounterValue));
    }

    [Fact]
    public void Installation_result_is_kept_as_it_came_and_read_as_far_as_needed()
    {
        const string result = "BF3727BF271F8002AABBBF2F12800107810207800C03732E745A04898600FFA204A0024F005F37020102";
        var notification = Scripted(("8603010203", result)).LoadSegment(Convert.FromHexString("8603010203"))!;
        Assert.Equal(result, Convert.ToHexString(notification.Encoded.Span));
        Assert.Equal(("AABB", 7L, "s.t", true), (notification.TransactionId, notification.SequenceNumber, notification.Address, notification.IsSuccess));
    }

    [Theory]
    [InlineData("A0", "AD03020100")] // a command of a later version
    [InlineData("A0", "BF2D0FA00DE30B9203FFFEFD90049F9F9F9F")] // names that are no UTF-8
    [InlineData("30", "830100")]
    public async Task Result_that_nobody_can_read_reaches_the_eIM_byte_for_byte_and_is_removed_when_acknowledged(string arm, string entry)
    {
        await using var test = await TestFleet.StartAsync();
        var given = "";
        using var device = Ipa(test, (request, answer) =>
        {
            if (!request.StartsWith("BF51", StringComparison.Ordinal) && request != "BF2B04A0028200")
            {
                return answer;
            }

            var kept = request.StartsWith("BF51", StringComparison.Ordinal) ? answer : ResultIn(answer);
            if (kept is null)
            {
                return answer;
            }

            given = Changed(kept, arm, entry);
            return request.StartsWith("BF51", StringComparison.Ordinal) ? given : Wrap("BF2B", Wrap("A2", given));
        });
        test.Eim.Instead = body =>
        {
            if (body[1] != 0x50)
            {
                return null;
            }

            test.Eim.Dequeue();
            return new ProvideEimPackageResultResponse(new EimAcknowledgements([1])).Encode();
        };
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await device.Ipa.PollOnceAsync(Ct));

        Assert.NotEqual("", given);
        Assert.Contains(given, Convert.ToHexString(Assert.Single(test.Eim.Sent(0xBF50))), StringComparison.Ordinal);
        Assert.Equal(0, device.Card.Inspect().PendingResults);
        Assert.Equal(TestFleet.Second, device.Modem.Profile);
    }

    [Theory]
    [InlineData("6985")]
    [InlineData("6A88")]
    [InlineData("9000")]
    [InlineData("BF2D00")]
    public async Task Card_that_gives_no_result_is_told_of_and_the_poll_goes_on(string answer)
    {
        await using var test = await TestFleet.StartAsync();
        using var device = Ipa(test, (request, real) => request.StartsWith("BF51", StringComparison.Ordinal) ? answer : ResultIn(real) is null ? real : "6A88");
        var package = test.Eim.Enqueue(test.Eid, new GetRat());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await device.Ipa.PollOnceAsync(Ct));

        var error = Assert.Single(test.Eim.Results).Error!;
        Assert.Equal(EimPackageResultErrorCode.UndefinedError, error.Code);
        Assert.Equal(BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().TransactionId, error.TransactionId);
    }

    [Fact]
    public async Task Card_that_answers_without_the_result_is_asked_for_it()
    {
        await using var test = await TestFleet.StartAsync();
        using var device = Ipa(test, (request, real) => request.StartsWith("BF51", StringComparison.Ordinal) ? "9000" : real);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await device.Ipa.PollOnceAsync(Ct));

        Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult);
        Assert.Equal((0, TestFleet.Second), (device.Card.Inspect().PendingResults, device.Modem.Profile));
    }

    [Fact]
    public async Task Result_that_the_card_does_not_give_again_is_delivered_from_its_answer()
    {
        await using var test = await TestFleet.StartAsync();
        using var device = Ipa(test, (request, real) => request == "BF2B04A0028200" ? "6A88" : request == "BF2B00" ? "BF2B00" : real);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await device.Ipa.PollOnceAsync(Ct));

        Assert.IsType<EuiccPackageResultSigned>(Assert.Single(test.Eim.Results).PackageResult);
        Assert.Equal(0, device.Card.Inspect().PendingResults);
    }

    [Fact]
    public async Task Data_that_the_card_does_not_have_are_left_out_of_the_answer()
    {
        await using var test = await TestFleet.StartAsync();
        using var device = Ipa(test, (request, real) => request[..4] switch
        {
            "BF20" => "6A88",
            "BF22" => "BF2203" + "810100", // too short to be read, and forwarded
            "BF56" => "6D00",
            "BF3C" => "BF3C0480" + "02FFFE",
            _ => real,
        });
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(0xA0, 0xA2, 0xBF20, 0xBF22, 0x83, 0xA5, 0xA6), TransactionId: TransactionId.FromBytes([7])).Encode());

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await device.Ipa.PollOnceAsync(Ct));

        Assert.Equal($"BF50245A10{test.Eid}BF520FA00DA000A200BF2203810100870107", Convert.ToHexString(Assert.Single(test.Eim.Sent(0xBF50))));
    }

    [Fact]
    public async Task Result_that_the_eIM_does_not_take_keeps_no_package_away()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Acknowledges = _ => [];
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestFleet.Second, false));
        await test.PollAsync();
        test.Eim.Acknowledges = numbers => numbers;
        test.Eim.InsteadStatus = 400;
        test.Eim.Instead = body => body[1] == 0x50 && Convert.ToHexString(body).Contains("8301" + "01", StringComparison.Ordinal) ? [0] : null;
        test.Eim.Enqueue(test.Eid, new GetRat());

        Assert.Equal(PollOutcome.Refused, (await test.PollAsync()).Outcome);

        Assert.Equal(2, test.Device.Inspect().ExecutedPackages);
        Assert.Contains(test.Eim.Results, result => result.PackageResult is EuiccPackageResultSigned { CounterValue: 2 });
        Assert.Equal(1, test.Device.Inspect().PendingResults);
    }

    private static EuiccFunctions Scripted(params (string Request, string Answer)[] script)
    {
        var commands = new List<(string, string)>
        {
            ("80AA000005A903830107", "9000"), ("0070000001", "019000"), ("01A4040010A0000005591010FFFFFFFF890000010000", "9000"),
        };
        foreach (var (request, answer) in script)
        {
            var response = answer.Contains('/', StringComparison.Ordinal) ? answer.Replace("/", "", StringComparison.Ordinal) : answer.Length > 4 ? answer + "9000" : answer;
            commands.Add(($"81E29100{request.Length / 2:X2}{request}", response));
        }

        return new EuiccFunctions(new IsdrChannel(new ScriptedCard([.. commands])));
    }

    private static Foreign Ipa(TestFleet test, Func<string, string, string> change)
    {
        var memory = new VolatileEuiccMemory();
        var (key, certificate) = Device.Fleet.CardPki.From(test.Pki).Make(test.Eid);
        var card = VirtualEuicc.Manufacture(
            new EuiccManufacture
            {
                Eid = test.Eid,
                PrivateKey = key,
                EuiccCertificate = certificate.Encoded,
                EumCertificate = test.Pki.Eum.Certificate.Encoded,
                CiKeyIds = [test.Pki.Ci.Certificate.SubjectKeyIdentifier!.Value],
                Profiles = [new(TestFleet.First) { State = ProfileState.Enabled }, new(TestFleet.Second)],
                Eims = test.Eim.Configuration().Eims,
            },
            memory);
        var channel = new IsdrChannel(new ForeignCard(card, change));
        channel.Reset();
        var modem = new Modem(channel, null, TimeProvider.System, NullLogger.Instance);
        modem.Attach();
        var connections = new EimConnections(TimeProvider.System);
        var ipa = new IotProfileAssistant(
            channel, modem, connections, new MemoryIpaStateStore(), new IpaOptions { RetryDelay = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance);
        return new Foreign(card, modem, ipa, connections);
    }

    private sealed record Foreign(VirtualEuicc Card, Modem Modem, IotProfileAssistant Ipa, EimConnections Connections) : IDisposable
    {
        public void Dispose()
        {
            Ipa.Dispose();
            Connections.Dispose();
            Card.Dispose();
        }
    }

    /// <summary>The first BF51 in the answer to BF2B; null where there is none.</summary>
    private static string? ResultIn(string answer)
    {
        if (!answer.StartsWith("BF2B", StringComparison.Ordinal))
        {
            return null;
        }

        var list = new BerReader(Convert.FromHexString(answer)).Inside(0xBF2B);
        return list.NextIs(0xA2) && list.ReadConstructed(0xA2) is { HasData: true } results
            ? Convert.ToHexString(results.ReadEncoded(0xBF51).Span)
            : null;
    }

    /// <summary>A result with other entries, under another arm; the entries without their 30 where the arm is a bare one.</summary>
    private static string Changed(string result, string arm, string entries)
    {
        var signed = Assert.IsType<EuiccPackageResultSigned>(BerMessage.Decode<EuiccPackageResult>(Convert.FromHexString(result)));
        var data = Convert.ToHexString(EuiccPackageResultSigned.EncodeData(signed.EimId, signed.CounterValue, signed.TransactionId, signed.SequenceNumber, []).AsSpan());
        var fields = data[4..^4];
        return Wrap("BF51", Wrap(arm, Wrap("30", fields + (arm == "30" ? entries : Wrap("30", entries))) + "5F3702ABCD"));
    }

    private static string Wrap(string tag, string content) => tag + (content.Length < 256 ? "" : "81") + $"{content.Length / 2:X2}{content}";
}
