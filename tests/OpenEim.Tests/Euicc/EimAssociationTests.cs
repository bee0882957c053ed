using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.32 3.7, 5.9.4, 5.9.18: the eIMs of a card, by eCO and by AddInitialEim.</summary>
public sealed class EimAssociationTests
{
    private static string Initial(CardBench bench, params IReadOnlyList<EimConfigurationData> eims) =>
        Convert.ToHexString(bench.Terminal.Es10(new AddInitialEimRequest(eims).Encode()));

    private static EimKeyData NewKey()
    {
        using var key = EcPrivateKey.Generate(EcCurve.P256);
        return new EimKeyData(PublicKey: key.PublicKey.ToSubjectPublicKeyInfo());
    }

    [Fact]
    public void AddEim()
    {
        var bench = Make();
        var second = bench.Association("second");
        Assert.Equal("A803020107", bench.Run(new AddEim(second with { EimPublicKeyData = null })));
        Assert.Equal("A803020107", bench.Run(new AddEim(second with { CounterValue = null })));
        Assert.Equal("A803020107", bench.Run(new AddEim(second with { EimPublicKeyData = new EimKeyData(PublicKey: new byte[] { 0x30, 0 }) })));
        Assert.Equal("A803020102", bench.Run(new AddEim(bench.Association(EimId))));
        Assert.Equal("A803020103", bench.Run(new AddEim(second with { EuiccCiPkId = new byte[20] })));
        Assert.Equal("A803020105", bench.Run(new AddEim(second with { AssociationToken = 7 })));
        Assert.Equal("A803020106", bench.Run(new AddEim(second with { CounterValue = 8_388_608 })));
        Assert.Equal("A803020106", bench.Run(new AddEim(second with { CounterValue = -1 })));
        Assert.Equal("A803020100A803840101A803840102", bench.Run(
            new AddEim(second with { EuiccCiPkId = bench.CiKeyId }),
            new AddEim(bench.Association("third", token: -1)),
            new AddEim(bench.Association("fourth", token: -1))));
        Assert.Equal("A803020100A803020101", bench.Run(new AddEim(bench.Association("fifth")), new AddEim(bench.Association("sixth"))));
        Assert.Equal([null, null, 1L, 2L, null], bench.State.Eims.Select(eim => eim.AssociationToken));
    }

    [Fact]
    public void An_eim_may_be_given_by_its_certificate()
    {
        var bench = Make(withEim: false);
        Assert.Equal("BF5704A0020500", Initial(bench, bench.Association(EimId) with
        {
            EimPublicKeyData = new EimKeyData(Certificate: bench.Eim.Certificate.Encoded),
        }));
        Assert.Equal("A600", bench.Run(new GetRat()));
    }

    [Fact]
    public void DeleteEim_of_the_last_one_succeeds_and_reopens_AddInitialEim()
    {
        var bench = Make();
        Assert.Equal("BF5703810102", Initial(bench, bench.Association("other")));
        Assert.Equal("890101", bench.Run(new DeleteEim("nobody")));
        Assert.Equal("A803020100890100", bench.Run(new AddEim(bench.Association("second")), new DeleteEim("second")));
        Assert.Equal("890102AB02A000", bench.Run(new DeleteEim(EimId), new ListEim()));
        Assert.IsType<EuiccPackageErrorUnsigned>(bench.Load(bench.Package(new ListEim())));
        Assert.Equal("BF5705A003840101", Initial(bench, bench.Association("other", token: -1)));
    }

