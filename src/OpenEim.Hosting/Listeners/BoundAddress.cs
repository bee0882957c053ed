using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Listeners;

/// <summary>
/// An address that is taken before anybody is served there: the real port is known, and one that another process has ends the start at
/// once. Until <see cref="Listen"/> the system refuses every connection, so that no request meets a host that is half put together.
/// </summary>
public sealed class BoundAddress : IDisposable
{
    private readonly Uri _asked;

    private BoundAddress(Uri asked, Socket socket)
    {
        (_asked, Socket) = (asked, socket);
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Url = new Uri($"{asked.Scheme}://{EndPoint}");
    }

    /// <summary>The address, the real port included.</summary>
    public Uri Url { get; }

    /// <summary>As <see cref="Url"/>.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>What the listener accepts from.</summary>
    public Socket Socket { get; }

    /// <summary>Whether TLS is spoken there.</summary>
    public bool IsHttps => Url.Scheme == Uri.UriSchemeHttps;

    /// <summary>Takes the address. Port 0 takes a free one.</summary>
    /// <exception cref="SetupException">It cannot be had.</exception>
    public static BoundAddress Bind(Uri url)
    {
        try
        {
            return new BoundAddress(url, SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(CommonOptions.AddressOf(url), url.Port)));
        }
        catch (SocketException e)
        {
            throw Refused(url, e);
        }
    }

    /// <summary>From here on connections come in.</summary>
    /// <exception cref="SetupException">Another process that took the address at the same time was first.</exception>
    public void Listen()
    {
        try
        {
            Socket.Listen();
        }
        catch (SocketException e)
        {
            throw Refused(_asked, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    private static SetupException Refused(Uri url, SocketException e) => new($"{url} cannot be listened on: {e.Message}", e);
}
