using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>What a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) says, before its point is checked.</summary>
/// <param name="Domain">The curve, or null when the key is of another kind.</param>
/// <param name="Point">The key's bits.</param>
/// <param name="Kind">The object identifier of the curve, or of the algorithm when that is not elliptic.</param>
internal readonly record struct SubjectPublicKeyInfo(EcDomain? Domain, ReadOnlyMemory<byte> Point, string Kind)
{
    /// <summary>Reads one, and nothing behind it.</summary>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public static SubjectPublicKeyInfo Read(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var spki = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();

        var algorithm = spki.ReadConstructed(0x30);
        var bits = spki.ReadBits();
        spki.ThrowIfNotEmpty();

        var kind = algorithm.ReadOid();
        if (kind != Oids.EcPublicKey)
        {
            return new(null, bits, kind);
        }

        if (!algorithm.NextIs(0x06))
        {
            return new(null, bits, "parameters that are not a named curve");
        }

        var curve = algorithm.ReadOid();
        algorithm.ThrowIfNotEmpty();
        return new(EcDomain.ByOid(curve), bits, curve);
    }
}
