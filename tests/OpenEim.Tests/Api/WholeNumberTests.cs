using System.Globalization;
using System.Numerics;
using OpenEim.Manager.Queries;

namespace OpenEim.Tests.Api;

/// <summary>Whole numbers as callers write them.</summary>
public sealed class WholeNumberTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-0.0e5", 0)]
    [InlineData("0e400", 0)]
    [InlineData("0.000e-99999999999999999999", 0)]
    [InlineData("3", 3)]
    [InlineData("3.0", 3)]
    [InlineData("3.000000000000000000000000000000000000000000", 3)]
    [InlineData("0.003e3", 3)]
    [InlineData("300e-2", 3)]
    [InlineData("1e2", 100)]
    [InlineData("1.5e1", 15)]
    [InlineData("-1.0", -1)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775807.0", long.MaxValue)]
    [InlineData("-9223372036854775808.0", long.MinValue)]
    [InlineData("0.0009223372036854775807E22", long.MaxValue)]
    public void Whole_numbers_are_read(string text, long expected)
    {
        Assert.True(WholeNumber.TryParse(text, out var number), text);
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("x")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.0")]
    [InlineData("1 ")]
    [InlineData("1,0")]
    [InlineData("0x1")]
    [InlineData("NaN")]
    [InlineData("1.5")]
    [InlineData("1.00000000000000000000000000000000000000001")]
    [InlineData("1e-1")]
    [InlineData("3e-2147483648")]
    [InlineData("9223372036854775808")]
    [InlineData("9223372036854775808.0")]
    [InlineData("1e19")]
    [InlineData("1e400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("٣")]
    public void Others_are_not(string text) => Assert.False(WholeNumber.TryParse(text, out _), text);

    [Fact]
    public void Any_number_of_JSONs_grammar_is_read_as_arithmetic_reads_it()
    {
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var fraction = random.Next(3) == 0 ? "" : "." + Digits(random, random.Next(1, 6));
            var exponent = random.Next(-8, 22);
            var whole = Digits(random, random.Next(1, 8));
            var text = $"{(random.Next(2) == 0 ? "-" : "")}{whole}{fraction}e{exponent.ToString(CultureInfo.InvariantCulture)}";

            var scaled = BigInteger.Parse(whole + fraction.TrimStart('.'), CultureInfo.InvariantCulture);
            var shift = exponent - Math.Max(0, fraction.Length - 1);
            var divisor = shift < 0 ? BigInteger.Pow(10, -shift) : 1;
            var value = (shift < 0 ? scaled / divisor : scaled * BigInteger.Pow(10, shift)) * (text[0] == '-' ? -1 : 1);
            var isWhole = scaled % divisor == 0 && value >= long.MinValue && value <= long.MaxValue;

            Assert.True(WholeNumber.TryParse(text, out var number) == isWhole, text);
            Assert.True(!isWhole || number == value, text);
        }
    }

    private static string Digits(Random random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(3) == 0 ? '0' : (char)('0' + random.Next(10))));
}
