using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Tests.Euicc;

namespace OpenEim.Tests.Ipa;

/// <summary>A <see cref="TestSmdp"/> behind ES9+ in its JSON binding, on a real loopback server over TLS with a DPtls certificate.</summary>
internal sealed class SmdpServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RspIdentity _tls;

    private SmdpServer(WebApplication app, RspIdentity tls, TestPki pki)
    {
        (_app, _tls) = (app, tls);
        Smdp = new TestSmdp(pki);
        app.Run(ServeAsync);
    }

    public TestSmdp Smdp { get; }

    /// <summary>host:port.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    public string ActivationCode => $"1${Address}$MATCH";

    /// <summary>The functions that were called, in order, and their bodies.</summary>
    public ConcurrentQueue<(string Function, byte[] Body, string Headers)> Requests { get; } = new();

    public IEnumerable<string> Functions => Requests.Select(request => request.Function);

    /// <summary>Refuses a function with a status code where it returns one.</summary>
    public Func<string, StatusCode?> Refuses { get; set; } = _ => null;

    /// <summary>Answers with an HTTP status where it returns one.</summary>
    public Func<string, int?> FailsWith { get; set; } = _ => null;

    public static async Task<SmdpServer> StartAsync(TestPki pki, RspIdentity? tls = null)
    {
        tls ??= pki.IssueDpTls(["127.0.0.1"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(ServerCertificate(tls))));
        var server = new SmdpServer(builder.Build(), tls, pki);
        await server._app.StartAsync();
        server.Smdp.ServerAddress = server.Address;
        server.Smdp.Metadata = server.Smdp.Metadata with
        {
            NotificationConfigurations =
            [
                new NotificationConfiguration(
                    NotificationEvents.Install | NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, server.Address),
            ],
        };
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _tls.Dispose();
        Smdp.Dispose();
    }

    private static X509Certificate2 ServerCertificate(RspIdentity identity)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(identity.Key.ToPkcs8(), out _);
        using var certificate = X509CertificateLoader.LoadCertificate(identity.Certificate.Encoded.Span);
        return certificate.CopyWithPrivateKey(key);
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var stream = new MemoryStream();
        await context.Request.Body.CopyToAsync(stream);
        var body = stream.ToArray();
        var function = context.Request.Path.Value!["/gsma/rsp2/es9plus/".Length..];
        Requests.Enqueue((function, body, $"{context.Request.ContentType}|{context.Request.Headers.UserAgent}|{context.Request.Headers["X-Admin-Protocol"]}"));
        if (FailsWith(function) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var answer = Refuses(function) is { } code
            ? RspJson.Write(new CancelSessionResponseJson(FunctionResponseHeader.Failure(code)), Es9PlusJsonContext.Default.CancelSessionResponseJson)
            : Answer(function, body);
        if (answer.Length == 0)
        {
            context.Response.StatusCode = 204;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer);
    }

    private byte[] Answer(string function, byte[] body)
    {
        var json = Es9PlusJsonContext.Default;
        switch (function)
        {
            case "initiateAuthentication":
                var initiate = RspJson.Read(body, json.InitiateAuthenticationRequestJson).ToMessage();
                return RspJson.Write(
                    InitiateAuthenticationResponseJson.From(Smdp.InitiateAuthentication(initiate.EuiccChallenge)), json.InitiateAuthenticationResponseJson);
            case "authenticateClient":
                var client = RspJson.Read(body, json.AuthenticateClientRequestJson).ToMessage();
                return RspJson.Write(
                    AuthenticateClientResponseJson.From(Smdp.AuthenticateClient(client.TransactionId, client.AuthenticateServerResponse)),
                    json.AuthenticateClientResponseJson);
            case "getBoundProfilePackage":
                var get = RspJson.Read(body, json.GetBoundProfilePackageRequestJson).ToMessage();
                return RspJson.Write(
                    GetBoundProfilePackageResponseJson.From(new GetBoundProfilePackageOk(
                        get.TransactionId, Smdp.GetBoundProfilePackage(get.TransactionId, get.PrepareDownloadResponse))),
                    json.GetBoundProfilePackageResponseJson);
            case "handleNotification":
                Smdp.HandleNotification(RspJson.Read(body, json.HandleNotificationRequestJson).ToMessage());
                return [];
            case "cancelSession":
                var cancel = RspJson.Read(body, json.CancelSessionRequestJson).ToMessage();
                Smdp.CancelSession(cancel.TransactionId, cancel.CancelSessionResponse);
                return RspJson.Write(new CancelSessionResponseJson(FunctionResponseHeader.Success), json.CancelSessionResponseJson);
            default:
                throw new ProtocolException(function);
        }
    }
}
