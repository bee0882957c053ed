using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10b LoadBoundProfilePackage: the parts in which a device hands a package to the card, one after another (SGP.22 2.5.5).</summary>
public static class LoadBoundProfilePackage
{
    /// <summary>
    /// Splits a package: header of BF36 with BF23; A0 whole; header of A1; each 88; A2 whole if present; header of A3; each 86.
    /// </summary>
    /// <param name="package">The BF36 TLV. The parts are slices of it, and follow one another without a gap.</param>
    /// <exception cref="ProtocolException">It is not a bound profile package.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> package)
    {
        BerMessage.Decode<BoundProfilePackage>(package);

        var inner = new BerReader(package).Inside(Sgp22Tags.BoundProfilePackage);
        var header = package.Length - inner.Remaining.Length;
        var initialise = inner.ReadEncoded(Sgp22Tags.InitialiseSecureChannel);
        var parts = new List<ReadOnlyMemory<byte>> { package[..(header + initialise.Length)] };
        parts.Add(inner.ReadEncoded(0xA0));
        AddSegments(parts, inner.ReadEncoded(0xA1), 0xA1);
        if (inner.OptionalEncoded(0xA2) is { } keys)
        {
            parts.Add(keys);
        }

        AddSegments(parts, inner.ReadEncoded(0xA3), 0xA3);
        return parts;
    }

    private static void AddSegments(List<ReadOnlyMemory<byte>> parts, ReadOnlyMemory<byte> sequence, uint tag)
    {
        var inner = new BerReader(sequence).Inside(tag);
        parts.Add(sequence[..^inner.Remaining.Length]);
        while (inner.HasData)
        {
            parts.Add(inner.ReadEncoded(out _));
        }
    }
}
