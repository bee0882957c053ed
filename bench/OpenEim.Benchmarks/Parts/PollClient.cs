using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using OpenEim.Benchmarks.Engines;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Benchmarks.Parts;

/// <summary>Devices that poll over keep-alive connections, as lean as can be, so that the servers are what is measured.</summary>
internal static class PollClient
{
    /// <summary>The answer to a device that has nothing to do.</summary>
    public static readonly byte[] Idle = Convert.FromHexString("BF4F03020101");

    private const int Connections = 64;

    /// <summary>Polls for a while, with the EIDs of a fleet of that size at random.</summary>
    /// <returns>Polls per second.</returns>
    public static async Task<double> PollAsync(Uri url, long euiccs, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        return await CountAsync(url, euiccs, duration).ConfigureAwait(false) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>As the other, for the number of polls.</summary>
    public static async Task<double> CountAsync(Uri url, long euiccs, TimeSpan duration) =>
        (await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => PollConnectionAsync(url, euiccs, duration)))).ConfigureAwait(false)).Sum();

    private static async Task<long> PollConnectionAsync(Uri url, long euiccs, TimeSpan duration)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, url.Port).ConfigureAwait(false);
        var stream = await SecureAsync(url, new NetworkStream(socket)).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var random = new Random();
            var request = Request();
            var buffer = new byte[4096];
            var start = Stopwatch.GetTimestamp();
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                EidRange.Write(random.NextInt64(euiccs) + 1, request.AsSpan(^Eid.ByteLength..));
                await stream.WriteAsync(request).ConfigureAwait(false);
                var read = 0;
                do
                {
                    var got = await stream.ReadAsync(buffer.AsMemory(read)).ConfigureAwait(false);
                    read += got > 0 ? got : throw new InvalidOperationException("the server closed the connection");
                }
                while (!buffer.AsSpan(0, read).EndsWith(Idle));
                count++;
            }

            return count;
        }
    }

    private static async Task<Stream> SecureAsync(Uri url, Stream stream)
    {
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return stream;
        }

#pragma warning disable CA5359 // The benchmark's own server on the loopback; its certificate is not what is measured.
        var secure = new SslStream(stream, false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await secure.AuthenticateAsClientAsync("localhost").ConfigureAwait(false);
        return secure;
    }

    /// <summary>A poll as it goes over the wire; the EID is its last 16 bytes.</summary>
    private static byte[] Request()
    {
        byte[] body = [0xBF, 0x4F, 0x12, 0x5A, 0x10, .. new byte[Eid.ByteLength]];
        return [.. Encoding.ASCII.GetBytes(
            $"POST /gsma/rsp2/asn1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-gsma-rsp-asn1\r\nX-Admin-Protocol: gsma/rsp/v2.1.0\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
    }
}
