using OpenEim.Device;
using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>What a card of SGP.32 v1.3 says beyond v1.2.</summary>
public sealed class CardV13Tests
{
    private static readonly ManufacturedProfile[] Profiles = [new(A) { IotMetadata = new byte[] { 0x80, 0x01, 0x07 } }, new(B)];

    [Theory]
    [InlineData(Sgp32Version.V12, "A00504030102" + "00", null)]
    [InlineData(Sgp32Version.V13, "A00A0403010200" + "0403010300", (byte)0)]
    public void EUICCInfo2_names_the_versions_and_the_minimum_security_level(Sgp32Version version, string versions, byte? level)
    {
        var encoded = Make(change: spec => spec with { Sgp32 = version }).Terminal.Es10("BF2200");
        Assert.Contains(versions, encoded, StringComparison.Ordinal);
        Assert.Equal(level, BerMessage.Decode<EuiccInfo2>(Convert.FromHexString(encoded)).MinimumSecurityLevel);
    }

    [Fact]
    public void Profiles_have_IoT_metadata_under_the_tag_that_is_the_memory_reset_at_ES10b()
    {
        var terminal = Make(profiles: Profiles, change: spec => spec with { Sgp32 = Sgp32Version.V13 }).Terminal;
        Assert.Equal("BF2D0CA00AE306BF640380010" + "7E300", terminal.Es10("BF2D045C02BF64"));
        Assert.Equal("BF6403800100", terminal.Es10("BF640482020780"));
    }

    [Theory]
    [InlineData(Sgp32Version.V12, "")]
    [InlineData(Sgp32Version.V13, "8F017F")]
    public void Stranger_is_told_a_code(Sgp32Version version, string code)
    {
        var bench = Make(change: spec => spec with { Sgp32 = version });
        var package = bench.Sign(new EuiccPackageSigned(EimId, Eid, 1, Transaction, EuiccPackage.Of(new GetRat())), bench.EuiccIdentity.Key);
        Assert.EndsWith("820401020304" + code, bench.Terminal.Es10(Convert.ToHexString(package)), StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_is_searched_by_the_eIMs_id()
    {
        var terminal = Make(change: spec => spec with { Sgp32 = Sgp32Version.V13 }).Terminal;
        var id = Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(EimId));
        Assert.Equal(terminal.Es10("BF5500"), terminal.Es10($"BF5513A011800F{id}"));
        Assert.Equal("BF5502A000", terminal.Es10("BF5505A003800165"));
    }
}
