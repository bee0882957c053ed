using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Benchmarks.Parts;

/// <summary>One keep-alive connection to an SM-DP+, JSON over plain HTTP, as lean as can be, so that the server is what is measured.</summary>
internal sealed class RspConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _buffer = new byte[32 * 1024];

    private RspConnection()
    {
    }

    public static async Task<RspConnection> OpenAsync(Uri url)
    {
        var connection = new RspConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, url.Port).ConfigureAwait(false);
        return connection;
    }

    /// <summary>A request as it goes over the wire.</summary>
    public static byte[] Request(string path, byte[] body) => [.. Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Admin-Protocol: gsma/rsp/v2.5.0\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    /// <summary>Calls a function that must succeed.</summary>
    public async Task<T> CallAsync<T>(string path, byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) where T : class, IFunctionResponse
    {
        var answer = RspJson.Read((await SendAsync(Request(path, body)).ConfigureAwait(false)).Span, type);
        return answer.IsSuccess() ? answer : throw new InvalidOperationException($"{path} failed with {answer.FailureCode()}");
    }

    /// <summary>Sends a request and gives the answer's body, which is good until the next call; empty for 204.</summary>
    public async Task<ReadOnlyMemory<byte>> SendAsync(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += await _socket.SendAsync(request.AsMemory(sent)).ConfigureAwait(false);
        }

        var read = 0;
        int body;
        do
        {
            read += await ReceiveAsync(read).ConfigureAwait(false);
            body = _buffer.AsSpan(0, read).IndexOf("\r\n\r\n"u8) + 4;
        }
        while (body < 4);
        var end = body + BodyLength(_buffer.AsSpan(0, body));
        while (read < end)
        {
            read += await ReceiveAsync(read).ConfigureAwait(false);
        }

        return _buffer.AsMemory(body, end - body);
    }

    public void Dispose() => _socket.Dispose();

    private static int BodyLength(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("HTTP/1.1 204"u8))
        {
            return 0;
        }

        var length = head.IndexOf("Content-Length: "u8);
        return head.StartsWith("HTTP/1.1 200"u8) && length >= 0 && System.Buffers.Text.Utf8Parser.TryParse(head[(length + 16)..], out int value, out _)
            ? value
            : throw new InvalidOperationException($"the server answered: {Encoding.ASCII.GetString(head)}");
    }

    private async Task<int> ReceiveAsync(int offset)
    {
        if (offset == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var got = await _socket.ReceiveAsync(_buffer.AsMemory(offset)).ConfigureAwait(false);
        return got > 0 ? got : throw new InvalidOperationException("the server closed the connection");
    }
}
