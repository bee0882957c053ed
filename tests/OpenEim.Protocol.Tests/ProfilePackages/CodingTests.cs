using CsCheck;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;

namespace OpenEim.Protocol.Tests.ProfilePackages;

public sealed class CodingTests
{
    // The first is that of the GSMA generic test profile.
    [Theory]
    [InlineData("001010123456789", "080910101032547698", 0x0200)]
    [InlineData("26201123456780", "0821261021436587F0", 0x0001)]
    [InlineData("310151", "04310151F1FFFFFFFF", 0x0002)]
    public void An_IMSI_is_coded_as_in_EF_IMSI(string digits, string coded, int classes)
    {
        var imsi = Imsi.Parse(digits);

        Assert.Equal(coded, Convert.ToHexString(imsi.ToBytes()));
        Assert.Equal(imsi, Imsi.FromBytes(Convert.FromHexString(coded)));
        Assert.Equal(classes, imsi.AccessControlClasses);
    }

    [Theory]
    [InlineData("898800000000000011", "8988000000000000115")]
    [InlineData("898801000000000001", "8988010000000000014")]
    [InlineData("899999900000000001", "8999999000000000016")]
    public void Check_digit_of_an_iccid_is_that_of_E118(string digits, string iccid) =>
        Assert.Equal(iccid, Iccid.WithCheckDigit(digits).ToString());

    [Fact]
    public void Every_IMSI_comes_back()
    {
        Gen.Char['0', '9'].Array[6, 15].Select(digits => new string(digits)).Sample(digits =>
            Assert.Equal(digits, Imsi.FromBytes(Imsi.Parse(digits).ToBytes()).ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567890123456")]
    [InlineData("12345678901234A")]
    public void What_is_no_IMSI_is_refused(string digits) => Assert.Throws<ProtocolException>(() => Imsi.Parse(digits));

    [Theory]
    [InlineData("00")]
    [InlineData("FFFFFFFFFFFFFFFFFF")]
    [InlineData("000910101032547698")]
    [InlineData("0809101010325476F8")]
    [InlineData("0809A0101032547698")]
    [InlineData("01F9FFFFFFFFFFFFFF")]
    public void What_is_not_coded_as_an_IMSI_is_refused(string coded) =>
        Assert.Throws<ProtocolException>(() => Imsi.FromBytes(Convert.FromHexString(coded)));

    [Fact]
    public void A_PIN_is_ASCII_padded_with_FF_and_does_not_show_itself()
    {
        Assert.Equal("30313233FFFFFFFF", Convert.ToHexString(PinCode.Parse("0123").ToBytes()));
        Assert.Equal("3132333435363738", Convert.ToHexString(PinCode.Parse("12345678").ToBytes()));
        Assert.Equal(PinCode.Parse("0123"), PinCode.FromBytes(Convert.FromHexString("30313233FFFFFFFF")));
        Assert.DoesNotContain("0123", PinCode.Parse("0123").ToString(), StringComparison.Ordinal);
        Assert.Throws<ProtocolException>(() => PinCode.Parse("123"));
        Assert.Throws<ProtocolException>(() => PinCode.Parse("123456789"));
        Assert.Throws<ProtocolException>(() => PinCode.Parse("12a4"));
        Assert.Throws<ProtocolException>(() => PinCode.FromBytes(new byte[7]));
    }
}
