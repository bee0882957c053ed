using CsCheck;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Tests.Identifiers;

/// <summary>ICCIDs as cards have them: any 10 bytes.</summary>
public sealed class IccidTests
{
    // The second is in public use.
    [Theory]
    [InlineData("988800000000000021F9", "8988000000000000129")]
    [InlineData("988604B7191207120034", "8968407B912170210043")]
    [InlineData("981032547698103254FF", "890123456789012345")]
    [InlineData("981032547698103254F6", "8901234567890123456")]
    [InlineData("9810F254769810325476", "89012F45678901234567")]
    [InlineData("98FFFFFFFFFFFFFFFFF1", "89FFFFFFFFFFFFFFFF1")]
    [InlineData("0000000000000000000F", "000000000000000000F0")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF", "F")]
    public void Ten_bytes_are_shown_as_their_nibbles_without_the_padding(string bytes, string digits)
    {
        var coded = Convert.FromHexString(bytes);
        var iccid = Iccid.FromBytes(coded);

        Assert.Equal(digits, iccid.ToString());
        Assert.Equal(coded, iccid.ToBytes());
        Assert.Equal(iccid, Iccid.Parse(digits));
    }

    [Fact]
    public void Every_ten_bytes_come_back_by_their_bytes_and_by_their_text()
    {
        // Nibbles of F are frequent here, at the end too.
        Gen.OneOf(Gen.Byte, Gen.OneOfConst<byte>(0xFF, 0x0F, 0xF0, 0x00)).Array[Iccid.ByteLength].Sample(bytes =>
        {
            var iccid = Iccid.FromBytes(bytes);
            Assert.Equal(bytes, iccid.ToBytes());
            Assert.Equal(bytes, Iccid.Parse(iccid.ToString()).ToBytes());
            Assert.InRange(iccid.ToString().Length, 1, Iccid.MaxDigits);
        });
    }

    [Theory]
    [InlineData("8968407b912170210043", "8968407B912170210043")]
    [InlineData("8901234567890123456F", "8901234567890123456")]
    [InlineData("890123456789012345FF", "890123456789012345")]
    [InlineData("890123456789012345f", "890123456789012345")]
    [InlineData("1", "1")]
    [InlineData("FFF", "F")]
    public void A_text_is_read_in_either_case_and_with_its_padding(string text, string digits)
    {
        Assert.True(Iccid.TryParse(text, out var iccid));
        Assert.Equal(digits, iccid.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("89012345678901234567F")]
    [InlineData("8901234567890123456G")]
    [InlineData("8901 234567890123456")]
    [InlineData("８９０１２３４５６７８９０１２３４５６")]
    public void What_is_no_ICCID_is_refused(string? text) => Assert.False(Iccid.TryParse(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("8988000000000000")]
    [InlineData("89880000000000000A")]
    [InlineData("89880000000000000000")]
    public void A_check_digit_is_added_to_decimal_digits_only(string digits) =>
        Assert.Throws<ProtocolException>(() => Iccid.WithCheckDigit(digits));
}
