using System.Buffers.Binary;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security.Bsp;

public sealed class OneTimeKeyTests
{
    /// <summary>RFC 5903 clause 8.1 and RFC 7027 clause A.1: both private keys, both points, the shared X.</summary>
    public static TheoryData<EcCurve, string, string, string, string, string> KnownAnswers => new()
    {
        {
            EcCurve.P256,
            "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
            "04DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C37725811805271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
            "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
            "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF6356FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
            "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"
        },
        {
            EcCurve.BrainpoolP256r1,
            "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
            "0444106E913F92BC02A1705D9953A8414DB95E1AAA49E81D9E85F929A8E3100BE58AB4846F11CACCB73CE49CBDD120F5A900A69FD32C272223F789EF10EB089BDC",
            "55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3",
            "048D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
            "89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B"
        },
    };

    public static TheoryData<EcCurve> Curves => [EcCurve.P256, EcCurve.BrainpoolP256r1];

    [Theory]
    [MemberData(nameof(KnownAnswers))]
    public void The_known_answers_hold_from_both_sides(EcCurve curve, string keyA, string pointA, string keyB, string pointB, string shared)
    {
        using var a = OneTimeKey.Import(curve, Convert.FromHexString(keyA));
        using var b = OneTimeKey.Import(curve, Convert.FromHexString(keyB));

        Assert.Equal(pointA, Convert.ToHexString(a.PublicKey.Point.Span));
        Assert.Equal(pointB, Convert.ToHexString(b.PublicKey.Point.Span));
        Assert.Equal(shared, Convert.ToHexString(a.Agree(b.PublicKey)));
        Assert.Equal(shared, Convert.ToHexString(b.Agree(a.PublicKey)));
        Assert.Equal(keyA, Convert.ToHexString(a.Export()));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_generated_key_survives_export_and_import_and_agrees_with_any_other(EcCurve curve)
    {
        // Often enough to meet a coordinate that begins with a zero byte, which must stay.
        for (var i = 0; i < 40; i++)
        {
            using var ours = OneTimeKey.Generate(curve);
            using var kept = OneTimeKey.Import(curve, ours.Export());
            using var theirs = OneTimeKey.Generate(curve);
            var shared = ours.Agree(theirs.PublicKey);

            Assert.Equal(ours.PublicKey, kept.PublicKey);
            Assert.Equal(32, shared.Length);
            Assert.Equal(shared, theirs.Agree(kept.PublicKey));
            Assert.Equal(shared, kept.Agree(theirs.PublicKey));
        }
    }

    [Fact]
    public void A_shared_coordinate_that_begins_with_zeros_keeps_its_32_bytes()
    {
        foreach (var curve in (EcCurve[])[EcCurve.P256, EcCurve.BrainpoolP256r1])
        {
            using var one = OneTimeKey.Import(curve, Scalar(1));
            var zeros = 0;
            for (var i = 2; zeros == 0 && i < 5000; i++)
            {
                using var other = OneTimeKey.Import(curve, Scalar(i));
                if (other.PublicKey.Point.Span[1] == 0)
                {
                    zeros++;
                    Assert.Equal(other.PublicKey.Point.Slice(1, 32), one.Agree(other.PublicKey));
                }
            }

            Assert.Equal(1, zeros);
        }
    }

    [Fact]
    public void A_key_of_the_other_curve_is_refused()
    {
        using var ours = OneTimeKey.Generate(EcCurve.P256);
        using var theirs = OneTimeKey.Generate(EcCurve.BrainpoolP256r1);
        Assert.Throws<ProtocolException>(() => ours.Agree(theirs.PublicKey));
        Assert.Throws<ProtocolException>(() => theirs.Agree(ours.PublicKey));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void What_is_no_private_key_is_not_imported(EcCurve curve)
    {
        Assert.Throws<ProtocolException>(() => OneTimeKey.Import(curve, new byte[32]));
        Assert.Throws<ProtocolException>(() => OneTimeKey.Import(curve, Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Throws<ProtocolException>(() => OneTimeKey.Import(curve, [1]));
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_disposed_key_does_nothing_any_more(EcCurve curve)
    {
        using var other = OneTimeKey.Generate(curve);
        var key = OneTimeKey.Generate(curve);
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Agree(other.PublicKey));
        Assert.Throws<ObjectDisposedException>(() => key.Export());
    }

    private static byte[] Scalar(int number)
    {
        var scalar = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(scalar.AsSpan(28), number);
        return scalar;
    }
}
