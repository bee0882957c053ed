using System.Runtime.InteropServices;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>Where a value stands in a profile package.</summary>
internal readonly record struct Place(int Offset, int Length)
{
    /// <summary>The place of a slice of an array that holds the whole package from its first byte on.</summary>
    public static Place Of(ReadOnlyMemory<byte> slice)
    {
        MemoryMarshal.TryGetArray(slice, out var segment);
        return new Place(segment.Offset, segment.Count);
    }

    /// <summary>The bytes there.</summary>
    public Span<byte> In(byte[] package) => package.AsSpan(Offset, Length);
}
