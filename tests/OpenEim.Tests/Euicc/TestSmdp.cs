using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Tests.Euicc;

/// <summary>An SM-DP+ without a network and with one profile: it does the real cryptography, checks what a card signs, and errs where a test says so.</summary>
internal sealed class TestSmdp : IDisposable
{
    public const string Address = "smdp.example.com";

    public static readonly Iccid Iccid = Iccid.Parse("8988280000000000102");

    private static readonly byte[] HostId = "testsmdp"u8.ToArray();

    private readonly TestPki _pki;
    private readonly Dictionary<TransactionId, Session> _sessions = [];
    private (byte[] EuiccOtpk, OneTimeKey Key)? _bound;

    public TestSmdp(TestPki pki, string address = Address)
    {
        _pki = pki;
        ServerAddress = address;
        Auth = pki.IssueDpAuth();
        Pb = pki.IssueDpPb();
        Metadata = new StoreMetadataRequest
        {
            Iccid = Iccid,
            ServiceProviderName = "OpenEim",
            ProfileName = "downloaded",
            Owner = new OperatorId(new byte[] { 0x00, 0xF1, 0x10 }),
            NotificationConfigurations =
            [
                new NotificationConfiguration(
                    NotificationEvents.Install | NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, address),
            ],
        };
        Package = MakePackage(Iccid);
    }

    public string ServerAddress { get; set; }

    public RspIdentity Auth { get; set; }

    public RspIdentity Pb { get; set; }

    public StoreMetadataRequest Metadata { get; set; }

    /// <summary>What AuthenticateClient announces instead of <see cref="Metadata"/>.</summary>
    public StoreMetadataRequest? Announced { get; set; }

    /// <summary>The personalised profile package.</summary>
    public byte[] Package { get; set; }

    public byte[] ConfigureIsdp { get; set; } = new ConfigureIsdpRequest().Encode();

    /// <summary>Instead of <see cref="Metadata"/>, encoded.</summary>
    public byte[]? StoreMetadata { get; set; }

    public bool ConfirmationCodeRequired { get; set; }

    /// <summary>Protects the profile by keys of its own, told by ReplaceSessionKeys.</summary>
    public bool ReplacesKeys { get; set; }

    /// <summary>Sends this as ReplaceSessionKeys.</summary>
    public byte[]? Replacement { get; set; }

    /// <summary>Whether a retry names the one-time key of the first try, as a real SM-DP+ does.</summary>
    public bool NamesOneTimeKey { get; set; } = true;

    public Func<ServerSigned1, ServerSigned1> ChangeServerSigned1 { get; set; } = signed => signed;

    public Func<SmdpSigned2, SmdpSigned2> ChangeSmdpSigned2 { get; set; } = signed => signed;

    /// <summary>Changes what BF23 says before it is signed.</summary>
    public Func<byte[], byte[]> ChangeInitialise { get; set; } = signed => signed;

    /// <summary>Changes signatures.</summary>
    public Func<byte[], byte[]> ChangeSignature { get; set; } = signature => signature;

    /// <summary>What the cards have reported, verified.</summary>
    public List<PendingNotification> Notifications { get; } = [];

    /// <summary>The reasons of cancelled sessions, verified.</summary>
    public List<CancelSessionReason> Cancelled { get; } = [];

    /// <summary>How many packages were bound.</summary>
    public int Bound { get; private set; }

    public byte[] CiKeyId => _pki.Ci.Certificate.SubjectKeyIdentifier!.Value.ToArray();

    /// <summary>A package of our own template for a subscriber.</summary>
    public static byte[] MakePackage(
        Iccid iccid, AkaAlgorithm algorithm = AkaAlgorithm.Milenage, byte[]? key = null)
    {
        using var template = BuiltInTemplate.Create();
        using var subscriber = new SubscriberData(
            iccid, Imsi.Parse("001010000000102"), algorithm, key ?? RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(16));
        return template.Personalise(subscriber);
    }

    public InitiateAuthenticationOk InitiateAuthentication(ReadOnlyMemory<byte> euiccChallenge)
    {
        var signed = ChangeServerSigned1(new ServerSigned1(
            TransactionId.Random(), euiccChallenge, ServerAddress, RandomNumberGenerator.GetBytes(16)));
        var encoded = signed.Encode();
        _sessions[signed.TransactionId] = new Session(signed.ServerChallenge);
        return new InitiateAuthenticationOk(
            signed.TransactionId, encoded, ChangeSignature(Auth.Key.Sign(encoded)), CiKeyId, Auth.Certificate.Encoded);
    }

