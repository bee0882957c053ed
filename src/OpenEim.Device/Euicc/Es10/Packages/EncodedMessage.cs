using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>A message that is signed and therefore leaves as it is.</summary>
internal sealed record EncodedMessage(ReadOnlyMemory<byte> Encoded) : IBerMessage
{
    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}
