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
    [InlineData("1$smdp.example.com:0$ABC")]
    [InlineData("1$user@smdp.example.com$ABC")]
    [InlineData("1$smdp.example.com/path$ABC")]
    public void Texts_that_are_none(string text) => Assert.False(ActivationCode.TryParse(text, out _));

    [Fact]
    public void At_most_255_characters()
    {
        const string Start = "1$smdp.example.com$";
        Assert.True(ActivationCode.TryParse(Start + new string('A', 255 - Start.Length), out _));
        Assert.False(ActivationCode.TryParse(Start + new string('A', 256 - Start.Length), out _));
    }
}