    public AuthenticateClientOk AuthenticateClient(TransactionId transaction, ReadOnlyMemory<byte> authenticateServerResponse)
    {
        var session = _sessions[transaction];
        var answer = BerMessage.Decode<AuthenticateServerResponse>(authenticateServerResponse).Ok!;
        session.Euicc = RspCertificate.Parse(answer.EuiccCertificate);
        Assert.True(session.Euicc.PublicKey.Verify(answer.SignedData.Span, answer.Signature.Span));
        var said = answer.ReadSigned();
        Assert.Equal((transaction, ServerAddress), (said.TransactionId, said.ServerAddress));
        Assert.Equal(session.ServerChallenge.ToArray(), said.ServerChallenge.ToArray());
        session.MatchingId = said.ReadCtxParams1().MatchingId;

        var signed = ChangeSmdpSigned2(new SmdpSigned2(
            transaction, ConfirmationCodeRequired, NamesOneTimeKey && _bound is { } bound ? bound.EuiccOtpk : default(ReadOnlyMemory<byte>?))).Encode();
        session.Signature2 = ChangeSignature(Pb.Key.Sign(PrepareDownloadRequest.SignedWith(signed, answer.Signature.Span)));
        return new AuthenticateClientOk(transaction, (Announced ?? Metadata).Encode(), signed, session.Signature2, Pb.Certificate.Encoded);
    }

    /// <summary>The matching id that a card has signed in a session.</summary>
    public string? MatchingIdOf(TransactionId transaction) => _sessions[transaction].MatchingId;

    public byte[] GetBoundProfilePackage(TransactionId transaction, ReadOnlyMemory<byte> prepareDownloadResponse)
    {
        var session = _sessions[transaction];
        var answer = BerMessage.Decode<PrepareDownloadResponse>(prepareDownloadResponse).Ok!;
        Assert.True(session.Euicc!.PublicKey.Verify(
            PrepareDownloadResponseOk.SignedWith(answer.SignedData.Span, session.Signature2), answer.Signature.Span));
        var said = answer.ReadSigned();
        Assert.Equal(transaction, said.TransactionId);
        return Bind(transaction, session, said.EuiccOtpk.ToArray());
    }

    /// <summary>Checks a result, or another notification, as an SM-DP+ does.</summary>
    public void HandleNotification(PendingNotification notification)
    {
        switch (notification)
        {
            case ProfileInstallationResult result:
                Assert.True(_sessions[result.TransactionId!.Value].Euicc!.PublicKey.Verify(result.SignedData.Span, result.Signature.Span));
                break;
            case OtherSignedNotification other:
                Assert.True(RspCertificate.Parse(other.EuiccCertificate).PublicKey.Verify(other.SignedData.Span, other.Signature.Span));
                break;
        }

        Notifications.Add(notification);
    }

    public void CancelSession(TransactionId transaction, CancelSessionResponse response)
    {
        var ok = response.Ok!;
        Assert.True(_sessions[transaction].Euicc!.PublicKey.Verify(ok.SignedData.Span, ok.Signature.Span));
        var signed = ok.ReadSigned();
        Assert.Equal(transaction, signed.TransactionId);
        Cancelled.Add(signed.Reason!.Value);
    }

    public void Dispose()
    {
        Auth.Dispose();
        Pb.Dispose();
        _bound?.Key.Dispose();
    }

    private byte[] Bind(TransactionId transaction, Session session, byte[] euiccOtpk)
    {
        if (_bound is not { } bound || !bound.EuiccOtpk.AsSpan().SequenceEqual(euiccOtpk))
        {
            Bound++;
            _bound?.Key.Dispose();
            bound = (euiccOtpk, OneTimeKey.Generate(Pb.Key.Curve));
            _bound = bound;
        }

        var signed = ChangeInitialise(InitialiseSecureChannelRequest.EncodeSigned(transaction, HostId, bound.Key.PublicKey.Point));
        var signature = ChangeSignature(Pb.Key.Sign(InitialiseSecureChannelRequest.SignedWith(signed, euiccOtpk)));
        var initialise = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF23))
            {
                writer.Raw(signed);
                writer.Octets(0x5F37, signature);
            }
        });
        var secret = bound.Key.Agree(EcPublicKey.FromPoint(bound.Key.Curve, euiccOtpk));
        using var bsp = BspSession.Derive(secret, HostId, Eid.Parse(session.Euicc!.SubjectSerialNumber!));
        if (Replacement is not null)
        {
            return WithReplacement(bsp, Replacement).ToBoundProfilePackage(initialise);
        }

        using var replacement = ReplacesKeys ? BspKeys.Random() : null;
        return BoundProfileParts
            .Protect(bsp, ConfigureIsdp, StoreMetadata ?? Metadata.Encode(), Package, replacement)
            .ToBoundProfilePackage(initialise);
    }

    private BoundProfileParts WithReplacement(BspSession bsp, byte[] replacement)
    {
        var configuration = Part(0xA0, bsp.Protect(BspTag.Command, ConfigureIsdp));
        var metadata = Part(0xA1, bsp.Protect(BspTag.Metadata, StoreMetadata ?? Metadata.Encode()));
        var keys = Part(0xA2, bsp.Protect(BspTag.Command, replacement));
        return new BoundProfileParts(configuration, metadata, keys, Part(0xA3, bsp.Protect(BspTag.ProfileElements, Package.AsSpan(0, 500))));
    }

    private static byte[] Part(uint tag, byte[] segment) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(tag))
        {
            writer.Raw(segment);
        }
    });

    private sealed record Session(ReadOnlyMemory<byte> ServerChallenge)
    {
        public RspCertificate? Euicc { get; set; }

        public byte[] Signature2 { get; set; } = [];

        public string? MatchingId { get; set; }
    }
}
