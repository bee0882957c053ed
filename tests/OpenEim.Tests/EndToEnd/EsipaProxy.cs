using System.Net;
using System.Net.Http.Headers;

namespace OpenEim.Tests.EndToEnd;

/// <summary>One ESipa function on its way through the proxy.</summary>
/// <param name="Request">The request's body, whole.</param>
/// <param name="Send">Sends it on and waits for the answer's body, whole; null when the server is gone.</param>
internal sealed record EsipaPassage(byte[] Request, Func<Task<byte[]?>> Send)
{
    /// <summary>Whether the device brings the result of an eUICC package: BF50{5A, BF51…}, alone or bundled.</summary>
    public bool BringsPackageResult => Request is [0xBF, 0x50, ..] && Request.AsSpan().IndexOf<byte>([0xBF, 0x51]) >= 0;

    /// <summary>Whether an answer hands an eUICC package out: BF4F{BF51…}.</summary>
    public static bool HandsPackageOut(byte[]? answer) => answer is [0xBF, 0x4F, ..] && answer.AsSpan().IndexOf<byte>([0xBF, 0x51]) >= 0;
}

/// <summary>Stands between devices and ESipa on a port that stays while servers come and go; a test can stop every message in it.</summary>
internal sealed class EsipaProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };

    private EsipaProxy(WebApplication app)
    {
        _app = app;
        app.Run(ServeAsync);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Where the server listens now.</summary>
    public Uri? Server { get; set; }

    /// <summary>Carries one message; what it returns reaches the device, null breaks the device's connection.</summary>
    public Func<EsipaPassage, Task<byte[]?>> Carry { get; set; } = passage => passage.Send();

    public static async Task<EsipaProxy> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var proxy = new EsipaProxy(builder.Build());
        await proxy._app.StartAsync();
        return proxy;
    }

    /// <summary>Sends a message of the test's own to the server.</summary>
    public async Task<byte[]?> SendAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        try
        {
            using var response = await _client.PostAsync(new Uri(Server!, "/gsma/rsp2/asn1"), content);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsByteArrayAsync();
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: null } or IOException)
        {
            // The server was killed.
            return null;
        }
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
        var request = body.ToArray();
        if (await Carry(new EsipaPassage(request, () => SendAsync(request))) is not { } answer)
        {
            context.Abort();
            return;
        }

        if (answer.Length == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        context.Response.ContentType = "application/x-gsma-rsp-asn1";
        await context.Response.Body.WriteAsync(answer);
    }
}
