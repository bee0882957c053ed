using System.Formats.Asn1;

namespace OpenEim.Protocol.Ber;

/// <summary>A wire message or a part of one, that can write itself with its tag.</summary>
public interface IBerMessage
{
    /// <summary>Writes the TLV.</summary>
    void Encode(AsnWriter writer);
}
