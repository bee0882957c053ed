using OpenEim.Device;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>A card of SGP.32 v1.0, as such cards are in the field.</summary>
public sealed class CardV10Tests
{
    private static CardBench MakeOne(bool withEim = true) => Make(withEim: withEim, change: spec => spec with { Sgp32 = Sgp32Version.V10 });

    private static (EuiccPackageResult Result, byte[] Signature) Load(CardBench bench, byte[] package) => (
        BerMessage.Decode<EuiccPackageResult>(bench.Terminal.Es10(package)),
        BerMessage.Decode<EuiccPackageRequest>(package).Signature.ToArray());

    [Fact]
    public void Results_and_refusals_are_signed_with_the_eims_signature_behind_them()
    {
        var bench = MakeOne();
        var package = bench.Package(new EnableProfile(B, true));
        var (result, signature) = Load(bench, package);
        var signed = Assert.IsType<EuiccPackageResultSigned>(result);
        Assert.Equal(Transaction, signed.TransactionId);
        Verify(bench, signed, signature);

        // The card has kept the signature, so the result of a rollback is signed by the same rule.
        bench.LoadAgain();
        bench.Terminal.Es10("BF58038001FF");
        var rolledBack = Assert.IsType<EuiccPackageResultSigned>(Assert.Single(bench.Retrieve(new RetrieveNotificationsListRequest(PackageResults: true)).PackageResults!));
        Assert.Equal(2, rolledBack.Results.Count);
        Verify(bench, rolledBack, signature);

        var refused = Assert.IsType<EuiccPackageErrorSigned>(Load(bench, package).Result);
        Assert.Equal((EuiccPackageErrorCode.ReplayError, null), (refused.Code, refused.TransactionId));
        Verify(bench, refused, signature);
    }

    [Fact]
    public void Stranger_is_told_no_transaction()
    {
        var bench = MakeOne();
        var package = bench.Sign(new EuiccPackageSigned(EimId, Eid, 1, Transaction, EuiccPackage.Of(new GetRat())), bench.EuiccIdentity.Key);
        Assert.Equal("BF5113A211800F65696D2E6578616D706C652E636F6D", bench.Terminal.Es10(Convert.ToHexString(package)));
    }

    [Fact]
    public void Commands_of_later_versions_are_not_answered_and_change_nothing()
    {
        var bench = MakeOne();
        Psmo[] later = [new SetFallbackAttribute(C), new UnsetFallbackAttribute(), new SetDefaultDpAddress("x")];
        foreach (var psmo in later)
        {
            Assert.Equal("6A80", bench.Terminal.Store(bench.Package(new EnableProfile(B, false), psmo)));
        }

        Assert.Equal((0L, A), (bench.State.Eims[0].Counter, bench.State.EnabledProfile));
        foreach (var request in new[] { "BF5B038001FF", "BF5C038001FF", "BF5D038001FF", "BF5E038001FF", "BF5F00", "BF640482020780", "BF65028000", "BF420480020780" })
        {
            Assert.Equal("6A88", bench.Terminal.Store(Convert.FromHexString(request)));
        }
    }

    [Fact]
    public void EUICCInfo2_and_profile_lists_have_no_field_of_later_versions()
    {
        var bench = MakeOne();
        var info = BerMessage.Decode<EuiccInfo2>(bench.Terminal.Es10(Convert.FromHexString("BF2200")));
        Assert.Equal((null, null), (info.IpaMode, info.IotSpecificInfo));
        Assert.Equal(
            "BF2D2CA02AE30C5A0A984400000000000000F1E30C5A0A984400000000000000F2E30C5A0A984400000000000000F3",
            bench.Terminal.Es10("BF2D095C075A9F269F67BF64"));
    }

    [Fact]
    public void Memory_reset_has_its_old_tag_and_bits()
    {
        var bench = MakeOne();
        Assert.Equal("BF3406800100810100", bench.Terminal.Es10("BF340482020410"));
        Assert.Empty(bench.State.Eims);
        Assert.Equal(3, bench.State.Profiles.Count);
        Assert.Equal("BF3406800100820100", bench.Terminal.Es10("BF340482020308"));
        Assert.Equal("BF3403800100", bench.Terminal.Es10("BF340482020780"));
        Assert.Empty(bench.State.Profiles);
    }

    [Fact]
    public void List_of_eIMs_has_the_type_under_4()
    {
        var bench = MakeOne();
        var (result, _) = Load(bench, bench.Package(new ListEim()));
        var signed = Assert.IsType<EuiccPackageResultSigned>(result).SignedData.Span;
        Assert.EndsWith("301A" + "AB18A0163014800F65696D2E6578616D706C652E636F6D840102", Convert.ToHexString(signed), StringComparison.Ordinal);
    }

    [Fact]
    public void EnableUsingDD_has_no_flag() => Assert.Equal("BF5A03800104", MakeOne().Terminal.Es10("BF5A00"));

    private static void Verify(CardBench bench, SignedPackageResult result, byte[] eimSignature)
    {
        var key = bench.EuiccIdentity.Certificate.PublicKey;
        Assert.True(key.Verify(PackageSignature.InputV10(result.SignedData.Span, eimSignature), result.Signature.Span));
        Assert.False(key.Verify(PackageSignature.Input(result.SignedData.Span, null), result.Signature.Span));
    }
}
