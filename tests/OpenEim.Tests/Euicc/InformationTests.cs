using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>The functions of ES10 that only tell something.</summary>
public sealed class InformationTests
{
    private static byte[] Ask(CardBench bench, string request) => bench.Terminal.Es10(Convert.FromHexString(request));

    [Fact]
    public void EUICCInfo1_and_2()
    {
        var bench = Make();
        var ski = Convert.ToHexString(bench.CiKeyId);
        Assert.Equal($"BF20358203020500A9160414{ski}AA160414{ski}", bench.Terminal.Es10("BF2000"));
        var info = BerMessage.Decode<EuiccInfo2>(Ask(bench, "BF2200"));
        Assert.Equal([new VersionNumber(1, 2, 0)], info.IotSpecificInfo!.Versions);
        Assert.True(info.IotSpecificInfo.FallbackSupported);
        Assert.Equal("810103820400080000830400008000", Convert.ToHexString(info.ExtendedCardResource!.Value.Span));
    }

    [Fact]
    public void A_consumer_eUICC_knows_no_IoT_function()
    {
        var bench = Make(change: spec => spec with { IsIot = false });
        Assert.Null(BerMessage.Decode<EuiccInfo2>(Ask(bench, "BF2200")).IotSpecificInfo);
        foreach (var request in new[] { "BF5100", "BF5500", "BF5600", "BF5700", "BF58038001FF", "BF5D038001FF", "BF5E038001FF", "BF65028000" })
        {
            Assert.Equal("6A88", bench.Terminal.Store(Convert.FromHexString(request)));
        }

        Assert.StartsWith("BF2D", bench.Terminal.Es10("BF2D00"), StringComparison.Ordinal);
        Assert.DoesNotContain("E104", bench.Terminal.Send(Terminal.SelectIsdr) + bench.Terminal.Send("01C0000000"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_certificates_carry_the_fields_directly_inside_the_implicit_tags()
    {
        var bench = Make();
        var certs = BerMessage.Decode<GetCertsResponse>(Ask(bench, $"BF56168014{Convert.ToHexString(bench.CiKeyId)}"));
        Assert.Equal(bench.EuiccIdentity.Certificate.Encoded.ToArray(), certs.EuiccCertificate!.Value.ToArray());
        Assert.Equal("BF5603810101", bench.Terminal.Es10("BF5603800101"));
    }

    [Fact]
    public void The_challenge_is_16_bytes_and_new_each_time()
    {
        var bench = Make();
        var first = bench.Terminal.Es10("BF2E00");
        Assert.StartsWith("BF2E128010", first, StringComparison.Ordinal);
        Assert.Equal(42, first.Length);
        Assert.NotEqual(first, bench.Terminal.Es10("BF2E00"));
    }

    [Fact]
    public void The_configured_addresses_are_told_and_follow_SetDefaultDpAddress()
    {
        var bench = Make(change: spec => spec with { DefaultSmdpAddress = "dp", RootSmdsAddress = "ds" });
        Assert.Equal("BF3C088002647081026473", bench.Terminal.Es10("BF3C00"));
        Assert.Equal("BF6503800100", bench.Terminal.Es10("BF650580036E6577"));
        Assert.Equal("BF3C0980036E657781026473", bench.Terminal.Es10("BF3C00"));
        Assert.Equal("BF6503800100", bench.Terminal.Es10("BF65028000"));
        Assert.Equal("BF3C0481026473", bench.Terminal.Es10("BF3C00"));
        Assert.Equal("BF3C028100", Make(change: spec => spec with { DefaultSmdpAddress = null }).Terminal.Es10("BF3C00"));
    }

    [Fact]
    public void The_table_of_authorised_rules_is_empty() => Assert.Equal("BF4302A000", Make().Terminal.Es10("BF4300"));

    [Fact]
    public void Profiles_are_told_by_default_tags_and_by_those_wanted()
    {
        var bench = Make(profiles:
        [
            new ManufacturedProfile(A)
            {
                Name = "N", ServiceProviderName = "S", State = ProfileState.Enabled,
                NotificationConfigurations = [new(NotificationEvents.Enable, "d")], PolicyRules = ProfilePolicyRules.DeletionNotAllowed,
            },
            new ManufacturedProfile(B) { Class = ProfileClass.Provisioning, FallbackAllowed = true, FallbackAttribute = true },
        ]);
        const string aidA = "4F10A0000005591010FFFFFFFF8900100000";
        const string aidB = "4F10A0000005591010FFFFFFFF8900100100";
        const string a = "5A0A984400000000000000F1";
        const string b = "5A0A984400000000000000F2";
        Assert.Equal(
            $"BF2D5AA058E32B{a}{aidA}9F70010191015392014E950102E329{b}{aidB}9F7001009501019F2601FF",
            bench.Terminal.Es10("BF2D00"));
        Assert.Equal($"BF2D10A00EE30C{a}", bench.Terminal.Es10($"BF2D11A00C{a}5C015A"));
        Assert.Equal($"BF2D10A00EE30C{b}", bench.Terminal.Es10($"BF2D17A012{aidB}5C015A"));
        Assert.Equal($"BF2D10A00EE30C{b}", bench.Terminal.Es10("BF2D08A0039501015C015A"));
        Assert.Equal("BF2D02A000", bench.Terminal.Es10("BF2D05A003950100"));
        Assert.Equal(
            "BF2D21A01FE313B609300780020640810164990205209F670100E3089F2601FF9F6701FF",
            bench.Terminal.Es10("BF2D085C06B6999F679F26"));
    }
}
