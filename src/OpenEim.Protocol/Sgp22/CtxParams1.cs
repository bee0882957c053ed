using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 DeviceInfo. What is null was left out or cannot be read.</summary>
/// <param name="Tac">80: type allocation code, 4 bytes.</param>
/// <param name="Capabilities">A1.</param>
/// <param name="Imei">82: 8 bytes.</param>
public sealed record DeviceInfo(ReadOnlyMemory<byte>? Tac, DeviceCapabilities? Capabilities, ReadOnlyMemory<byte>? Imei = null)
{
    internal static DeviceInfo Read(ContentReader fields)
    {
        var info = new DeviceInfo(null, null);
        while (fields.Read())
        {
            info = fields.Tag switch
            {
                0x80 => info with { Tac = fields.Bytes(4, 4) },
                0xA1 => info with { Capabilities = DeviceCapabilities.Read(fields.Inside()) },
                0x82 => info with { Imei = fields.Bytes(8, 8) },
                _ => info,
            };
        }

        return info;
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            writer.OptionalOctets(0x80, Tac);
            Capabilities?.Write(writer, 0xA1);
            writer.OptionalOctets(0x82, Imei);
        }
    }
}

/// <summary>CtxParams1 (SGP.22 5.7.13): its one arm A0, CtxParamsForCommonAuthentication. What is null was left out or cannot be read.</summary>
/// <param name="MatchingId">80: the activation code's token, an event id, or empty; by the standard at most 255 bytes.</param>
/// <param name="DeviceInfo">A1.</param>
public sealed record CtxParams1(string? MatchingId, DeviceInfo? DeviceInfo) : IBerMessage<CtxParams1>
{
    /// <summary>What could not be read, at any depth; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static CtxParams1 Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(0xA0), unreadable);
        var parameters = new CtxParams1(null, null);
        while (fields.Read())
        {
            parameters = fields.Tag switch
            {
                0x80 => parameters with { MatchingId = fields.Text() },
                0xA1 => parameters with { DeviceInfo = DeviceInfo.Read(fields.Inside()) },
                _ => parameters,
            };
        }

        return parameters with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA0))
        {
            writer.OptionalUtf8(0x80, MatchingId);
            DeviceInfo?.Write(writer, 0xA1);
        }
    }
}
