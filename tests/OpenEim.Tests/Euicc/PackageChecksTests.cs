using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.32 3.3.1: what the card checks before it runs anything, and in which order.</summary>
public sealed class PackageChecksTests
{
    private static readonly Eid OtherEid = Eid.Parse("89049032000000000000000000000002");

    private static EuiccPackageSigned Signed(long counter, Eid? eid = null, string eimId = CardBench.EimId) =>
        new(eimId, eid ?? CardBench.Eid, counter, CardBench.Transaction, EuiccPackage.Of(new EnableProfile(CardBench.B, false)));

    [Theory]
    [InlineData(EcCurve.P256)]
    [InlineData(EcCurve.BrainpoolP256r1)]
    public void A_package_runs_and_its_result_is_signed_and_kept_until_it_is_removed(EcCurve curve)
    {
        var bench = CardBench.Make(curve);
        var result = Assert.IsType<EuiccPackageResultSigned>(bench.Load(bench.Package(new EnableProfile(CardBench.B, false))));

        // 30{80 eimId, 81 counter, 82 transaction, 83 sequence number, 30{83 0}}
        Assert.Equal("3022800F65696D2E6578616D706C652E636F6D8101018204010203048301013003830100", Convert.ToHexString(result.SignedData.Span));
        Assert.Equal(CardBench.B, bench.State.EnabledProfile);
        Assert.Equal(2, bench.State.NextSequenceNumber);
        Assert.True(bench.Card.ProactiveRefreshPending);
        bench.Terminal.Open();
        Assert.False(bench.Card.ProactiveRefreshPending);
        var kept = Assert.Single(bench.Retrieve(new(PackageResults: true)).PackageResults!);
        Assert.Equal(result.Encoded.ToArray(), kept.Encoded.ToArray());
        Assert.Equal("BF3003800100", bench.Terminal.Es10("BF3003800101"));
        Assert.Equal("BF3003800101", bench.Terminal.Es10("BF3003800101"));
        Assert.Equal("BF2B02A200", bench.Terminal.Es10("BF2B04A0028200"));
    }

    [Fact]
    public void A_wrong_signature_is_told_before_a_wrong_eid_and_a_replay_and_nothing_is_signed()
    {
        var bench = CardBench.Make();
        using var stranger = EcPrivateKey.Generate(EcCurve.P256);
        var answer = bench.Terminal.Es10(bench.Sign(Signed(0, OtherEid), stranger));

        Assert.Equal("BF5119A217800F65696D2E6578616D706C652E636F6D820401020304", Convert.ToHexString(answer));
        Assert.Equal(0, bench.State.ExecutedPackages);
        Assert.Equal(0, Assert.Single(bench.State.Eims).Counter);
    }

    [Fact]
    public void An_unknown_eim_gets_an_unsigned_error()
    {
        var bench = CardBench.Make();
        var error = Assert.IsType<EuiccPackageErrorUnsigned>(bench.Load(bench.Sign(Signed(1, eimId: "other"))));
        Assert.Equal(("other", CardBench.Transaction), (error.EimId, error.TransactionId));
        Assert.Equal(CardBench.A, bench.State.EnabledProfile);
    }

    [Fact]
    public void Every_altered_byte_of_a_package_is_noticed()
    {
        var bench = CardBench.Make();
        var package = bench.Sign(Signed(1));
        for (var i = 0; i < package.Length; i++)
        {
            var altered = (byte[])package.Clone();
            altered[i] ^= 0x01;
            var status = bench.Terminal.Store(altered);
            Assert.True(status is "6A80" or "6A88" || status.StartsWith("61", StringComparison.Ordinal), status);
            Assert.Equal((0L, CardBench.A), (bench.State.ExecutedPackages, bench.State.EnabledProfile));
        }

        Assert.Equal("830100", CardBench.ResultsOf(bench.Load(package)));
    }

    [Theory]
    [InlineData(5, true, EuiccPackageErrorCode.InvalidEid)]
    [InlineData(9_000_000, true, EuiccPackageErrorCode.InvalidEid)]
    [InlineData(5, false, EuiccPackageErrorCode.ReplayError)]
    [InlineData(4, false, EuiccPackageErrorCode.ReplayError)]
    [InlineData(-1, false, EuiccPackageErrorCode.ReplayError)]
    [InlineData(8_388_608, false, EuiccPackageErrorCode.CounterValueOutOfRange)]
    public void A_package_that_does_not_fit_is_refused_with_a_signature(long counter, bool otherEid, EuiccPackageErrorCode expected)
    {
        var bench = CardBench.Make();
        bench.Counter = 4;
        bench.Run(new GetRat());
        var before = bench.State;
        var error = Assert.IsType<EuiccPackageErrorSigned>(bench.Load(bench.Sign(Signed(counter, otherEid ? OtherEid : null))));

        Assert.Equal((expected, counter, CardBench.Transaction), (error.Code, error.CounterValue, error.TransactionId));
        Assert.Equivalent(before, bench.State, strict: true);
    }

