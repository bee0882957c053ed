using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>The frame of a bound profile package, and the parts in which a card gets it (SGP.22 2.5.4, 2.5.5).</summary>
public sealed class BoundProfilePackageTests
{
    [Fact]
    public void Parts_for_the_card_are_cut_where_the_standard_cuts_them()
    {
        var parts = LoadBoundProfilePackage.Split(Bytes(Samples.BoundProfilePackage)).Select(p => Convert.ToHexString(p.Span)).ToArray();

        string[] expected =
        [
            "BF36" + Samples.BoundProfilePackage[4..10] + Samples.InitialiseSecureChannel,
            T("A0", T("87", Fill("01", 24))),
            "A1820412",
            T("88", Fill("02", 1016)),
            T("88", Fill("03", 20)),
            T("A2", T("87", Fill("04", 72))),
            "A3820812",
            T("86", Fill("05", 1016)),
            T("86", Fill("06", 1016)),
            T("86", Fill("07", 24)),
        ];
        Assert.Equal(expected, parts);
    }

    [Fact]
    public void Parts_without_replaced_keys_have_no_A2()
    {
        var parts = LoadBoundProfilePackage.Split(Bytes(Samples.BoundProfilePackageWithSessionKeys));

        Assert.Equal(["BF36", "A01A", "A15C", "885A", "A31A", "8618"], parts.Select(p => Convert.ToHexString(p.Span[..2])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Parts_are_slices_that_make_the_whole_package_again(bool replacedKeys)
    {
        var package = Bytes(replacedKeys ? Samples.BoundProfilePackage : Samples.BoundProfilePackageWithSessionKeys);

        var parts = LoadBoundProfilePackage.Split(package);

        Assert.Equal(package, parts.SelectMany(p => p.ToArray()));
        Assert.All(parts, part => Assert.True(package.AsSpan().Overlaps(part.Span)));
    }

    [Fact]
    public void Frame_gives_its_segments_in_order()
    {
        var package = BerMessage.Decode<BoundProfilePackage>(Bytes(Samples.BoundProfilePackage));

        Assert.Equal((1, 2, 1, 3),
            (package.ConfigureIsdp.Count, package.StoreMetadata.Count, package.ReplaceSessionKeys!.Count, package.ProfileElements.Count));
        Assert.Equal(T("86", Fill("06", 1016)), Convert.ToHexString(package.ProfileElements[1].Span));
        Assert.Equal(BoundProfilePackage.MaxSegmentLength, package.ProfileElements[1].Length);
        Assert.Equal(Samples.TransactionId, package.ReadInitialiseSecureChannel().TransactionId.ToString());
    }

    [Theory]
    [InlineData(1032, true)]
    [InlineData(1033, false)]
    public void Segment_is_accepted_up_to_1036_bytes_in_all(int content, bool accepted)
    {
        var package = Bytes(T("BF36", Samples.InitialiseSecureChannel,
            T("A0", T("87", Fill("01", 24))), T("A1", T("88", Fill("02", 90))), T("A3", T("86", Fill("05", content)))));

        if (accepted)
        {
            Assert.Equal(content + 4, BerMessage.Decode<BoundProfilePackage>(package).ProfileElements[0].Length);
        }
        else
        {
            Assert.Throws<ProtocolException>(() => BerMessage.Decode<BoundProfilePackage>(package));
        }
    }

    [Fact]
    public void Package_out_of_order_or_without_segments_is_refused()
    {
        var a0 = T("A0", T("87", Fill("01", 24)));
        var a1 = T("A1", T("88", Fill("02", 90)));
        var a3 = T("A3", T("86", Fill("05", 24)));

        foreach (var content in new[] { a1 + a0 + a3, a0 + a3, a0 + a1, a0 + a1 + a3 + a3, T("A0") + a1 + a3, a0 + T("A1", T("86", "00")) + a3 })
        {
            var package = Bytes(T("BF36", Samples.InitialiseSecureChannel, content));
            Assert.Throws<ProtocolException>(() => BerMessage.Decode<BoundProfilePackage>(package));
            Assert.Throws<ProtocolException>(() => LoadBoundProfilePackage.Split(package));
        }
    }
}