    [Fact]
    public void UpdateEim()
    {
        var bench = Make();
        bench.Counter = 9;
        EimConfigurationData change = new() { EimId = EimId };
        Assert.Equal("8A0101", bench.Run(new UpdateEim(change with { EimId = "nobody" })));
        Assert.Equal("8A0103", bench.Run(new UpdateEim(change with { EuiccCiPkId = new byte[20] })));
        Assert.Equal("8A0106", bench.Run(new UpdateEim(change with { CounterValue = 3 })));
        Assert.Equal("8A0106", bench.Run(new UpdateEim(change with { CounterValue = 8_388_608 })));
        Assert.Equal("8A0107", bench.Run(new UpdateEim(change with { AssociationToken = 4 })));
        Assert.Equal("8A0107", bench.Run(new UpdateEim(change with { EimPublicKeyData = new EimKeyData(PublicKey: new byte[] { 0x30, 0 }) })));
        Assert.Equal("8A0100", bench.Run(new UpdateEim(change with { EimFqdn = "new.example.com", CounterValue = 100 })));
        Assert.Equal(100, Assert.Single(bench.State.Eims).Counter);
        bench.Counter = 100;
        Assert.Equal("8A0100", bench.Run(new UpdateEim(change with { EimPublicKeyData = NewKey(), CounterValue = 3 })));
        Assert.Equal(3, Assert.Single(bench.State.Eims).Counter);
        Assert.IsType<EuiccPackageErrorUnsigned>(bench.Load(bench.Package(new ListEim())));
    }

    [Fact]
    public void The_association_token_is_signed_both_ways()
    {
        var bench = Make(withEim: false);
        Assert.Equal("BF5705A003840101", Initial(bench, bench.Association(EimId, token: -1)));

        // Signed for a card without a token: not for this association.
        Assert.Equal(
            "BF511CA21A800F65696D2E6578616D706C652E636F6D820401020304840101",
            Convert.ToHexString(bench.Terminal.Es10(bench.Package(new ListEim()))));
        bench.Token = 1;
        Assert.Equal("AB18A0163014800F65696D2E6578616D706C652E636F6D820102", bench.Run(new ListEim()));
    }

    [Fact]
    public void An_old_package_does_not_fit_a_new_association()
    {
        var bench = Make(withEim: false);
        Initial(bench, bench.Association(EimId, token: -1));
        bench.Token = 1;
        var old = bench.Package(new GetRat());
        bench.Load(old);
        bench.Run(new DeleteEim(EimId));
        Assert.Equal("BF5705A003840102", Initial(bench, bench.Association(EimId, token: -1)));
        Assert.Equal("A2", Convert.ToHexString(bench.Terminal.Es10(old)).Substring(6, 2));
    }

    [Fact]
    public void AddInitialEim_is_all_or_nothing()
    {
        var bench = Make(withEim: false);
        var good = bench.Association("good");
        Assert.Equal("BF5703810107", Initial(bench));
        Assert.Equal("BF5703810102", Initial(bench, good, good));
        Assert.Equal("BF5703810105", Initial(bench, good, bench.Association("bad", token: 1)));
        Assert.Equal("BF5703810106", Initial(bench, good, bench.Association("bad", counter: 9_000_000)));
        Assert.Equal("BF5703810103", Initial(bench, good, bench.Association("bad") with { EuiccCiPkId = new byte[20] }));
        Assert.Equal("BF5703810101", Initial(bench, [.. Enumerable.Range(0, 6).Select(i => bench.Association($"e{i}"))]));
        Assert.Empty(bench.State.Eims);
        Assert.Equal("BF5707A0050500840101", Initial(bench, good, bench.Association("token", token: -1)));
    }

    [Fact]
    public void GetEimConfigurationData_tells_what_was_loaded_with_the_counter_as_it_stands()
    {
        var bench = Make();
        bench.Counter = 41;
        bench.Run(new GetRat());
        var expected = bench.Association(EimId, counter: 42);
        var all = BerMessage.Decode<GetEimConfigurationDataResponse>(bench.Terminal.Es10(Convert.FromHexString("BF5500")));
        Assert.Equal(
            new GetEimConfigurationDataResponse([expected]).Encode(), all.Encode());
        Assert.Equal("BF5502A000", bench.Terminal.Es10("BF5505A003800178"));
        var none = Make(withEim: false);
        Assert.Equal("BF5502A000", none.Terminal.Es10("BF5500"));
    }
}