    [Fact]
    public void The_highest_counter_is_accepted_and_is_the_last()
    {
        var bench = CardBench.Make();
        Assert.Equal("830100", CardBench.ResultsOf(bench.Load(bench.Sign(Signed(8_388_607)))));
        var error = Assert.IsType<EuiccPackageErrorSigned>(bench.Load(bench.Sign(Signed(8_388_607))));
        Assert.Equal(EuiccPackageErrorCode.ReplayError, error.Code);
    }

    [Fact]
    public void Work_stops_at_the_first_failure_and_the_rest_has_no_results()
    {
        var bench = CardBench.Make();
        Assert.Equal("830102", bench.Run(new EnableProfile(CardBench.A, false), new DeleteProfile(CardBench.B)));
        Assert.Equal(3, bench.State.Profiles.Count);
        Assert.Equal("850100830101", bench.Run(new DeleteProfile(CardBench.B), new EnableProfile(CardBench.B, false), new DeleteProfile(CardBench.C)));
        Assert.Equal(2, bench.State.Profiles.Count);
    }

    [Theory]
    [InlineData("A50C5A0A984400000000000000F2BF4400", "850100020102")] // a command that nobody knows
    [InlineData("A50C5A0A984400000000000000F2A3015A", "850100020102")] // a damaged one
    public void An_unknown_or_damaged_command_ends_the_work_there(string commands, string expected)
    {
        var bench = CardBench.Make();
        var list = Convert.FromHexString(commands);
        var data = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0x30))
            {
                writer.Utf8(0x80, CardBench.EimId);
                writer.EidValue(CardBench.Eid);
                writer.Integer(0x81, 1);
                using (writer.Constructed(0xA0))
                {
                    foreach (var tlv in Split(list))
                    {
                        writer.Raw(tlv);
                    }
                }
            }
        });
        var request = new EuiccPackageRequest(data, bench.Eim.Key.Sign(PackageSignature.Input(data, null))).Encode();
        Assert.Equal(expected, CardBench.ResultsOf(bench.Load(request)));
        Assert.DoesNotContain(bench.State.Profiles, profile => profile.Iccid == CardBench.B);
    }

    [Fact]
    public void Results_that_grow_too_long_end_the_work_with_resultSizeOverflow()
    {
        var profiles = Enumerable.Range(0, 40)
            .Select(i => new ManufacturedProfile(Iccid.Parse($"89440000000000001{i:00}")) { Name = new string('n', 64), ServiceProviderName = new string('s', 32) })
            .ToList();
        var bench = CardBench.Make(profiles: profiles);
        var list = new ListProfileInfo(new ProfileInfoListRequest());
        var result = Assert.IsType<EuiccPackageResultSigned>(bench.Load(bench.Package(list, list, list)));

        Assert.IsType<ProfileInfoListResult>(result.Results[0]);
        Assert.Equal(new CommandResult(EuiccCommand.ProcessingTerminated, 1), result.Results[^1]);
        Assert.True(result.Results.Count < 4);
    }

    [Fact]
    public void A_later_package_does_not_push_an_earlier_result_out()
    {
        var bench = CardBench.Make();
        bench.Run(new GetRat());
        bench.Run(new GetRat());
        Assert.Equal([1L, 2L], bench.Retrieve(new(PackageResults: true)).PackageResults!
            .Select(result => Assert.IsType<EuiccPackageResultSigned>(result).SequenceNumber));
        Assert.Equal(2, Assert.IsType<EuiccPackageResultSigned>(Assert.Single(bench.Retrieve(new(SequenceNumber: 2)).PackageResults!)).CounterValue);
    }

    [Fact]
    public void A_card_that_cannot_keep_another_result_takes_no_package()
    {
        var bench = CardBench.Make();
        for (var i = 0; i < 100; i++)
        {
            bench.Run(new GetRat());
        }

        var error = Assert.IsType<EuiccPackageErrorSigned>(bench.Load(bench.Package(new GetRat())));
        Assert.Equal(EuiccPackageErrorCode.UndefinedError, error.Code);
        Assert.Equal("BF3003800100", bench.Terminal.Es10("BF3003800101"));
        bench.Counter--;
        Assert.Equal("A600", bench.Run(new GetRat()));
    }

    private static List<byte[]> Split(byte[] list)
    {
        var reader = new BerReader(list);
        var tlvs = new List<byte[]>();
        while (reader.HasData)
        {
            tlvs.Add(reader.ReadEncoded(out _).ToArray());
        }

        return tlvs;
    }
}
