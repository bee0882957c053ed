using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Benchmarks.Parts;

/// <summary>A device and its eUICC: the cryptography of ES10b AuthenticateServer and PrepareDownload, and the signed result.</summary>
/// <remarks>It does not open the package that it gets, nor check the SM-DP+'s certificates, which it knows: the SM-DP+ is what is measured.</remarks>
internal sealed class DownloadingDevice : IDisposable
{
    private static readonly Es9PlusJsonContext Json = Es9PlusJsonContext.Default;
    private static readonly byte[] IsdpAid = Convert.FromHexString("A0000005591010FFFFFFFF8900001100");
    private static readonly byte[] SimaResponse = Convert.FromHexString("3007A0053003800100");
    private static readonly byte[] SmdpOid = [0x88, 0x37, 0x0A];

    private readonly SmdpServer _server;
    private readonly RspConnection _connection;
    private readonly RspIdentity _identity;
    private readonly byte[] _info1;
    private readonly byte[] _info2;
    private long _sequence;

    private DownloadingDevice(SmdpServer server, RspConnection connection, RspIdentity identity)
    {
        (_server, _connection, _identity) = (server, connection, identity);
        var ci = server.Pki.Ci.Certificate.SubjectKeyIdentifier!.Value;
        _info1 = new EuiccInfo1(new VersionNumber(2, 5, 0), [ci], [ci]).Encode();
        _info2 = new EuiccInfo2
        {
            ProfileVersion = new VersionNumber(2, 3, 1),
            Svn = new VersionNumber(2, 5, 0),
            FirmwareVersion = new VersionNumber(1, 0, 0),
            ExtendedCardResource = Convert.FromHexString("81010082040008000083022000"),
            CiKeyIdsForVerification = [ci],
            CiKeyIdsForSigning = [ci],
            ProtectionProfileVersion = new VersionNumber(1, 0, 0),
            SasAccreditationNumber = "BENCH",
        }.Encode();
    }

    public static async Task<DownloadingDevice> CreateAsync(SmdpServer server, int number)
    {
        var identity = server.Pki.IssueEuicc(Eid.Parse($"{TestPki.EidPrefix}{number:D24}"));
        return new DownloadingDevice(server, await RspConnection.OpenAsync(server.Host.Es9PlusUrl).ConfigureAwait(false), identity);
    }

    /// <summary>InitiateAuthentication, as a body of JSON.</summary>
    public byte[] Initiate(byte[] challenge) => RspJson.Write(
        InitiateAuthenticationRequestJson.From(new InitiateAuthenticationRequest(challenge, _server.Host.Address, _info1)), Json.InitiateAuthenticationRequestJson);

    /// <summary>One whole download, from InitiateAuthentication to the notification of success.</summary>
    public async Task DownloadAsync(ReleasedProfile profile)
    {
        var initiated = await _connection.CallAsync(
            Es9PlusPaths.InitiateAuthentication, Initiate(RandomNumberGenerator.GetBytes(16)), Json.InitiateAuthenticationResponseJson).ConfigureAwait(false);
        var server = initiated.ToOk();
        var signature = AuthenticateServer(server, profile.MatchingId, out var authenticate);
        var authenticated = await _connection.CallAsync(
            Es9PlusPaths.AuthenticateClient,
            RspJson.Write(AuthenticateClientRequestJson.From(authenticate), Json.AuthenticateClientRequestJson),
            Json.AuthenticateClientResponseJson).ConfigureAwait(false);
        using var key = OneTimeKey.Generate(EcCurve.P256);
        var prepared = PrepareDownload(authenticated.ToOk(), signature, key);
        await _connection.CallAsync(
            Es9PlusPaths.GetBoundProfilePackage,
            RspJson.Write(GetBoundProfilePackageRequestJson.From(prepared), Json.GetBoundProfilePackageRequestJson),
            Json.GetBoundProfilePackageResponseJson).ConfigureAwait(false);
        var result = HandleNotificationRequestJson.From(Result(server.TransactionId, profile.Iccid));
        await _connection.SendAsync(
            RspConnection.Request(Es9PlusPaths.HandleNotification, RspJson.Write(result, Json.HandleNotificationRequestJson))).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _identity.Dispose();
    }

    private byte[] AuthenticateServer(InitiateAuthenticationOk server, string matchingId, out AuthenticateClientRequest request)
    {
        Require(_server.Host.Pki.DpAuth!.Certificate.PublicKey.Verify(server.ServerSigned1.Span, server.ServerSignature1.Span));
        var signed1 = BerMessage.Decode<ServerSigned1>(server.ServerSigned1);
        var context = new CtxParams1(matchingId, new DeviceInfo(new byte[] { 0x35, 0x29, 0x06, 0x11 }, new DeviceCapabilities())).Encode();
        var signed = new EuiccSigned1(server.TransactionId, signed1.ServerAddress, signed1.ServerChallenge, _info2, context).Encode();
        var signature = _identity.Key.Sign(signed);
        var response = new AuthenticateServerResponse(
            new AuthenticateResponseOk(signed, signature, _identity.Certificate.Encoded, _server.Pki.Eum.Certificate.Encoded));
        request = new AuthenticateClientRequest(server.TransactionId, response.Encode());
        return signature;
    }

    private GetBoundProfilePackageRequest PrepareDownload(AuthenticateClientOk client, byte[] euiccSignature1, OneTimeKey key)
    {
        Require(_server.Host.Pki.DpPb!.Certificate.PublicKey.Verify(
            PrepareDownloadRequest.SignedWith(client.SmdpSigned2.Span, euiccSignature1), client.SmdpSignature2.Span));
        var signed = new EuiccSigned2(client.TransactionId, key.PublicKey.Point, null).Encode();
        var signature = _identity.Key.Sign(PrepareDownloadResponseOk.SignedWith(signed, client.SmdpSignature2.Span));
        return new GetBoundProfilePackageRequest(
            client.TransactionId, new PrepareDownloadResponse(new PrepareDownloadResponseOk(signed, signature)).Encode());
    }

    private ProfileInstallationResult Result(TransactionId transaction, Iccid iccid)
    {
        var metadata = new NotificationMetadata(++_sequence, NotificationEvents.Install, _server.Host.Address, iccid);
        var data = ProfileInstallationResult.EncodeData(transaction, metadata, SmdpOid, new InstallationFinalResult.Success(IsdpAid, SimaResponse));
        return ProfileInstallationResult.Create(data, _identity.Key.Sign(data));
    }

    private static void Require(bool verified)
    {
        if (!verified)
        {
            throw new InvalidOperationException("a signature of the SM-DP+ does not verify");
        }
    }
}
