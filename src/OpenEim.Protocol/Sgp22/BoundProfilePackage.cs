using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>BoundProfilePackage, tag BF36 (SGP.22 2.5.4), as a frame: the protected segments in order, none of them opened.</summary>
/// <param name="InitialiseSecureChannel">BF23, the whole TLV.</param>
/// <param name="ConfigureIsdp">A0: the 87 TLVs that hold ConfigureISDP.</param>
/// <param name="StoreMetadata">A1: the 88 TLVs that hold StoreMetadata, not encrypted.</param>
/// <param name="ReplaceSessionKeys">A2: the 87 TLVs that hold ReplaceSessionKeys; null when the session keys protect the profile.</param>
/// <param name="ProfileElements">A3: the 86 TLVs that hold the profile package.</param>
public sealed record BoundProfilePackage(
    ReadOnlyMemory<byte> InitialiseSecureChannel,
    IReadOnlyList<ReadOnlyMemory<byte>> ConfigureIsdp,
    IReadOnlyList<ReadOnlyMemory<byte>> StoreMetadata,
    IReadOnlyList<ReadOnlyMemory<byte>>? ReplaceSessionKeys,
    IReadOnlyList<ReadOnlyMemory<byte>> ProfileElements) : IBerMessage<BoundProfilePackage>
{
    /// <summary>The greatest length of a segment with its tag and length, in bytes (SGP.22 2.5.3).</summary>
    public const int MaxSegmentLength = 1020;

    /// <summary>The greatest length of a segment that is accepted: SM-DP+s in use send segments longer than the standard allows.</summary>
    public const int MaxReceivedSegmentLength = 1036;

    /// <summary>Reads the secure channel's beginning.</summary>
    /// <exception cref="ProtocolException">It is not an InitialiseSecureChannelRequest.</exception>
    public InitialiseSecureChannelRequest ReadInitialiseSecureChannel() =>
        BerMessage.Decode<InitialiseSecureChannelRequest>(InitialiseSecureChannel);

    /// <inheritdoc/>
    public static BoundProfilePackage Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.BoundProfilePackage);
        var package = new BoundProfilePackage(
            inner.ReadEncoded(Sgp22Tags.InitialiseSecureChannel),
            ReadSegments(inner.ReadConstructed(0xA0), 0x87),
            ReadSegments(inner.ReadConstructed(0xA1), 0x88),
            inner.TryReadConstructed(0xA2, out var keys) ? ReadSegments(keys, 0x87) : null,
            ReadSegments(inner.ReadConstructed(0xA3), 0x86));
        inner.ThrowIfNotEmpty();
        return package;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.BoundProfilePackage))
        {
            writer.Raw(InitialiseSecureChannel.Span);
            WriteSegments(writer, 0xA0, ConfigureIsdp);
            WriteSegments(writer, 0xA1, StoreMetadata);
            if (ReplaceSessionKeys is not null)
            {
                WriteSegments(writer, 0xA2, ReplaceSessionKeys);
            }

            WriteSegments(writer, 0xA3, ProfileElements);
        }
    }

    private static List<ReadOnlyMemory<byte>> ReadSegments(BerReader sequence, uint tag)
    {
        var segments = new List<ReadOnlyMemory<byte>>();
        while (sequence.HasData)
        {
            var segment = sequence.ReadEncoded(tag);
            segments.Add(segment.Length <= MaxReceivedSegmentLength
                ? segment
                : throw new ProtocolException($"a segment of a bound profile package has {segment.Length} bytes, more than {MaxReceivedSegmentLength}"));
        }

        return segments.Count > 0 ? segments : throw new ProtocolException("a sequence of a bound profile package has no segment");
    }

    private static void WriteSegments(AsnWriter writer, uint tag, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        using (writer.Constructed(tag))
        {
            foreach (var segment in segments)
            {
                writer.Raw(segment.Span);
            }
        }
    }
}
