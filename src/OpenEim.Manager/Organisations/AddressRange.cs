using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace OpenEim.Manager.Organisations;

/// <summary>The addresses that a token may be used from, in CIDR notation; one address alone is its own range.</summary>
public sealed record AddressRange
{
    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <summary>Reads <c>10.0.0.0/8</c>, <c>2001:db8::/32</c> or one address; bits beyond the prefix must be zero.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        var parts = (text ?? "").Split('/');
        if (parts.Length <= 2 && IPAddress.TryParse(parts[0], out var address) && IsPlain(parts[0]))
        {
            var prefix = parts.Length == 2 ? parts[1] : address.AddressFamily == AddressFamily.InterNetwork ? "32" : "128";

            // Set bits beyond the prefix mean that a narrower range was meant than the prefix says.
            if (IPNetwork.TryParse($"{parts[0]}/{prefix}", out var network) && network.BaseAddress.Equals(address))
            {
                range = new AddressRange(network);
            }
        }

        return range is not null;
    }

    /// <summary>Whether the address is in the range; an IPv4 address counts however the listener reports it.</summary>
    public bool Contains(IPAddress? address) =>
        address is not null && (_network.Contains(address) || (address.IsIPv4MappedToIPv6 && _network.Contains(address.MapToIPv4())));

    /// <summary>The CIDR notation.</summary>
    public override string ToString() => _network.ToString();

    /// <summary>.NET's parser also takes ports, scopes, and IPv4 addresses with parts missing.</summary>
    private static bool IsPlain(string address) =>
        address.Contains(':', StringComparison.Ordinal)
            ? !address.Contains('[', StringComparison.Ordinal) && !address.Contains('%', StringComparison.Ordinal)
            : address.Count(c => c == '.') == 3;
}
