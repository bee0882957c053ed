using System.Text;
using OpenEim.Fuzzing.Mutation;
using OpenEim.Fuzzing.Running;
using OpenEim.Fuzzing.Targets;
using OpenEim.Fuzzing.Targets.Listeners;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>What may be a seed of a target; the target itself says what it takes.</summary>
internal static class SeedSource
{
    private static List<byte[]>? _messages;

    /// <summary>Candidates of the target's kind.</summary>
    public static IEnumerable<byte[]> Candidates(FuzzTarget target, Corpus corpus) => target.Kind switch
    {
        InputKind.Ber => Messages(corpus.Checkout),
        InputKind.Json => SeedBytes.JsonVectors(corpus.Checkout).Select(vector => vector.Json).Concat(SeedSamples.Json).Select(Encoding.UTF8.GetBytes),
        InputKind.Text => SeedSamples.Texts.Select(Encoding.UTF8.GetBytes),
        InputKind.Pem => SeedSamples.Pems().Select(Encoding.UTF8.GetBytes),
        InputKind.Request => RequestSeeds.For(target.Name, corpus.Checkout),
        _ => LineSeeds.For(target.Name, corpus.Checkout),
    };

    private static List<byte[]> Messages(string checkout)
    {
        if (_messages is null)
        {
            var parts = SeedBytes.WithParts([.. SeedBytes.Vectors(checkout).Select(vector => vector.Bytes), .. SeedSamples.Messages()]).ToList();
            _messages = [.. parts, .. parts.SelectMany(InEsipa), .. SeedSamples.Bytes()];
        }

        return _messages;
    }

    /// <summary>What an IPA brings, in the name of the eUICC that the eIM of the fuzzer knows.</summary>
    private static IEnumerable<byte[]> InEsipa(byte[] part)
    {
        var eid = EimLab.Eid.ToBytes();
        switch (part)
        {
            case [0xBF, 0x51 or 0x52 or 0x54, ..]:
                yield return Tlv([0xBF, 0x50], [0x5A, 0x10, .. eid, .. part]);
                break;
            case [0xBF, 0x37, ..] or [0x30, _, 0xBF, 0x2F, ..] or [0x30, 0x81 or 0x82, _, _, 0xBF, 0x2F, ..]:
                yield return Tlv([0xBF, 0x3D], Tlv([0xA0], part));
                break;
            case [0xBF, 0x3E, ..]:
                yield return Tlv([0xBF, 0x4F], [0x5A, 0x10, .. eid]);
                break;
        }
    }

    private static byte[] Tlv(byte[] tag, byte[] content) => [.. tag, .. BerNode.LengthOf(content.Length), .. content];
}
