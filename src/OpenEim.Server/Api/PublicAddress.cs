using System.Net;

namespace OpenEim.Server.Api;

/// <summary>Decides what links begin with: never what a stranger wrote into a header.</summary>
/// <remarks>
/// <see cref="ServerOptions.PublicUrl"/> where it is set. Else what a trusted proxy tells in X-Forwarded-Host and X-Forwarded-Proto. Else the Host
/// header, as long as it names the address and port that the connection came to, or the loopback; else that address and port.
/// </remarks>
internal sealed class PublicAddress(ServerOptions options)
{
    private static readonly object OwnKey = new();

    private readonly List<IPNetwork> _proxies = [.. options.TrustedProxies.Select(proxy => IPNetwork.Parse(proxy))];

    /// <summary>Comes before the forwarded headers are looked at: remembers what the request is without them.</summary>
    public Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        var isForwarded = context.Request.Headers.ContainsKey("X-Forwarded-Host") && IsProxy(context.Connection.RemoteIpAddress);
        context.Items[OwnKey] = new Own(context.Request.Scheme, isForwarded);
        return next(context);
    }

    /// <summary>Comes after them: from here on scheme and host of the request can be believed.</summary>
    public Task SettleAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var own = (Own)context.Items[OwnKey]!;
        if (options.PublicUrl is { } url)
        {
            (request.Scheme, request.Host) = (url.Scheme, new HostString(url.Authority));
        }
        else
        {
            request.Scheme = request.Scheme is "http" or "https" ? request.Scheme : own.Scheme;
            if (own.IsForwarded ? !IsHost(request.Host) : !IsOwn(request.Host, context.Connection))
            {
                request.Host = OwnHost(context.Connection);
            }
        }

        return next(context);
    }

    private static bool IsHost(HostString host) => host.HasValue && EsipaAddress.TryParse(host.Value, out _);

    private static bool IsOwn(HostString host, ConnectionInfo connection)
    {
        if (!IsHost(host))
        {
            return false;
        }

        // Who names the loopback means himself, wherever a port is mapped to.
        var name = host.Host.Trim('[', ']');
        return name == "localhost" || (IPAddress.TryParse(name, out var address)
            && (IPAddress.IsLoopback(address)
                || (address.Equals(Plain(connection.LocalIpAddress)) && (host.Port ?? connection.LocalPort) == connection.LocalPort)));
    }

    private static HostString OwnHost(ConnectionInfo connection) =>
        new(new IPEndPoint(Plain(connection.LocalIpAddress) ?? IPAddress.Loopback, connection.LocalPort).ToString());

    private static IPAddress? Plain(IPAddress? address) => address?.IsIPv4MappedToIPv6 == true ? address.MapToIPv4() : address;

    private bool IsProxy(IPAddress? address) => Plain(address) is { } plain && _proxies.Exists(proxy => proxy.Contains(plain));

    private sealed record Own(string Scheme, bool IsForwarded);
}
