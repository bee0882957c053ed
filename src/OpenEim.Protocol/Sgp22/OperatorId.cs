using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 OperatorId: who owns a profile.</summary>
/// <param name="MccMnc">80: 3 bytes, as in 3GPP TS 24.008.</param>
/// <param name="Gid1">81: content of EF.GID1.</param>
/// <param name="Gid2">82: content of EF.GID2.</param>
public sealed record OperatorId(ReadOnlyMemory<byte> MccMnc, ReadOnlyMemory<byte>? Gid1 = null, ReadOnlyMemory<byte>? Gid2 = null)
{
    /// <summary>Reads the value bytes, as <see cref="ProfileInfo.Owner"/> holds them.</summary>
    /// <exception cref="ProtocolException">They are not an OperatorId.</exception>
    public static OperatorId Parse(ReadOnlyMemory<byte> value) => Read(new BerReader(value));

    /// <summary>The value bytes, as <see cref="ProfileInfo.Owner"/> holds them.</summary>
    public byte[] ToBytes() => BerWriting.Encode(WriteFields);

    internal static OperatorId Read(BerReader inner)
    {
        var id = new OperatorId(inner.ReadValue(0x80, 3, 3), inner.OptionalValue(0x81, 0, 64), inner.OptionalValue(0x82, 0, 64));
        inner.SkipUnknown();
        return id;
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            WriteFields(writer);
        }
    }

    private void WriteFields(AsnWriter writer)
    {
        writer.Octets(0x80, MccMnc.Span);
        writer.OptionalOctets(0x81, Gid1);
        writer.OptionalOctets(0x82, Gid2);
    }
}
