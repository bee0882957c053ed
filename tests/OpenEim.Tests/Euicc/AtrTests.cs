using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>ISO/IEC 7816-3 8.2: whether an answer to reset is well formed. Readers refuse one that is not.</summary>
public sealed class AtrTests
{
    [Fact]
    public void The_answer_to_reset_is_well_formed_and_offers_T_0() => Assert.Equal((null, "0 15"), Check(Make().Card.Reset().Span));

    [Theory]
    [InlineData("3B00", null)]
    [InlineData("3B021450", null)]
    [InlineData("3F9F", "it is cut short")]
    [InlineData("3A00", "TS is neither 3B nor 3F")]
    [InlineData("3B9F95803FC7828031E073FE211B63E4A2A2009000", "13 historical bytes instead of 15")] // ours until issue 11
    [InlineData("3B9F96801FC78031E073FE211B664F45694D560100A9", "TCK is wrong")]
    [InlineData("3B9F96801FC78031E073FE211B664F45694D560100", "14 historical bytes instead of 15")]
    [InlineData("3B0214", "1 historical bytes instead of 2")]
    [InlineData("3B02145011", "3 historical bytes instead of 2")]
    public void The_checker_knows_good_from_bad(string atr, string? fault) => Assert.Equal(fault, Check(Convert.FromHexString(atr)).Fault);

    /// <summary>What is wrong, if anything; and the protocols that are offered.</summary>
    private static (string? Fault, string Protocols) Check(ReadOnlySpan<byte> atr)
    {
        if (atr[0] is not (0x3B or 0x3F))
        {
            return ("TS is neither 3B nor 3F", "");
        }

        // T0: the low nibble counts the historical bytes, the high one tells which of TA1, TB1, TC1, TD1 follow; TDi tells of the next ones.
        var historical = atr[1] & 0x0F;
        var protocols = new List<int>();
        var present = atr[1];
        var position = 2;
        while (true)
        {
            position += System.Numerics.BitOperations.PopCount((uint)(present & 0x70));
            if ((present & 0x80) == 0)
            {
                break;
            }

            if (position >= atr.Length)
            {
                return ("it is cut short", "");
            }

            present = atr[position++];
            protocols.Add(present & 0x0F);
        }

        if (position > atr.Length)
        {
            return ("it is cut short", "");
        }

        // TCK is there exactly when another protocol than T=0 is indicated; with it all bytes behind TS give zero.
        var hasTck = protocols.Any(protocol => protocol != 0);
        var count = atr.Length - position - (hasTck ? 1 : 0);
        if (count != historical)
        {
            return ($"{count} historical bytes instead of {historical}", "");
        }

        byte sum = 0;
        foreach (var octet in atr[1..])
        {
            sum ^= octet;
        }

        return (hasTck && sum != 0 ? "TCK is wrong" : null, string.Join(' ', protocols));
    }
}
