using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security.Bsp;
using static OpenEim.Protocol.Tests.Security.Bsp.BspSessionTests;

namespace OpenEim.Protocol.Tests.Security.Bsp;

public sealed class BoundProfileTests
{
    private static readonly byte[] Configure = [0xBF, 0x24, 0x00];
    private static readonly byte[] Metadata = Filled(1500, 4);

    [Theory]
    [InlineData(1, false)]
    [InlineData(1007, false)]
    [InlineData(1008, false)]
    [InlineData(2014, true)]
    [InlineData(5000, true)]
    public void A_package_is_read_back_segment_by_segment(int length, bool replaceKeys)
    {
        var profile = Filled(length, 8);
        var parts = Protect(profile, replaceKeys);
        Assert.Equal(replaceKeys, parts.SecondSequenceOf87 is not null);

        using var reader = new BoundProfileReader(new BspSession(Keys()));
        Assert.Equal(Configure, ReadPart(reader, BoundProfilePart.FirstSequenceOf87, parts.FirstSequenceOf87));
        Assert.Equal(Metadata, ReadPart(reader, BoundProfilePart.SequenceOf88, parts.SequenceOf88));
        if (parts.SecondSequenceOf87 is { } replacement)
        {
            // The keys stay inside.
            Assert.Empty(ReadPart(reader, BoundProfilePart.SecondSequenceOf87, replacement));
        }

        Assert.Equal(profile, ReadPart(reader, BoundProfilePart.SequenceOf86, parts.SequenceOf86));
    }

    [Fact]
    public void The_parts_are_cut_into_full_segments_and_stand_in_order_in_the_whole_package()
    {
        var parts = Protect(Filled(2500, 1), replaceKeys: true);
        Assert.Equal([1020, 1020, 1 + 3 + 496 + 8], Segments(0xA3, parts.SequenceOf86).Select(s => s.Length));
        Assert.Equal([1020, 1 + 3 + 492 + 8], Segments(0xA1, parts.SequenceOf88).Select(s => s.Length));

        byte[] secureChannel = [0xBF, 0x23, 0x01, 0x00];
        var inner = new BerReader(parts.ToBoundProfilePackage(secureChannel)).Inside(0xBF36);
        Assert.Equal(secureChannel, inner.ReadEncoded(0xBF23).ToArray());
        Assert.Equal(parts.FirstSequenceOf87.ToArray(), inner.ReadEncoded(0xA0).ToArray());
        Assert.Equal(parts.SequenceOf88.ToArray(), inner.ReadEncoded(0xA1).ToArray());
        Assert.Equal(parts.SecondSequenceOf87!.Value.ToArray(), inner.ReadEncoded(0xA2).ToArray());
        Assert.Equal(parts.SequenceOf86.ToArray(), inner.ReadEncoded(0xA3).ToArray());
        inner.ThrowIfNotEmpty();
    }

    [Fact]
    public void With_keys_of_its_own_the_profile_is_protected_the_same_for_every_eUICC()
    {
        using var profileKeys = BspKeys.Random();
        using var session = new BspSession(Keys());
        var profile = Filled(3000, 1);
        var parts = BoundProfileParts.Protect(session, Configure, Metadata, profile, profileKeys);
        Assert.Equal(BoundProfileParts.ProtectProfile(profileKeys, profile), parts.SequenceOf86);
    }

