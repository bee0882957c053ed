using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace OpenEim.Tests.Downloads;

/// <summary>Stands between a TLS client and its server, and keeps the ClientHello of every connection.</summary>
internal sealed class HelloTap : IAsyncDisposable
{
    private const int SessionTicket = 35;
    private const int PreSharedKey = 41;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpClient> _open = [];
    private readonly Uri _server;
    private readonly Task _accepting;

    public HelloTap(Uri server)
    {
        _server = server;
        _listener.Start();
        Url = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public ConcurrentQueue<byte[]> Hellos { get; } = new();

    /// <summary>Whether the client names a session that it would go on with (RFC 8446 4.2.11, RFC 5077 3.2, RFC 5246 7.4.1.2).</summary>
    public static bool OffersResumption(byte[] hello)
    {
        var at = 4 + 2 + 32; // handshake header, version, random
        var session = hello[at];
        at += 1 + session;
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at)); // cipher suites
        at += 1 + hello[at]; // compression
        var isTls13 = false;
        var offers = false;
        for (at += 2; at < hello.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at));
            var length = BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at + 2));
            isTls13 |= type == 43;
            offers |= type == PreSharedKey || (type == SessionTicket && length > 0);
            at += 4 + length;
        }

        return offers || (session > 0 && !isTls13);
    }

    /// <summary>Ends the connections that there are, so that the next request needs a new one.</summary>
    public void CutOff()
    {
        while (_open.TryTake(out var client))
        {
            client.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        CutOff();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        _open.Add(client);
        _open.Add(server);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server.Port);
            var record = new byte[5];
            await client.GetStream().ReadExactlyAsync(record);
            var hello = new byte[BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(3))];
            await client.GetStream().ReadExactlyAsync(hello);
            Hellos.Enqueue(hello);
            await server.GetStream().WriteAsync(record);
            await server.GetStream().WriteAsync(hello);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One of them went away; so does the other.
        }
        finally
        {
            client.Dispose();
        }
    }
}
