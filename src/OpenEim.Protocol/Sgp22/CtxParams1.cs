using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 DeviceInfo.</summary>
/// <param name="Tac">80: type allocation code, 4 bytes.</param>
/// <param name="Capabilities">A1.</param>
/// <param name="Imei">82: 8 bytes.</param>
public sealed record DeviceInfo(ReadOnlyMemory<byte> Tac, DeviceCapabilities Capabilities, ReadOnlyMemory<byte>? Imei = null)
{
    internal static DeviceInfo Read(BerReader inner)
    {
        var info = new DeviceInfo(
            inner.ReadValue(0x80, 4, 4), DeviceCapabilities.Read(inner.ReadConstructed(0xA1)), inner.OptionalValue(0x82, 8, 8));
        inner.SkipUnknown();
        return info;
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            writer.Octets(0x80, Tac.Span);
            Capabilities.Write(writer, 0xA1);
            writer.OptionalOctets(0x82, Imei);
        }
    }
}

/// <summary>SGP.22 CtxParams1: its one arm A0, CtxParamsForCommonAuthentication.</summary>
/// <param name="MatchingId">80: the activation code's token, an event id, or empty; at most 255 bytes.</param>
/// <param name="DeviceInfo">A1.</param>
public sealed record CtxParams1(string? MatchingId, DeviceInfo DeviceInfo) : IBerMessage<CtxParams1>
{
    /// <inheritdoc/>
    public static CtxParams1 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xA0);
        var parameters = new CtxParams1(inner.TryReadUtf8(0x80, 255), DeviceInfo.Read(inner.ReadConstructed(0xA1)));
        inner.SkipUnknown();
        return parameters;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA0))
        {
            writer.OptionalUtf8(0x80, MatchingId);
            DeviceInfo.Write(writer, 0xA1);
        }
    }
}