    [Fact]
    public void Parts_in_the_wrong_order_are_refused()
    {
        using (var reader = new BoundProfileReader(new BspSession(Keys())))
        {
            Assert.Equal(BspError.OutOfOrder, reader.Read(new byte[] { 0x87, 0x00 }, out _));
        }

        using (var reader = new BoundProfileReader(new BspSession(Keys())))
        {
            Assert.Equal(BspError.OutOfOrder, reader.Begin(BoundProfilePart.SequenceOf88));
            Assert.Equal(BspError.OutOfOrder, reader.Begin(BoundProfilePart.FirstSequenceOf87));
        }

        var parts = Protect(Filled(10, 0), replaceKeys: false);
        using (var reader = new BoundProfileReader(new BspSession(Keys())))
        {
            ReadPart(reader, BoundProfilePart.FirstSequenceOf87, parts.FirstSequenceOf87);
            Assert.Equal(BspError.OutOfOrder, reader.Begin(BoundProfilePart.SequenceOf86));
        }

        using (var reader = new BoundProfileReader(new BspSession(Keys())))
        {
            ReadPart(reader, BoundProfilePart.FirstSequenceOf87, parts.FirstSequenceOf87);
            Assert.Equal(BspError.None, reader.Begin(BoundProfilePart.SequenceOf88));
            Assert.Equal(BspError.OutOfOrder, reader.Begin(BoundProfilePart.SequenceOf86));
        }
    }

    [Fact]
    public void A_profile_under_other_keys_than_announced_is_refused()
    {
        using var profileKeys = BspKeys.Random();
        using var otherKeys = BspKeys.Random();
        using var session = new BspSession(Keys());
        var parts = BoundProfileParts.Protect(session, Configure, Metadata, Filled(10, 0), profileKeys);

        using var reader = new BoundProfileReader(new BspSession(Keys()));
        ReadPart(reader, BoundProfilePart.FirstSequenceOf87, parts.FirstSequenceOf87);
        ReadPart(reader, BoundProfilePart.SequenceOf88, parts.SequenceOf88);
        ReadPart(reader, BoundProfilePart.SecondSequenceOf87, parts.SecondSequenceOf87!.Value);
        Assert.Equal(BspError.None, reader.Begin(BoundProfilePart.SequenceOf86));
        var foreign = Segments(0xA3, BoundProfileParts.ProtectProfile(otherKeys, Filled(10, 0)))[0];
        Assert.Equal(BspError.Mac, reader.Read(foreign, out var opened));
        Assert.Empty(opened);
    }

    [Fact]
    public void A_replacement_that_is_none_is_a_structure_error()
    {
        using var session = new BspSession(Keys());
        using var reader = new BoundProfileReader(new BspSession(Keys()));
        Assert.Equal(BspError.None, reader.Begin(BoundProfilePart.FirstSequenceOf87));
        Assert.Equal(BspError.None, reader.Read(session.Protect(BspTag.Command, Configure), out _));
        Assert.Equal(BspError.None, reader.Begin(BoundProfilePart.SequenceOf88));
        Assert.Equal(BspError.None, reader.Read(session.Protect(BspTag.Metadata, Filled(10, 0)), out _));
        Assert.Equal(BspError.None, reader.Begin(BoundProfilePart.SecondSequenceOf87));
        Assert.Equal(BspError.None, reader.Read(session.Protect(BspTag.Command, Configure), out _));
        Assert.Equal(BspError.Structure, reader.Begin(BoundProfilePart.SequenceOf86));
    }

    private static BoundProfileParts Protect(byte[] profile, bool replaceKeys)
    {
        using var session = new BspSession(Keys());
        using var profileKeys = replaceKeys ? BspKeys.Random() : null;
        return BoundProfileParts.Protect(session, Configure, Metadata, profile, profileKeys);
    }

    private static byte[] ReadPart(BoundProfileReader reader, BoundProfilePart part, ReadOnlyMemory<byte> encoded)
    {
        Assert.Equal(BspError.None, reader.Begin(part));
        var content = new List<byte>();
        foreach (var segment in Segments((uint)part, encoded))
        {
            Assert.Equal(BspError.None, reader.Read(segment, out var plaintext));
            content.AddRange(plaintext);
        }

        return [.. content];
    }

    private static List<ReadOnlyMemory<byte>> Segments(uint outerTag, ReadOnlyMemory<byte> encoded)
    {
        var segments = new List<ReadOnlyMemory<byte>>();
        var reader = new BerReader(encoded).Inside(outerTag);
        while (reader.HasData)
        {
            segments.Add(reader.ReadEncoded(out _));
        }

        return segments;
    }
}
