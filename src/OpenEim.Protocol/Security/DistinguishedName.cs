using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>The attributes of an X.501 Name that RSP looks at.</summary>
/// <param name="CommonName">2.5.4.3, or null.</param>
/// <param name="Organization">2.5.4.10, or null.</param>
/// <param name="SerialNumber">2.5.4.5, or null.</param>
/// <param name="HasOthers">Whether there are attributes besides these three.</param>
internal readonly record struct DistinguishedName(string? CommonName, string? Organization, string? SerialNumber, bool HasOthers)
{
    /// <summary>Reads a Name, the value of a 30, and nothing behind it.</summary>
    /// <exception cref="ProtocolException">It is malformed, or ambiguous: an attribute that RSP looks at stands there twice.</exception>
    public static DistinguishedName Read(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var rdns = reader.ReadConstructed(0x30);
        reader.ThrowIfNotEmpty();

        var name = default(DistinguishedName);
        while (rdns.HasData)
        {
            var rdn = rdns.ReadConstructed(0x31);
            do
            {
                var attribute = rdn.ReadConstructed(0x30);
                name = name.With(attribute.ReadOid(), ref attribute);
                attribute.ThrowIfNotEmpty();
            }
            while (rdn.HasData);
        }

        return name;
    }

    private DistinguishedName With(string type, ref BerReader attribute)
    {
        switch (type)
        {
            case Oids.CommonName:
                return this with { CommonName = Once(CommonName, attribute.ReadText()) };
            case Oids.Organization:
                return this with { Organization = Once(Organization, attribute.ReadText()) };
            case Oids.SerialNumber:
                return this with { SerialNumber = Once(SerialNumber, attribute.ReadText()) };
            default:
                attribute.ReadEncoded(out _);
                return this with { HasOthers = true };
        }
    }

    private static string Once(string? before, string text) =>
        before is null ? text : throw new ProtocolException("a name states its common name, organisation or serial number twice");
}
