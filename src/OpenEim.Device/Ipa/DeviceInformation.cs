using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Ipa;

/// <summary>SGP.22 DeviceInfo, as an IPA gives it in tag A9 of BF52.</summary>
/// <param name="Tac">80: the type allocation code, 4 bytes.</param>
/// <param name="Imei">82: 8 bytes, where the device tells it.</param>
public sealed record DeviceInformation(ReadOnlyMemory<byte> Tac, ReadOnlyMemory<byte>? Imei = null)
{
    /// <summary>The value of the TLV: its tag is the caller's. The device capabilities (A1) are left empty.</summary>
    public byte[] EncodeValue() => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            writer.Octets(0x80, Tac.Span);
            using (writer.Constructed(0xA1))
            {
            }

            writer.OptionalOctets(0x82, Imei);
        }
    })[2..];
}
