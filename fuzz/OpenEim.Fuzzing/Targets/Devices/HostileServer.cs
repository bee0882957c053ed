using System.Collections.Concurrent;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Targets.Devices;

/// <summary>An eIM and SM-DP+ on the loopback that answers whatever it is asked with the next bytes of a script, and then as one without work.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    /// <summary>More requests than this in one poll are a loop.</summary>
    public const int MostRequests = 600;

    private static readonly byte[] NoPackage = new GetEimPackageResponse(null, GetEimPackageError.NoEimPackageAvailable).Encode();
    private static readonly byte[] Taken = new ProvideEimPackageResultResponse(Acknowledgements: null).Encode();

    private readonly WebApplication _app;
    private ConcurrentQueue<byte[]> _script = new();
    private int _requests;

    private HostileServer(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>How many requests came since <see cref="Load"/>.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<HostileServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var server = new HostileServer(builder.Build());
        await server._app.StartAsync().ConfigureAwait(false);
        return server;
    }

    /// <summary>What comes next. The placeholder of a port in it becomes this server's.</summary>
    public void Load(IEnumerable<byte[]> answers)
    {
        var port = System.Text.Encoding.ASCII.GetBytes($"{Address.Port:D5}");
        _script = new ConcurrentQueue<byte[]>(answers.Select(answer => WithPort(answer, port)));
        Volatile.Write(ref _requests, 0);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static byte[] WithPort(byte[] answer, byte[] port)
    {
        var at = answer.AsSpan().IndexOf("127.0.0.1:00000"u8);
        if (at < 0)
        {
            return answer;
        }

        byte[] changed = [.. answer];
        port.CopyTo(changed, at + "127.0.0.1:".Length);
        return changed;
    }

    /// <summary>What an eIM without work says; a relayed function is refused.</summary>
    private static byte[] Default(byte[] request) => request switch
    {
        [0xBF, 0x4F, ..] => NoPackage,
        [0xBF, 0x50, ..] => Taken,
        [0xBF, 0x39 or 0x3A or 0x3B or 0x41, ..] => [0xBF, request[1], 0x03, 0x02, 0x01, 0x7F],
        _ => [],
    };

    /// <summary>The next of the script, unless that is the answer of another function, which waits for its own.</summary>
    private byte[] Next(byte[] request)
    {
        var isOfAnother = _script.TryPeek(out var next) && IsEsipa(next) && IsEsipa(request) && next[1] != request[1];
        return !isOfAnother && _script.TryDequeue(out next) ? next : Default(request);
    }

    private static bool IsEsipa(byte[] message) => message is [0xBF, 0x39 or 0x3A or 0x3B or 0x3D or 0x41 or 0x4F or 0x50, ..];

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        Interlocked.Increment(ref _requests);
        var answer = Next(body.ToArray());
        if (answer.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = context.Request.ContentType;
        await context.Response.Body.WriteAsync(answer).ConfigureAwait(false);
    }
}
