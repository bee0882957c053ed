using System.Net;
using System.Text;
using System.Text.Json;
using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Smdp.Orders;
using OpenEim.Storage;
using OpenEim.Tests.Euicc;
using OpenEim.Tests.Smdp;

namespace OpenEim.Tests.Downloads.Recorded;

/// <summary>Records a whole download, and on demand replaces the file in the checkout with it (its header says how).</summary>
public sealed class DownloadRecorder
{
    private const string ConfirmationCode = "4711";

    private static readonly Es9PlusJsonContext Json = Es9PlusJsonContext.Default;

    private readonly Recording _recording = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_download_is_recorded_with_the_names_that_the_fixture_has()
    {
        await using var bench = await SmdpBench.StartAsync(
            DbEngine.Sqlite,
            profiles: 1, type: type => type with { Template = ShortProfile(), ReplaceSessionKeys = true, FallbackAllowed = true });
        var euicc = bench.NewEuicc();
        var memory = new FileEuiccMemory(bench.Folder.File("card.json"));
        using var card = Manufacture(bench, euicc, memory);
        var terminal = new Terminal(card);
        var (iccid, matchingId) = await bench.OrderAsync(confirmationCode: ConfirmationCode);
        RecordIdentities(bench, euicc);

        var (server, challenge) = await InitiateAsync(bench, terminal);
        var (client, authenticated) = await AuthenticateAsync(bench, terminal, server, matchingId);
        var prepared = PrepareDownload(terminal, client);
        using var euiccKey = OneTimeKey.Import(EcCurve.P256, ReadOneTimeKey(bench));
        var package = await GetPackageAsync(bench, euicc.Eid, client.TransactionId, prepared, euiccKey);
        await LoadAsync(bench, terminal, package);

        Assert.Equal(StockState.Installed, await bench.StateOfAsync(iccid));
        Assert.Equal(ProfileState.Disabled, card.Inspect().Profiles.Single(profile => profile.Iccid == iccid).State);
        RecordInputs(server, challenge, authenticated, matchingId);
        if (Environment.GetEnvironmentVariable("OPENEIM_RECORD") == "download")
        {
            await File.WriteAllTextAsync(FixturePath(), _recording.ToString(), Ct);
        }

        Assert.Equal(NamesIn(await File.ReadAllTextAsync(FixturePath(), Ct)), NamesIn(_recording.ToString()));
    }

