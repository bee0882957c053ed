using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace OpenEim.Manager.Organisations;

/// <summary>The addresses that a token may be used from, in CIDR notation; one address alone is its own range.</summary>
public sealed record AddressRange
{
    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <summary>Reads <c>10.0.0.0/8</c>, <c>2001:db8::/32</c> or one address; bits beyond the prefix must be zero.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out AddressRange? range)
    {
        var cidr = text is null || text.Contains('/', StringComparison.Ordinal)
            ? text
            : text + (text.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");
        range = IPNetwork.TryParse(cidr, out var network) ? new AddressRange(network) : null;
        return range is not null;
    }

    /// <summary>Whether the address is in the range; an IPv4 address counts however the listener reports it.</summary>
    public bool Contains(IPAddress? address) =>
        address is not null && (_network.Contains(address) || (address.IsIPv4MappedToIPv6 && _network.Contains(address.MapToIPv4())));

    /// <summary>The CIDR notation.</summary>
    public override string ToString() => _network.ToString();
}
