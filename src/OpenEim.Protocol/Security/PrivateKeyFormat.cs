using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>PKCS#8 (RFC 5208, RFC 5958) and SEC1 (RFC 5915) private keys.</summary>
internal static class PrivateKeyFormat
{
    /// <summary>What a key file holds; the public point is often left out.</summary>
    public readonly record struct Parts(EcDomain Domain, ReadOnlyMemory<byte> Scalar, ReadOnlyMemory<byte>? PublicPoint);

    /// <summary>Reads PrivateKeyInfo: version, algorithm, key, and attributes that do not matter here.</summary>
    public static Parts ReadPkcs8(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var info = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();
        if (info.ReadInteger() is not (0 or 1))
        {
            throw new ProtocolException("a private key in PKCS#8 has an unknown version");
        }

        var algorithm = info.ReadConstructed(0x30);
        var kind = algorithm.ReadOid();
        if (kind != Oids.EcPublicKey)
        {
            throw new ProtocolException($"a private key is not an elliptic one but of {kind}");
        }

        var domain = ReadCurve(ref algorithm);
        return ReadSec1(info.ReadValue(0x04), domain);
    }

    /// <summary>Reads ECPrivateKey; inside PKCS#8 the curve stands outside.</summary>
    public static Parts ReadSec1(ReadOnlyMemory<byte> encoded, EcDomain? outer)
    {
        var reader = new BerReader(encoded);
        var key = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();
        if (key.ReadInteger() != 1)
        {
            throw new ProtocolException("a private key in SEC1 has an unknown version");
        }

        var scalar = key.ReadValue(0x04);
        var domain = outer;
        if (key.TryReadConstructed(0xA0, out var parameters))
        {
            domain = ReadCurve(ref parameters);
            if (outer is not null && domain != outer)
            {
                throw new ProtocolException("a private key names two curves");
            }
        }

        ReadOnlyMemory<byte>? point = null;
        if (key.TryReadConstructed(0xA1, out var publicKey))
        {
            point = publicKey.ReadBits();
        }

        key.ThrowIfNotEmpty();
        return new(domain ?? throw new ProtocolException("a private key in SEC1 does not name its curve"), scalar, point);
    }

    /// <summary>Writes PrivateKeyInfo with the public key inside, as other tools do.</summary>
    public static byte[] WritePkcs8(byte[] scalar, EcPublicKey publicKey) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            writer.WriteInteger(0);
            using (writer.Constructed(0x30))
            {
                writer.WriteObjectIdentifier(Oids.EcPublicKey);
                writer.WriteObjectIdentifier(EcDomain.Of(publicKey.Curve).Oid);
            }

            using (writer.PushOctetString())
            using (writer.Constructed(0x30))
            {
                writer.WriteInteger(1);
                writer.WriteOctetString(scalar);
                using (writer.Constructed(0xA1))
                {
                    writer.WriteBitString(publicKey.Point.Span);
                }
            }
        }
    });

    private static EcDomain ReadCurve(ref BerReader parameters)
    {
        if (!parameters.NextIs(0x06))
        {
            throw new ProtocolException("a private key spells its curve out instead of naming it");
        }

        var oid = parameters.ReadOid();
        return EcDomain.ByOid(oid)
            ?? throw new ProtocolException($"a private key is neither on P-256 nor on brainpoolP256r1 but on {oid}");
    }
}
