using OpenEim.Protocol.Identifiers;

namespace OpenEim.Tests.Downloads;

public sealed class ActivationCodeTests
{
    [Theory]
    [InlineData("1$smdp.example.com$ABC-123", "smdp.example.com", "ABC-123", null, false)]
    [InlineData("LPA:1$SMDP.Example.com:8443$ABC$2.999.10", "smdp.example.com:8443", "ABC", "2.999.10", false)]
    [InlineData("1$smdp.example.com$ABC$2.999.10$1", "smdp.example.com", "ABC", "2.999.10", true)]
    [InlineData("1$smdp.example.com$ABC$$1", "smdp.example.com", "ABC", null, true)]
    [InlineData("1$127.0.0.1:8443$", "127.0.0.1:8443", "", null, false)]
    [InlineData("lpa:1$smdp.example.com$ABC$", "smdp.example.com", "ABC", null, false)]
    [InlineData("1$smdp.example.com$ABC$2.999.10$1$", "smdp.example.com", "ABC", "2.999.10", true)]
    [InlineData("1$smdp.example.com$ABC$2.999.10$1$F54172BD$1", "smdp.example.com", "ABC", "2.999.10", true)]
    [InlineData("1$smdp.example.com$ABC$$$$", "smdp.example.com", "ABC", null, false)]
    [InlineData("1$smdp.example.com$ABC$$1$F54172BDF98A95D65CBEB88A38A1C11D800A85C3$0$", "smdp.example.com", "ABC", null, true)]
    public void Forms_that_are_read(string text, string address, string matchingId, string? oid, bool needsCode)
    {
        var code = ActivationCode.Parse(text);

        Assert.Equal((address, matchingId, oid, needsCode), (code.Address.ToString(), code.MatchingId, code.SmdpOid, code.NeedsConfirmationCode));
        Assert.StartsWith("1$", code.Text, StringComparison.Ordinal);
        Assert.Equal($"activation code for {address}", code.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("2$smdp.example.com$ABC")]
    [InlineData("1$smdp.example.com")]
    [InlineData("1$$ABC")]
    [InlineData("1$smdp example.com$ABC")]
    [InlineData("1$smdp.example.com$A B")]
    [InlineData("1$smdp.example.com$ABC$x.y")]
    [InlineData("1$smdp.example.com$ABC$2.999.10$2")]
    [InlineData("1$smdp.example.com$ABC$2.999.10$1$1")]
    [InlineData("1$smdp.example.com$ABC$$$xyz1")]
    [InlineData("1$smdp.example.com$ABC$$$F54172BDF98A95D65CBEB88A38A1C11D800A85C300")]
    [InlineData("1$smdp.example.com$ABC$$$$2")]
    [InlineData("1$smdp.example.com$ABC$$$$1$$")]
    [InlineData("1$smdp.example.com$ABC$$$$1$x")]
    [InlineData("1$smdp.example.com:0$ABC")]
    [InlineData("1$user@smdp.example.com$ABC")]
    [InlineData("1$smdp.example.com/path$ABC")]
    public void Texts_that_are_none(string text) => Assert.False(ActivationCode.TryParse(text, out _));

    [Fact]
    public void Seven_fields_are_kept_as_they_are_and_read()
    {
        var code = ActivationCode.Parse("LPA:1$smdp.example.com$ABC$2.999.10$1$F54172BD$1");

        Assert.Equal("1$smdp.example.com$ABC$2.999.10$1$F54172BD$1", code.Text);
        Assert.Equal("F54172BD", code.CiKeyId);
        Assert.True(code.DeletesByNotification);
        Assert.Equal(code, ActivationCode.Parse(code.Text));
        Assert.Null(ActivationCode.Parse("1$smdp.example.com$ABC").CiKeyId);
    }

    [Theory]
    [InlineData("smdp.example.com", "smdp.example.com")]
    [InlineData("SMDP.Example.COM:443", "smdp.example.com")]
    [InlineData("localhost:8443", "localhost:8443")]
    [InlineData("xn--smdp-bcher-r9a.example", "xn--smdp-bcher-r9a.example")]
    [InlineData("smdp-1.4g.example1", "smdp-1.4g.example1")]
    [InlineData("192.0.2.7:8443", "192.0.2.7:8443")]
    [InlineData("[2001:db8::1]:8443", "[2001:db8::1]:8443")]
    [InlineData("[2001:DB8::1]", "[2001:db8::1]")]
    public void Addresses_that_are_read(string text, string address)
    {
        Assert.True(SmdpAddress.TryParse(text, out var read));
        Assert.Equal(address, read.ToString());
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0x7F.0.0.1")]
    [InlineData("127.0.0.0x1")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.256")]
    [InlineData("127.0.0.1.")]
    [InlineData("1.2.3.4.5")]
    [InlineData("smdp.example.0x")]
    [InlineData("smdp.example.com.")]
    [InlineData(".example.com")]
    [InlineData("smdp..example.com")]
    [InlineData("-smdp.example.com")]
    [InlineData("smdp-.example.com")]
    [InlineData("smdp_1.example.com")]
    [InlineData("bücher.example")]
    [InlineData("smdp。example.com")]
    [InlineData("１２７.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[smdp.example.com]")]
    [InlineData("smdp.example.com%00")]
    [InlineData("smdp.example.com:")]
    [InlineData("smdp.example.com:+443")]
    [InlineData("smdp.example.com:65536")]
    [InlineData("smdp.example.com\n")]
    [InlineData(" smdp.example.com")]
    public void Addresses_that_another_spelling_hides_are_refused(string text)
    {
        Assert.False(SmdpAddress.TryParse(text, out _));
        Assert.False(ActivationCode.TryParse($"1${text}$ABC", out _));
    }

    [Theory]
    [InlineData("1234", true)]
    [InlineData("köln ✓ 🔑", true)]
    [InlineData("", false)]
    [InlineData("12\n34", false)]
    public void Confirmation_codes_are_read_and_do_not_print_themselves(string text, bool isCode)
    {
        Assert.Equal(isCode, ConfirmationCode.TryParse(text, out var code));
        Assert.Equal(isCode ? text : null, code?.Text);
        Assert.Equal(isCode ? "confirmation code" : null, code?.ToString());
        Assert.False(ConfirmationCode.TryParse(new string('1', 256), out _));
        Assert.False(ConfirmationCode.TryParse("\ud800x", out _));
    }

    [Fact]
    public void At_most_255_characters()
    {
        const string Start = "1$smdp.example.com$";
        Assert.True(ActivationCode.TryParse(Start + new string('A', 255 - Start.Length), out _));
        Assert.False(ActivationCode.TryParse(Start + new string('A', 256 - Start.Length), out _));
    }
}