    private static List<string> NamesIn(string recording) =>
        [.. recording.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)])];

    private static VirtualEuicc Manufacture(SmdpBench bench, TestEuicc euicc, FileEuiccMemory memory) => VirtualEuicc.Manufacture(
        new EuiccManufacture
        {
            Eid = euicc.Eid,
            PrivateKey = euicc.Identity.Key.ToPkcs8(),
            EuiccCertificate = euicc.Identity.Certificate.Encoded,
            EumCertificate = bench.Pki.Eum.Certificate.Encoded,
            CiKeyIds = [bench.Pki.Ci.Certificate.SubjectKeyIdentifier!.Value],
            CiCertificates = [bench.Pki.Ci.Certificate.Encoded],
        },
        memory);

    /// <summary>Our profile without what neither SM-DP+ nor eUICC reads (PINs, DF.TELECOM, the security domain), so that the file stays small.</summary>
    private static byte[] ShortProfile()
    {
        using var template = BuiltInTemplate.Create();
        using var nobody = new SubscriberData(
            Iccid.Parse("8988280000000000102"), Imsi.Parse("001010000000102"), AkaAlgorithm.Milenage, new byte[16], new byte[16]);
        var elements = new BerReader(template.Personalise(nobody));
        var kept = new List<byte>();
        while (elements.HasData)
        {
            var element = elements.ReadEncoded(out var tag);
            kept.AddRange(tag is 0xA2 or 0xA3 or 0xA6 or 0xB2 ? [] : element.ToArray());
        }

        return [.. kept];
    }

    private void RecordIdentities(SmdpBench bench, TestEuicc euicc)
    {
        _recording.Section("Identities: private keys (PKCS#8), and the root's certificate (X.509). The other certificates are in the messages.");
        _recording.Add("ci.certificate", bench.Pki.Ci.Certificate.Encoded.Span);
        _recording.Add("ci.key", bench.Pki.Ci.Key.ToPkcs8());
        _recording.Add("eum.key", bench.Pki.Eum.Key.ToPkcs8());
        _recording.Add("euicc.key", euicc.Identity.Key.ToPkcs8());
        _recording.Add("dpAuth.key", bench.Host.Pki.DpAuth!.Key.ToPkcs8());
        _recording.Add("dpPb.key", bench.Host.Pki.DpPb!.Key.ToPkcs8());
        _recording.Add("eid", euicc.Eid.ToBytes());
    }

    private void RecordInputs(InitiateAuthenticationOk server, ReadOnlyMemory<byte> euiccChallenge, ServerSigned1 signed, string matchingId)
    {
        _recording.Section("Inputs of the session; texts are UTF-8.");
        _recording.Add("transactionId", server.TransactionId.ToBytes());
        _recording.Add("euiccChallenge", euiccChallenge.Span);
        _recording.Add("serverChallenge", signed.ServerChallenge.Span);
        _recording.Add("smdpAddress", Encoding.UTF8.GetBytes(signed.ServerAddress));
        _recording.Add("matchingId", Encoding.UTF8.GetBytes(matchingId));
        _recording.Add("confirmationCode", Encoding.UTF8.GetBytes(ConfirmationCode));
    }

    private async Task<(InitiateAuthenticationOk Server, ReadOnlyMemory<byte> Challenge)> InitiateAsync(SmdpBench bench, Terminal terminal)
    {
        _recording.Section("ES10b GetEUICCChallenge and GetEUICCInfo1, ES9+ InitiateAuthentication.");
        var challenge = BerMessage.Decode<GetEuiccChallengeResponse>(Card(terminal, "es10b.getEuiccChallenge", new EmptyRequest(0xBF2E).Encode())).Challenge;
        var info = Card(terminal, "es10b.getEuiccInfo1", new EmptyRequest(0xBF20).Encode());
        var request = new InitiateAuthenticationRequest(challenge, bench.Host.Address, info);
        var body = RspJson.Write(InitiateAuthenticationRequestJson.From(request), Json.InitiateAuthenticationRequestJson);
        var answer = await SmdpAsync(bench, "es9plus.initiateAuthentication", Es9PlusPaths.InitiateAuthentication, body, request);
        var ok = RspJson.Read(answer, Json.InitiateAuthenticationResponseJson).ToOk();
        Answered("es9plus.initiateAuthentication", answer, new InitiateAuthenticationResponse(ok));
        return (ok, challenge);
    }

    private async Task<(AuthenticateClientOk Client, ServerSigned1 Signed)> AuthenticateAsync(
        SmdpBench bench, Terminal terminal, InitiateAuthenticationOk server, string matchingId)
    {
        _recording.Section("ES10b AuthenticateServer, ES9+ AuthenticateClient.");
        var capabilities = new DeviceCapabilities { EutranEpcRelease = new VersionNumber(14, 0, 0), NrEpcRelease = new VersionNumber(15, 1, 0) };
        var device = new DeviceInfo(Convert.FromHexString("35290611"), capabilities, Convert.FromHexString("5392601162435187"));
        var challenge = new AuthenticateServerRequest(
            server.ServerSigned1, server.ServerSignature1, server.CiKeyId, server.ServerCertificate, new CtxParams1(matchingId, device).Encode());
        var response = Card(terminal, "es10b.authenticateServer", challenge.Encode());
        var request = new AuthenticateClientRequest(server.TransactionId, response);
        var body = RspJson.Write(AuthenticateClientRequestJson.From(request), Json.AuthenticateClientRequestJson);
        var answer = await SmdpAsync(bench, "es9plus.authenticateClient", Es9PlusPaths.AuthenticateClient, body, request);
        var ok = RspJson.Read(answer, Json.AuthenticateClientResponseJson).ToOk();
        Answered("es9plus.authenticateClient", answer, new AuthenticateClientResponseEs9(ok));
        return (ok, challenge.ReadSigned());
    }

    private byte[] PrepareDownload(Terminal terminal, AuthenticateClientOk client)
    {
        _recording.Section("ES10b PrepareDownload.");
        var hashCc = ConfirmationCodeHash.Compute(ConfirmationCode, client.TransactionId);
        return Card(
            terminal,
            "es10b.prepareDownload",
            new PrepareDownloadRequest(client.SmdpSigned2, client.SmdpSignature2, hashCc, client.SmdpCertificate).Encode());
    }

    private async Task<byte[]> GetPackageAsync(SmdpBench bench, Eid eid, TransactionId transaction, byte[] prepared, OneTimeKey euiccKey)
    {
        _recording.Section("ES9+ GetBoundProfilePackage.");
        const string name = "es9plus.getBoundProfilePackage";
        var request = new GetBoundProfilePackageRequest(transaction, prepared);
        var body = RspJson.Write(GetBoundProfilePackageRequestJson.From(request), Json.GetBoundProfilePackageRequestJson);
        var answer = await SmdpAsync(bench, name, Es9PlusPaths.GetBoundProfilePackage, body, request);
        var delivered = RspJson.Read(answer, Json.GetBoundProfilePackageResponseJson).ToOk();

        using var content = PackageContent.Open(delivered.BoundProfilePackage, euiccKey, eid);
        using var smdpKey = OneTimeKey.Generate(EcCurve.P256);
        var package = content.Bind(transaction, euiccKey.PublicKey, smdpKey, bench.Host.Pki.DpPb!.Key, eid);
        Assert.Equal(delivered.BoundProfilePackage.Length, package.Length);
        var again = new GetBoundProfilePackageOk(transaction, package);
        Answered(
            name,
            RspJson.Write(GetBoundProfilePackageResponseJson.From(again), Json.GetBoundProfilePackageResponseJson),
            new GetBoundProfilePackageResponse(again));
        content.Record(_recording, euiccKey, smdpKey, eid);
        return package;
    }

    private async Task LoadAsync(SmdpBench bench, Terminal terminal, byte[] package)
    {
        _recording.Section("ES10b LoadBoundProfilePackage: the commands and the answers; the last answer is ProfileInstallationResult.");
        var number = 0;
        byte[] result = [];
        foreach (var command in LoadBoundProfilePackage.Split(package))
        {
            Assert.Empty(result);
            result = Card(terminal, $"es10b.loadBoundProfilePackage.{++number:D2}", command.ToArray());
        }

        _recording.Section("ES9+ HandleNotification; the answer is 204 without a body.");
        var notification = BerMessage.Decode<PendingNotification>(result);
        Assert.True(Assert.IsType<ProfileInstallationResult>(notification).IsSuccess);
        var body = RspJson.Write(HandleNotificationRequestJson.From(notification), Json.HandleNotificationRequestJson);
        await SmdpAsync(bench, "es9plus.handleNotification", Es9PlusPaths.HandleNotification, body, new HandleNotificationEs9(notification));
    }

    private byte[] Card(Terminal terminal, string name, byte[] request)
    {
        _recording.Add($"{name}.request", request);
        var answer = terminal.Es10(request);
        _recording.Add($"{name}.response", answer);
        return answer;
    }

    private async Task<byte[]> SmdpAsync(SmdpBench bench, string name, string path, byte[] body, IBerMessage function)
    {
        _recording.AddJson($"{name}.request", body);
        _recording.Add($"{name}.request.asn1", new RemoteProfileProvisioningRequest(function).Encode());
        using var response = await bench.Device.PostAsync(path, "application/json", body);
        Assert.Equal(path == Es9PlusPaths.HandleNotification ? HttpStatusCode.NoContent : HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync(Ct);
    }

    private void Answered(string name, byte[] body, IBerMessage function)
    {
        _recording.AddJson($"{name}.response", body);
        _recording.Add($"{name}.response.asn1", new RemoteProfileProvisioningResponse(function).Encode());
    }

    /// <summary>The eUICC's one-time key out of the file that is its memory.</summary>
    private static byte[] ReadOneTimeKey(SmdpBench bench)
    {
        using var state = JsonDocument.Parse(File.ReadAllBytes(bench.Folder.File("card.json")));
        return state.RootElement.GetProperty("one_time_key").GetProperty("private_key").GetBytesFromBase64();
    }

    private static string FixturePath()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OpenEim.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(
            folder?.FullName ?? throw new InvalidOperationException("the recorder runs outside the checkout"),
            "tests", "OpenEim.Protocol.Tests", "Vectors", "download.txt");
    }
}
