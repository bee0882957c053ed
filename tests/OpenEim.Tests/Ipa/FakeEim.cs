using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>A scripted eIM on a real loopback server, over TLS: it hands out what it is told to, signed, and keeps every byte that arrives.</summary>
/// <remarks>Like a real one it gives the same package again until that package's answer has arrived.</remarks>
internal sealed class FakeEim : IAsyncDisposable
{
    public const string EimId = "eim.test";

    private readonly WebApplication _app;
    private readonly EcPrivateKey _signing = EcPrivateKey.Generate(EcCurve.P256);
    private readonly ConcurrentQueue<byte[]> _packages = new();
    private long _counter;

    private FakeEim(WebApplication app, RspIdentity tls)
    {
        (_app, Tls) = (app, tls);
        app.Run(ServeAsync);
    }

    public RspIdentity Tls { get; }

    /// <summary>Every request body, in order.</summary>
    public ConcurrentQueue<byte[]> Requests { get; } = new();

    /// <summary>The headers of the first request, and its path.</summary>
    public Dictionary<string, string> FirstHeaders { get; } = [];

    /// <summary>Which sequence numbers of a result the eIM acknowledges; all unless a test says otherwise.</summary>
    public Func<IReadOnlyList<long>, IReadOnlyList<long>> Acknowledges { get; set; } = all => all;

    /// <summary>Answers instead of the script where it returns bytes.</summary>
    public Func<byte[], byte[]?> Instead { get; set; } = _ => null;

    /// <summary>The HTTP status of what <see cref="Instead"/> returns.</summary>
    public int InsteadStatus { get; set; } = 200;

    /// <summary>The error with which the eIM says that it has nothing.</summary>
    public GetEimPackageError Empty { get; set; } = GetEimPackageError.NoEimPackageAvailable;

    public Uri Address => new(_app.Urls.First());

    /// <summary>What was given to ProvideEimPackageResult, decoded.</summary>
    public List<EimPackageResult> Results =>
        [.. Sent(0xBF50).Select(body => BerMessage.Decode<ProvideEimPackageResult>(body).Result)];

    public static async Task<FakeEim> StartAsync(TestPki pki)
    {
        var tls = pki.IssueEimTls(["127.0.0.1"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(ServerCertificate(tls))));
        var eim = new FakeEim(builder.Build(), tls);
        await eim._app.StartAsync();
        return eim;
    }

    /// <summary>What a factory loads into a card for this eIM.</summary>
    public AddInitialEimRequest Configuration(EimKeyData? trusted = null) => new(
    [
        new EimConfigurationData
        {
            EimId = EimId,
            EimFqdn = Address.Authority,
            EimIdType = EimIdType.Proprietary,
            CounterValue = 0,
            EimPublicKeyData = new EimKeyData(PublicKey: _signing.PublicKey.ToSubjectPublicKeyInfo()),
            TrustedPublicKeyDataTls = trusted ?? new EimKeyData(PublicKey: Tls.Certificate.SubjectPublicKeyInfo),
            SupportedProtocols = EimSupportedProtocols.RetrieveHttps,
        },
    ]);

    /// <summary>Signs a package of PSMOs with the next counter.</summary>
    public byte[] Sign(Eid eid, params Psmo[] psmos) => Sign(eid, EuiccPackage.Of(psmos));

    /// <summary>Signs a package with the next counter.</summary>
    public byte[] Sign(Eid eid, EuiccPackage package)
    {
        var data = new EuiccPackageSigned(EimId, eid, ++_counter, TransactionId.Random(), package).Encode();
        return new EuiccPackageRequest(data, _signing.Sign(PackageSignature.Input(data, null))).Encode();
    }

    /// <summary>Queues bytes to be handed out as a package.</summary>
    public void Enqueue(byte[] package) => _packages.Enqueue(package);

    /// <summary>Forgets the package that is handed out, as if its answer had arrived.</summary>
    public void Dequeue() => _packages.TryDequeue(out _);

    /// <summary>Queues a package of PSMOs and returns its bytes.</summary>
    public byte[] Enqueue(Eid eid, params Psmo[] psmos)
    {
        var package = Sign(eid, psmos);
        Enqueue(package);
        return package;
    }

    /// <summary>The requests with an outer tag.</summary>
    public List<byte[]> Sent(uint tag) => [.. Requests.Where(body => new BerReader(body).PeekTag() == tag)];

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _signing.Dispose();
        Tls.Dispose();
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
        if (FirstHeaders.Count == 0)
        {
            FirstHeaders["Path"] = $"{context.Request.Method} {context.Request.Path}";
            foreach (var header in context.Request.Headers)
            {
                FirstHeaders[header.Key] = header.Value.ToString();
            }
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Requests.Enqueue(body.ToArray());
        var instead = Instead(body.ToArray());
        context.Response.StatusCode = instead is null ? 200 : InsteadStatus;
        var answer = instead ?? Answer(body.ToArray());
        if (answer.Length == 0)
        {
            context.Response.StatusCode = 204;
            return;
        }

        context.Response.ContentType = "application/x-gsma-rsp-asn1";
        await context.Response.Body.WriteAsync(answer);
    }

    private byte[] Answer(byte[] body)
    {
        switch (EsipaRequest.Decode(body))
        {
            case GetEimPackageRequest:
                return _packages.TryPeek(out var package)
                    ? BerWriting.Encode(writer =>
                    {
                        using (writer.Constructed(0xBF4F))
                        {
                            writer.Raw(package);
                        }
                    })
                    : new GetEimPackageResponse(null, Empty).Encode();
            case ProvideEimPackageResult provided:
                _packages.TryDequeue(out _);
                var numbers = Acknowledges(NumbersIn(provided.Result));
                return new ProvideEimPackageResultResponse(numbers.Count == 0 ? null : new EimAcknowledgements(numbers)).Encode();
            default:
                return [];
        }
    }

    private static List<long> NumbersIn(EimPackageResult result)
    {
        var numbers = new List<long>();
        if (result.PackageResult is EuiccPackageResultSigned signed)
        {
            numbers.Add(signed.SequenceNumber!.Value);
        }

        numbers.AddRange(result.Notifications?.Select(notification => notification.Metadata!.SequenceNumber!.Value) ?? []);
        return numbers;
    }
}
