using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Tests.Euicc;

/// <summary>An LPA at its barest: it carries a download between a card on a bench and a <see cref="TestSmdp"/>, step by step.</summary>
internal sealed class CardDownload(CardBench bench, TestSmdp smdp)
{
    public static readonly CtxParams1 Context = new("MATCH", new DeviceInfo(new byte[] { 0x35, 0x29, 0x06, 0x11 }, new DeviceCapabilities()));

    public TransactionId Transaction { get; private set; }

    /// <summary>Lets a test change the request to the card.</summary>
    public Func<AuthenticateServerRequest, AuthenticateServerRequest> ChangeAuthenticate { get; set; } = request => request;

    public Func<PrepareDownloadRequest, PrepareDownloadRequest> ChangePrepare { get; set; } = request => request;

    public AuthenticateServerResponse Authenticate()
    {
        var challenge = BerMessage.Decode<GetEuiccChallengeResponse>(bench.Terminal.Es10(Convert.FromHexString("BF2E00"))).Challenge;
        return Authenticate(smdp.InitiateAuthentication(challenge));
    }

    public AuthenticateServerResponse Authenticate(InitiateAuthenticationOk server)
    {
        Transaction = server.TransactionId;
        var request = ChangeAuthenticate(new AuthenticateServerRequest(
            server.ServerSigned1, server.ServerSignature1, server.CiKeyId, server.ServerCertificate, Context.Encode()));
        return BerMessage.Decode<AuthenticateServerResponse>(bench.Terminal.Es10(request.Encode()));
    }

    public PrepareDownloadResponse Prepare()
    {
        var authenticated = Authenticate();
        Assert.Null(authenticated.Error);
        return Prepare(smdp.AuthenticateClient(Transaction, authenticated.Encode()));
    }

    public PrepareDownloadResponse Prepare(AuthenticateClientOk client)
    {
        var request = ChangePrepare(new PrepareDownloadRequest(client.SmdpSigned2, client.SmdpSignature2, null, client.SmdpCertificate));
        return BerMessage.Decode<PrepareDownloadResponse>(bench.Terminal.Es10(request.Encode()));
    }

    /// <summary>The package, in the segments that a card takes.</summary>
    public List<byte[]> Segments()
    {
        var prepared = Prepare();
        Assert.Null(prepared.Error);
        return [.. LoadBoundProfilePackage.Split(smdp.GetBoundProfilePackage(Transaction, prepared.Encode())).Select(part => part.ToArray())];
    }

    /// <summary>Sends segments until one is answered, or none is left.</summary>
    public ProfileInstallationResult? Load(IEnumerable<byte[]> segments)
    {
        foreach (var segment in segments)
        {
            var answer = bench.Terminal.Es10(segment);
            if (answer.Length > 0)
            {
                var result = Assert.IsType<ProfileInstallationResult>(BerMessage.Decode<PendingNotification>(answer));
                Assert.True(bench.EuiccIdentity.Certificate.PublicKey.Verify(result.SignedData.Span, result.Signature.Span));
                Assert.Equal(Transaction, result.TransactionId);
                return result;
            }
        }

        return null;
    }

    /// <summary>The whole of it.</summary>
    public ProfileInstallationResult Run() => Load(Segments())!;
}
