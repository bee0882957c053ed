using System.Buffers.Binary;
using System.Net;

namespace OpenEim.Hosting.Listeners;

/// <summary>Where a connection comes from, as far as limits go.</summary>
public static class SourceAddress
{
    private const int Ipv6Length = 16;

    /// <summary>An IPv4 address as it is; of an IPv6 address the network of 64 bits, since one customer commonly has all of it. Allocates nothing.</summary>
    public static long Network(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Length];
        if (address is null || !address.TryWriteBytes(bytes, out var length))
        {
            return 0;
        }

        if (length != Ipv6Length)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        return bytes[..10].ContainsAnyExcept((byte)0) || bytes[10] != 0xFF || bytes[11] != 0xFF
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
    }

    /// <summary>Whether the address is in one of the networks; an IPv4 address may come as an IPv6 one.</summary>
    public static bool IsIn(IPAddress? address, IReadOnlyList<IPNetwork> networks)
    {
        if (address is null)
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }
}
