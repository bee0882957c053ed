using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES8+ ReplaceSessionKeysRequest, tag BF26 (SGP.22 5.5.4). It holds keys: the caller who decodes it clears the buffer behind it.</summary>
/// <param name="InitialMacChainingValue">80: 16 bytes.</param>
/// <param name="PpkEnc">81: the new S-ENC, 16 bytes.</param>
/// <param name="PpkCmac">82: the new S-MAC, 16 bytes.</param>
public sealed record ReplaceSessionKeysRequest(
    ReadOnlyMemory<byte> InitialMacChainingValue, ReadOnlyMemory<byte> PpkEnc, ReadOnlyMemory<byte> PpkCmac)
    : IBerMessage<ReplaceSessionKeysRequest>
{
    /// <inheritdoc/>
    public static ReplaceSessionKeysRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ReplaceSessionKeys);
        var request = new ReplaceSessionKeysRequest(
            inner.ReadValue(0x80, 16, 16), inner.ReadValue(0x81, 16, 16), inner.ReadValue(0x82, 16, 16));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ReplaceSessionKeys))
        {
            writer.Octets(0x80, InitialMacChainingValue.Span);
            writer.Octets(0x81, PpkEnc.Span);
            writer.Octets(0x82, PpkCmac.Span);
        }
    }
}
