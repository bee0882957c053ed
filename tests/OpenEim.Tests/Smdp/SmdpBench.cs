using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp;
using OpenEim.Smdp.Orders;
using OpenEim.Smdp.Profiles;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Smdp;

/// <summary>A real SM-DP+ on free ports of the loopback, eUICCs for it, and an operator.</summary>
internal sealed class SmdpBench : IAsyncDisposable
{
    public const string ProfileType = "IoT";

    private static readonly Es2PlusJsonContext Json = Es2PlusJsonContext.Default;

    private readonly TestDatabase _data;
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http;
    private readonly List<TestEuicc> _euiccs = [];
    private SmdpOptions _options;
    private int _calls;

    private SmdpBench(TestDatabase data, EcCurve curve)
    {
        _data = data;
        Pki = new TestPki(curve, Clock.GetUtcNow().AddDays(-1), Clock.GetUtcNow().AddYears(5));
        var brought = Directory.CreateDirectory(_folder.File("pki")).FullName;
        File.WriteAllText(Path.Combine(brought, "ci.pem"), Pki.Ci.Certificate.ToPem());
        DataFolder.WritePrivate(Path.Combine(brought, "ci.key"), Pki.Ci.Key.ToPem());
        _options = new SmdpOptions
        {
            Data = _folder.File("data"),
            Database = data.ConnectionString,
            Es9PlusUrl = new Uri("https://127.0.0.1:0"),
            Es2PlusUrl = new Uri("http://127.0.0.1:0"),
            Hosts = ["smdp.example.com:443"],
            Pki = brought,
        };
        _http = new HttpClient(new SocketsHttpHandler
        {
            // The test knows the server by its certificate; what chains it to the CI is checked where that is tested.
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => Host.Pki.DpTls!.Certificate.Encoded.Span.SequenceEqual(certificate!.GetRawCertData()) },
        });
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));

    public TestPki Pki { get; }

    public SmdpHost Host { get; private set; } = null!;

    public Es9PlusClient Device { get; private set; } = null!;

    public Es9PlusClient Asn1Device { get; private set; } = null!;

    public TempFolder Folder => _folder;

    public TestDatabase Data => _data;

    public HttpClient Http => _http;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SmdpBench> StartAsync(
        DbEngine engine, Func<SmdpOptions, SmdpOptions>? change = null, EcCurve curve = EcCurve.P256, int profiles = 3, Func<ProfileTypeDefinition, ProfileTypeDefinition>? type = null)
    {
        var bench = new SmdpBench(await TestDatabase.CreateAsync(engine, typeof(SmdpHost).Assembly), curve);
        bench._options = change is null ? bench._options : change(bench._options);
        await bench.StartHostAsync();
        var definition = new ProfileTypeDefinition(ProfileType);
        Assert.True(await bench.Host.Profiles.AddTypeAsync(type is null ? definition : type(definition), Ct));
        await bench.Host.Profiles.GenerateAsync(ProfileType, profiles, Ct);
        return bench;
    }

    /// <summary>Stops the host and starts it again on its data.</summary>
    public async Task RestartAsync()
    {
        await Host.DisposeAsync();
        await StartHostAsync();
    }

    /// <summary>Another node over the same database, with the same master key and, unless it is to be wrong, the same keys.</summary>
    public async Task<SmdpHost> StartAnotherAsync(bool withItsOwnKeys = false)
    {
        var keys = Directory.CreateDirectory(_folder.File($"keys-{Guid.NewGuid():N}")).FullName;
        foreach (var file in Directory.GetFiles(_options.Pki!).Concat(withItsOwnKeys ? [] : Directory.GetFiles(Path.Combine(_options.Data, "pki"))))
        {
            File.Copy(file, Path.Combine(keys, Path.GetFileName(file)), overwrite: true);
        }

        return await SmdpHost.StartAsync(
            _options with { Data = keys + ".data", Pki = keys, MasterKey = Path.Combine(_options.Data, "master.key") }, Clock, null, Ct);
    }

    /// <summary>A device that speaks with another node.</summary>
    public Es9PlusClient DeviceAt(SmdpHost node) => new(_http, node.Es9PlusUrl);

    public TestEuicc NewEuicc(int number = 1)
    {
        var eid = Eid.Parse(TestPki.EidPrefix + number.ToString(CultureInfo.InvariantCulture).PadLeft(24, '0'));
        var euicc = new TestEuicc(Pki, Pki.IssueEuicc(eid), eid);
        _euiccs.Add(euicc);
        return euicc;
    }

    /// <summary>Orders, confirms and releases a profile.</summary>
    public async Task<(Iccid Iccid, string MatchingId)> OrderAsync(Eid? eid = null, string? confirmationCode = null, bool release = true)
    {
        var iccid = await DownloadOrderAsync(new DownloadOrderRequest(Header(), eid, null, ProfileType));
        var confirmed = await ConfirmOrderAsync(new ConfirmOrderRequest(Header(), iccid, release, eid, null, confirmationCode));
        return (iccid, confirmed.MatchingId);
    }

    public async Task<Iccid> DownloadOrderAsync(DownloadOrderRequest request, SmdpHost? node = null) => Checked(RspJson.Read(
        await OperatorAsync(Es2PlusPaths.DownloadOrder, RspJson.Write(DownloadOrderRequestJson.From(request), Json.DownloadOrderRequestJson), node),
        Json.DownloadOrderResponseJson)).ToIccid();

    public async Task<ConfirmOrderOk> ConfirmOrderAsync(ConfirmOrderRequest request) => Checked(RspJson.Read(
        await OperatorAsync(Es2PlusPaths.ConfirmOrder, RspJson.Write(ConfirmOrderRequestJson.From(request), Json.ConfirmOrderRequestJson)),
        Json.ConfirmOrderResponseJson)).ToOk();

    public async Task CancelOrderAsync(CancelOrderRequest request) => Checked(RspJson.Read(
        await OperatorAsync(Es2PlusPaths.CancelOrder, RspJson.Write(CancelOrderRequestJson.From(request), Json.CancelOrderRequestJson)),
        Json.HeaderOnlyResponseJson));

    public async Task ReleaseAsync(Iccid iccid) => Checked(RspJson.Read(
        await OperatorAsync(
            Es2PlusPaths.ReleaseProfile,
            RspJson.Write(ReleaseProfileRequestJson.From(new ReleaseProfileRequest(Header(), iccid)), Json.ReleaseProfileRequestJson)),
        Json.HeaderOnlyResponseJson));

    public async Task<StockState> StateOfAsync(Iccid iccid) => (await Host.Profiles.FindAsync(iccid.ToString(), Ct))!.State;

    /// <summary>The header of a new call.</summary>
    public FunctionRequestHeader Header() =>
        new("operator", Interlocked.Increment(ref _calls).ToString(CultureInfo.InvariantCulture));

    /// <summary>Everything up to getBoundProfilePackage.</summary>
    public async Task<OpenSession> AuthenticateAsync(TestEuicc euicc, string? matchingId, Es9PlusClient? device = null)
    {
        device ??= Device;
        var server = await device.InitiateAsync(euicc.Initiate(Host.Address));
        var response = euicc.AuthenticateServer(server, matchingId);
        var client = await device.AuthenticateAsync(new AuthenticateClientRequest(server.TransactionId, Encode(response)));
        return new OpenSession(euicc, response, client);
    }

    public async Task<GetBoundProfilePackageOk> GetPackageAsync(OpenSession session, OneTimeKey key, string? code = null, Es9PlusClient? device = null)
    {
        var prepared = session.Euicc.PrepareDownload(session.Client, session.Response, key, code);
        return await (device ?? Device).GetPackageAsync(new GetBoundProfilePackageRequest(session.Client.TransactionId, Encode(prepared)));
    }

    public static byte[] Encode(Protocol.Ber.IBerMessage message) => Protocol.Ber.BerWriting.Encode(message);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _http.Dispose();
        _euiccs.ForEach(euicc => euicc.Dispose());
        Pki.Dispose();
        _folder.Dispose();
        await _data.DisposeAsync();
    }

    public async Task<byte[]> OperatorAsync(string path, byte[] body, SmdpHost? node = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _http.PostAsync(new Uri((node ?? Host).Es2PlusUrl, path), content, Ct);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(Ct);
    }

    private async Task StartHostAsync()
    {
        Host = await SmdpHost.StartAsync(_options, Clock, null, Ct);
        Device = new Es9PlusClient(_http, Host.Es9PlusUrl);
        Asn1Device = new Es9PlusClient(_http, Host.Es9PlusUrl, asn1: true);
    }

    private static T Checked<T>(T response) where T : IFunctionResponse =>
        response.IsSuccess() ? response : throw new Es9PlusFailure(response.FailureCode().ToString()!);
}

/// <summary>A session in which the eUICC is authenticated.</summary>
internal sealed record OpenSession(TestEuicc Euicc, AuthenticateServerResponse Response, AuthenticateClientOk Client);
