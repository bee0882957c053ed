using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Tests.Downloads;

/// <summary>A scripted SM-DP+ on a real loopback server: it signs what it answers, refuses what it is told to, and keeps every body that arrives.</summary>
internal sealed class FakeSmdp : IAsyncDisposable
{
    public const string MatchingId = "MATCHING-ID-1";

    public static readonly byte[] Package = Convert.FromHexString("BF3605A003870101");

    private readonly WebApplication _app;
    private readonly RspIdentity _auth;
    private readonly RspIdentity _binding;
    private readonly TestPki _pki;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeSmdp(WebApplication app, TestPki pki)
    {
        (_app, _pki) = (app, pki);
        _auth = pki.IssueDpAuth();
        _binding = pki.IssueDpPb();
        app.Run(ServeAsync);
    }

    /// <summary>The functions called, with their bodies, in order.</summary>
    public ConcurrentQueue<(string Function, byte[] Body)> Calls { get; } = new();

    /// <summary>What its callers showed, DER.</summary>
    public ConcurrentQueue<byte[]> ClientCertificates { get; } = new();

    /// <summary>Which functions fail, with which code.</summary>
    public ConcurrentDictionary<string, StatusCode> Refusals { get; } = new();

    /// <summary>The HTTP status of everything, where it is not 200.</summary>
    public int? HttpStatus { get; set; }

    /// <summary>The HTTP status of some functions, which are not even looked at.</summary>
    public ConcurrentDictionary<string, int> HttpStatuses { get; } = new();

    /// <summary>Where it sends its callers instead of answering them.</summary>
    public Uri? RedirectTo { get; set; }

    /// <summary>Whether it never answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>Set when a request has arrived that will not be answered.</summary>
    public SemaphoreSlim Arrived { get; } = new(0);

    /// <summary>The address that it signs, where it is not its own.</summary>
    public string? SignedAddress { get; set; }

    /// <summary>Whether it demands a confirmation code. It does not check it.</summary>
    public bool DemandsConfirmationCode { get; set; }

    public Iccid Iccid { get; set; } = Packages.EngineLab.Third;

    public string Address => new Uri(_app.Urls.First()).Authority;

    public Uri Url => new(_app.Urls.First());

    public TransactionId LastSession { get; private set; }

    public static async Task<FakeSmdp> StartAsync(TestPki pki, RspIdentity? tls = null, bool wantsClientCertificate = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls is not null)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = X509Certificate2.CreateFromPem(tls.Certificate.ToPem(), tls.Key.ToPem());
                    https.ClientCertificateMode = wantsClientCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                    https.ClientCertificateValidation = (_, _, _) => true;
                });
            }
        }));
        var smdp = new FakeSmdp(builder.Build(), pki);
        await smdp._app.StartAsync(TestContext.Current.CancellationToken);
        return smdp;
    }

    public ActivationCode Code(string matchingId = MatchingId, string? oid = null) =>
        ActivationCode.Parse($"1${Address}${matchingId}{(oid is null ? "" : "$" + oid)}");

    public int CountOf(string function) => Calls.Count(call => call.Function == function);

    public async ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        await _app.DisposeAsync();
        Arrived.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var function = context.Request.Path.Value!.Split('/')[^1];
        Calls.Enqueue((function, body.ToArray()));
        if (context.Connection.ClientCertificate is { } client)
        {
            ClientCertificates.Enqueue(client.RawData);
        }

        if (Hangs)
        {
            Arrived.Release();
            await _ended.Task.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (RedirectTo is not null)
        {
            context.Response.Redirect(RedirectTo.ToString(), permanent: false, preserveMethod: true);
            return;
        }

        if ((HttpStatuses.TryGetValue(function, out var of) ? of : HttpStatus) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var answer = Refusals.TryGetValue(function, out var code)
            ? RspJson.Write(new HeaderOnlyResponseJson(FunctionResponseHeader.Failure(code)), Es2PlusJsonContext.Default.HeaderOnlyResponseJson)
            : Answer(function, body.ToArray());
        if (answer is null)
        {
            context.Response.StatusCode = 204;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(answer);
    }

    private byte[]? Answer(string function, byte[] body) => function switch
    {
        "initiateAuthentication" => Initiate(RspJson.Read(body, Es9PlusJsonContext.Default.InitiateAuthenticationRequestJson).ToMessage()),
        "authenticateClient" => Authenticate(RspJson.Read(body, Es9PlusJsonContext.Default.AuthenticateClientRequestJson).ToMessage()),
        "getBoundProfilePackage" => Bind(RspJson.Read(body, Es9PlusJsonContext.Default.GetBoundProfilePackageRequestJson).ToMessage()),
        "cancelSession" => Write(new CancelSessionResponseJson(FunctionResponseHeader.Success), Es9PlusJsonContext.Default.CancelSessionResponseJson),
        "handleNotification" => null,
        "downloadOrder" => Write(
            DownloadOrderResponseJson.From(RspJson.Read(body, Es2PlusJsonContext.Default.DownloadOrderRequestJson).ToRequest().Iccid ?? Iccid),
            Es2PlusJsonContext.Default.DownloadOrderResponseJson),
        "confirmOrder" => Write(ConfirmOrderResponseJson.From(new ConfirmOrderOk(MatchingId)), Es2PlusJsonContext.Default.ConfirmOrderResponseJson),
        "cancelOrder" => Write(new HeaderOnlyResponseJson(FunctionResponseHeader.Success), Es2PlusJsonContext.Default.HeaderOnlyResponseJson),
        _ => throw new InvalidOperationException(function),
    };

    private byte[] Initiate(InitiateAuthenticationRequest request)
    {
        LastSession = TransactionId.Random();
        var signed = new ServerSigned1(LastSession, request.EuiccChallenge, SignedAddress ?? Address, RandomNumberGenerator.GetBytes(16)).Encode();
        return Write(
            InitiateAuthenticationResponseJson.From(new InitiateAuthenticationOk(
                LastSession, signed, _auth.Key.Sign(signed), _pki.Ci.Certificate.SubjectKeyIdentifier!.Value, _auth.Certificate.Encoded)),
            Es9PlusJsonContext.Default.InitiateAuthenticationResponseJson);
    }

    private byte[] Authenticate(AuthenticateClientRequest request)
    {
        var card = request.ReadAuthenticateServerResponse().Ok!;
        var metadata = new StoreMetadataRequest { Iccid = Iccid, ServiceProviderName = "Provider", ProfileName = "Downloaded", FallbackAllowed = true }.Encode();
        var signed = new SmdpSigned2(request.TransactionId, DemandsConfirmationCode).Encode();
        var signature = _binding.Key.Sign(PrepareDownloadRequest.SignedWith(signed, card.Signature.Span));
        return Write(
            AuthenticateClientResponseJson.From(new AuthenticateClientOk(request.TransactionId, metadata, signed, signature, _binding.Certificate.Encoded)),
            Es9PlusJsonContext.Default.AuthenticateClientResponseJson);
    }

    private static byte[] Bind(GetBoundProfilePackageRequest request) => Write(
        GetBoundProfilePackageResponseJson.From(new GetBoundProfilePackageOk(request.TransactionId, Package)),
        Es9PlusJsonContext.Default.GetBoundProfilePackageResponseJson);

    private static byte[] Write<T>(T value, JsonTypeInfo<T> type) where T : class => RspJson.Write(value, type);
}
