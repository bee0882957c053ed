using System.Net;
using System.Net.Sockets;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Euiccs;

/// <summary>Where an ESipa message comes from. It proves nothing about the device; it keeps one poller's holds from another (docs/decisions/0009).</summary>
/// <param name="Address">The address; of IPv6 the first 64 bits. Empty where it is not known.</param>
/// <param name="Connection">The connection's name on this node. Empty where it is not known.</param>
/// <param name="IsEstablished">Whether the connection has carried a request before this one.</param>
public sealed record EsipaCaller(string Address, string Connection, bool IsEstablished)
{
    private const int NetworkBytes = 8;

    /// <summary>The EID that the connection has polled for last. It only finds a row; signatures decide what is believed.</summary>
    public Eid? LastPolled { get; init; }

    /// <summary>Whether the message names its EID, where it is of a kind that can (BF50).</summary>
    public bool? NamesEid { get; init; }

    /// <summary>Whether the message says that it follows SGP.32 v1.3.</summary>
    public bool SpeaksV13 { get; init; }

    /// <summary>Somebody of whom nothing is known.</summary>
    public static EsipaCaller Unknown { get; } = new("", "", IsEstablished: false);

    /// <summary>The caller at an address.</summary>
    /// <param name="address">As the listener sees it.</param>
    /// <param name="connection">The connection's name.</param>
    /// <param name="isEstablished">Whether the connection has carried a request before this one.</param>
    public static EsipaCaller Of(IPAddress? address, string connection, bool isEstablished) => new(TextOf(address), connection, isEstablished);

    private static string TextOf(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return plain.ToString();
        }

        // Whoever has one address of a network of 64 bits has all of them.
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes).ToString();
    }
}
