using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace OpenEim.Tests.Telemetry;

/// <summary>Takes what is sent over OTLP, http/protobuf, and keeps it as it came.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    /// <summary>The collection of the tests whose hosts trace, so that they take turns: what one samples is sampled for all of a process.</summary>
    public const string Hosts = "Hosts that trace";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();

    private OtlpReceiver(WebApplication app)
    {
        _app = app;
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Assert.Equal("application/x-protobuf", context.Request.ContentType);
            _received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public Uri Url => new(_app.Urls.First());

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new OtlpReceiver(builder.Build());
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>All bodies that were posted to a path, one after the other; texts stand in protobuf as they are.</summary>
    public string Received(string path) => string.Concat(_received.Where(post => post.Path == path).Select(post => post.Body));

    public IEnumerable<string> Paths => _received.Select(post => post.Path).Distinct().Order();

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
