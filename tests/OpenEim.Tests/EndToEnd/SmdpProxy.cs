using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace OpenEim.Tests.EndToEnd;

/// <summary>One ES9+ function on its way through the proxy.</summary>
/// <param name="Function">Its name: initiateAuthentication, authenticateClient, getBoundProfilePackage, cancelSession or handleNotification.</param>
/// <param name="Send">Sends it on and waits for the answer's body, whole; null when there is none.</param>
internal sealed record SmdpPassage(string Function, Func<Task<byte[]?>> Send);

/// <summary>Stands between whoever speaks ES9+ (an IPA, an eIM) and an SM-DP+, on a port that stays; a test can touch every message in it.</summary>
internal sealed class SmdpProxy : IAsyncDisposable
{
    public const string GetBoundProfilePackage = "getBoundProfilePackage";

    private readonly WebApplication _app;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };

    private SmdpProxy(WebApplication app)
    {
        _app = app;
        app.Run(ServeAsync);
    }

    /// <summary>Host and port: the SM-DP+'s address as the world knows it.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <summary>Where the SM-DP+ listens now.</summary>
    public Uri? Server { get; set; }

    /// <summary>Carries one message; what it returns is answered, null breaks the connection.</summary>
    public Func<SmdpPassage, Task<byte[]?>> Carry { get; set; } = passage => passage.Send();

    public static async Task<SmdpProxy> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var proxy = new SmdpProxy(builder.Build());
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Flips one bit of the package in an answer to getBoundProfilePackage.</summary>
    /// <param name="answer">The answer's body.</param>
    /// <param name="position">Which byte, of a package of a length.</param>
    public static byte[] Tamper(byte[] answer, Func<int, int> position)
    {
        var json = JsonNode.Parse(answer)!;
        var package = Convert.FromBase64String(json["boundProfilePackage"]!.GetValue<string>());
        package[position(package.Length)] ^= 0x01;
        json["boundProfilePackage"] = Convert.ToBase64String(package);
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var path = context.Request.Path.Value!;
        var request = body.ToArray();
        var protocol = context.Request.Headers["X-Admin-Protocol"].ToString();
        if (await Carry(new SmdpPassage(path[(path.LastIndexOf('/') + 1)..], () => SendAsync(path, protocol, request))) is not { } answer)
        {
            context.Abort();
            return;
        }

        if (answer.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer);
    }

    private async Task<byte[]?> SendAsync(string path, string protocol, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server!, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("X-Admin-Protocol", protocol);
        try
        {
            using var response = await _client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsByteArrayAsync();
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: null } or IOException)
        {
            // The SM-DP+ is away.
            return null;
        }
    }
}
