using System.Net;
using System.Net.Sockets;

namespace OpenEim.Manager.Smdps;

/// <summary>Which SM-DP+s this eIM calls. Activation codes and notifications name them, so strangers choose the names.</summary>
/// <remarks>
/// The check stands where the connection is opened, on the addresses that are connected to: a name that resolves to another address the
/// next time gains nothing by it. An unknown name and a name that may not be called end with the same error, so that nobody learns from
/// answers which names and addresses exist in the operator's own network.
/// </remarks>
public sealed class SmdpReach
{
    private const string Wildcard = "*.";

    private readonly IReadOnlyList<string> _hosts;
    private readonly IReadOnlyList<IPNetwork> _privateNetworks;
    private readonly HashSet<(string Host, int Port)> _configured = [];
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <summary>Makes the rule.</summary>
    /// <param name="hosts">The only names that may be called, <c>*.example.com</c> for all names below one; none for every name.</param>
    /// <param name="privateNetworks">Networks that may be called although they are not public.</param>
    /// <param name="resolve">How names are resolved; null for the machine's own way.</param>
    public SmdpReach(IReadOnlyList<string> hosts, IReadOnlyList<IPNetwork> privateNetworks, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(privateNetworks);
        (_hosts, _privateNetworks, _resolve) = (hosts, privateNetworks, resolve ?? Dns.GetHostAddressesAsync);
    }

    /// <summary>Every name, public addresses only.</summary>
    public static SmdpReach Public { get; } = new([], []);

    /// <summary>Whether a text may stand in the list of hosts: a host name or IP address, or <c>*.</c> and a host name.</summary>
    public static bool IsHost(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(Wildcard, StringComparison.Ordinal)
            ? Uri.CheckHostName(text[Wildcard.Length..]) == UriHostNameType.Dns
            : Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
    }

    /// <summary>The same rule, and beside it the one server that the operator has configured, wherever that is.</summary>
    public SmdpReach With(Uri server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var reach = new SmdpReach(_hosts, _privateNetworks, _resolve);
        reach._configured.UnionWith(_configured);
        reach._configured.Add((server.IdnHost, server.Port));
        return reach;
    }

    /// <summary>Whether the address may be connected to.</summary>
    public bool Allows(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var inner = PublicAddress.Unwrap(address);
        return PublicAddress.Is(address) || _privateNetworks.Any(network => network.Contains(inner) || network.Contains(address));
    }

    /// <summary>Whether the name may be called at all.</summary>
    public bool Allows(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return _hosts.Count == 0 || _hosts.Any(allowed => allowed.StartsWith(Wildcard, StringComparison.Ordinal)
            ? host.Length > allowed.Length - 1 && host.EndsWith(allowed[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(allowed.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Opens a connection, for <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="SmdpOutOfReachException">The name is unknown, or it or all its addresses may not be called.</exception>
    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var addresses = await AddressesAsync(context.DnsEndPoint, ct).ConfigureAwait(false);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IPAddress[]> AddressesAsync(DnsEndPoint server, CancellationToken ct)
    {
        var isConfigured = _configured.Contains((server.Host, server.Port));
        if (!isConfigured && !Allows(server.Host))
        {
            throw new SmdpOutOfReachException("the name is not among SmdpHosts");
        }

        var found = await ResolveAsync(server.Host, ct).ConfigureAwait(false);
        var allowed = isConfigured ? found : Array.FindAll(found, Allows);
        return allowed.Length > 0
            ? allowed
            : throw new SmdpOutOfReachException($"{string.Join(", ", found.Select(address => address.ToString()))} is not public, and not within SmdpPrivateNetworks");
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            return await _resolve(host, ct).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new SmdpOutOfReachException($"the name cannot be resolved: {e.Message}", e);
        }
    }
}

/// <summary>This eIM does not call the SM-DP+. The message is for the log alone.</summary>
public sealed class SmdpOutOfReachException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SmdpOutOfReachException()
        : this("The SM-DP+ may not be called.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public SmdpOutOfReachException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public SmdpOutOfReachException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
