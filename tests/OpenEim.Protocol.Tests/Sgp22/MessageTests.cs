using CsCheck;
using OpenEim.Protocol.Ber;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>What holds for every message: exact bytes, and nothing but ProtocolException for anything malformed.</summary>
public sealed class MessageTests
{
    public static TheoryData<string> Names() => new(Samples.All.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void Message_is_read_and_written_byte_for_byte(string name)
    {
        var (hex, read) = Samples.All[name];

        Assert.Equal(hex, Convert.ToHexString(read(Bytes(hex)).Encode()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_truncation_is_refused(string name)
    {
        var (hex, read) = Samples.All[name];
        var whole = Bytes(hex);

        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Throws<ProtocolException>(() => read(whole.AsMemory(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_behind_the_message_are_refused(string name)
    {
        var (hex, read) = Samples.All[name];

        Assert.Throws<ProtocolException>(() => read(Bytes(hex + "0500")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_message_is_read_or_refused_and_never_fails_otherwise(string name)
    {
        var (hex, read) = Samples.All[name];
        var whole = Bytes(hex);
        var damage = Gen.Select(Gen.Int[0, Math.Min(whole.Length, 400) - 1], Gen.Byte).Array[1, 4];

        damage.Sample(
            changes =>
            {
                var damaged = whole.ToArray();
                foreach (var (position, value) in changes)
                {
                    damaged[position] = value;
                }

                return ReadsOrRefuses(read, damaged);
            },
            iter: 300);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Garbage_under_the_right_tag_is_read_or_refused_and_never_fails_otherwise(string name)
    {
        var (hex, read) = Samples.All[name];
        var tag = hex.StartsWith("BF", StringComparison.Ordinal) ? hex[..4] : hex[..2];

        RandomTlvs(3).Sample(garbage => ReadsOrRefuses(read, Bytes(T(tag, garbage))), iter: 300);
    }

    /// <summary>Random TLVs of the tags that the messages use, nested up to <paramref name="depth"/> deep.</summary>
    private static Gen<string> RandomTlvs(int depth)
    {
        var tag = Gen.OneOfConst("80", "81", "82", "83", "84", "30", "02", "01", "04", "0C", "5A", "4F", "5F37", "5F49", "A0", "A1", "A2", "A3", "A6", "BF2F", "BF22", "BF27", "BF23");
        var octets = Gen.Byte.Array[0, 20].Select(Convert.ToHexString);
        var content = depth == 0 ? octets : Gen.OneOf(octets, RandomTlvs(depth - 1));
        return Gen.Select(tag, content).Select((name, value) => T(name, value)).Array[0, 5].Select(string.Concat);
    }

    private static bool ReadsOrRefuses(Func<ReadOnlyMemory<byte>, IBerMessage> read, byte[] bytes)
    {
        try
        {
            read(bytes).Encode();
        }
        catch (ProtocolException)
        {
            return true;
        }

        return true;
    }
}
