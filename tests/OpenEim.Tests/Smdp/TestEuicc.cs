using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Tests.Smdp;

/// <summary>The least that an eUICC has to be for a download, with real cryptography; it checks what the SM-DP+ signs.</summary>
internal sealed class TestEuicc(TestPki pki, RspIdentity identity, Eid eid) : IDisposable
{
    public Eid Eid => eid;

    public RspIdentity Identity => identity;

    public byte[] Challenge { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>Free memory that it tells of, in bytes.</summary>
    public int FreeMemory { get; init; } = 500_000;

    public VersionNumber ProfileVersion { get; init; } = new(2, 3, 1);

    private ReadOnlyMemory<byte> CiKeyId => pki.Ci.Certificate.SubjectKeyIdentifier!.Value;

    public InitiateAuthenticationRequest Initiate(string address) =>
        new(Challenge, address, new EuiccInfo1(new VersionNumber(2, 5, 0), [CiKeyId], [CiKeyId]).Encode());

    /// <summary>ES10b AuthenticateServer.</summary>
    /// <param name="server">What the SM-DP+ signed.</param>
    /// <param name="matchingId">From the activation code.</param>
    /// <param name="change">Makes what is signed wrong in one way.</param>
    /// <param name="eum">Another EUM's certificate.</param>
    public AuthenticateServerResponse AuthenticateServer(
        InitiateAuthenticationOk server, string? matchingId, Func<EuiccSigned1, EuiccSigned1>? change = null, RspCertificate? eum = null)
    {
        var serverKey = RspCertificate.Parse(server.ServerCertificate).PublicKey;
        Assert.True(serverKey.Verify(server.ServerSigned1.Span, server.ServerSignature1.Span));
        var signed1 = BerMessage.Decode<ServerSigned1>(server.ServerSigned1);
        Assert.Equal(Challenge, signed1.EuiccChallenge.ToArray());
        Assert.Equal(server.TransactionId, signed1.TransactionId);

        var context = new CtxParams1(matchingId, new DeviceInfo(new byte[] { 0x35, 0x29, 0x06, 0x11 }, new DeviceCapabilities())).Encode();
        var signed = new EuiccSigned1(server.TransactionId, signed1.ServerAddress, signed1.ServerChallenge, Info2().Encode(), context);
        var encoded = (change is null ? signed : change(signed)).Encode();
        return new AuthenticateServerResponse(new AuthenticateResponseOk(
            encoded, identity.Key.Sign(encoded), identity.Certificate.Encoded, (eum ?? pki.Eum.Certificate).Encoded));
    }

    /// <summary>ES10b PrepareDownload.</summary>
    public PrepareDownloadResponse PrepareDownload(
        AuthenticateClientOk client, AuthenticateServerResponse authenticated, OneTimeKey key, string? confirmationCode = null)
    {
        var binding = RspCertificate.Parse(client.SmdpCertificate).PublicKey;
        Assert.True(binding.Verify(
            PrepareDownloadRequest.SignedWith(client.SmdpSigned2.Span, authenticated.Ok!.Signature.Span), client.SmdpSignature2.Span));
        ReadOnlyMemory<byte>? hashCc = null;
        if (confirmationCode is not null)
        {
            hashCc = ConfirmationCodeHash.Compute(confirmationCode, client.TransactionId);
        }

        var signed = new EuiccSigned2(client.TransactionId, key.PublicKey.Point, hashCc).Encode();
        return new PrepareDownloadResponse(new PrepareDownloadResponseOk(
            signed, identity.Key.Sign(PrepareDownloadResponseOk.SignedWith(signed, client.SmdpSignature2.Span))));
    }

    /// <summary>ES10b LoadBoundProfilePackage: gives the profile package and the metadata inside.</summary>
    public (byte[] Package, byte[] Metadata) Load(GetBoundProfilePackageOk delivered, RspCertificate smdp, OneTimeKey key)
    {
        var bound = BerMessage.Decode<BoundProfilePackage>(delivered.BoundProfilePackage);
        var channel = bound.ReadInitialiseSecureChannel();
        Assert.Equal(delivered.TransactionId, channel.TransactionId);
        Assert.True(smdp.PublicKey.Verify(
            InitialiseSecureChannelRequest.SignedWith(channel.SignedData.Span, key.PublicKey.Point), channel.Signature.Span));
        var secret = key.Agree(EcPublicKey.FromPoint(key.Curve, channel.SmdpOtpk.Span));
        using var reader = new BoundProfileReader(BspSession.Derive(secret, channel.ControlRefTemplate.HostId.Span, eid));
        Assert.Equal("BF2400", Convert.ToHexString(Read(reader, BoundProfilePart.FirstSequenceOf87, bound.ConfigureIsdp)));
        var metadata = Read(reader, BoundProfilePart.SequenceOf88, bound.StoreMetadata);
        if (bound.ReplaceSessionKeys is { } keys)
        {
            Read(reader, BoundProfilePart.SecondSequenceOf87, keys);
        }

        return (Read(reader, BoundProfilePart.SequenceOf86, bound.ProfileElements), metadata);
    }

    /// <summary>The signed result of an installation.</summary>
    public ProfileInstallationResult Result(TransactionId transaction, Iccid iccid, bool success = true, long sequence = 1, RspIdentity? signer = null)
    {
        var metadata = new NotificationMetadata(sequence, NotificationEvents.Install, "smdp.example.com", iccid);
        InstallationFinalResult final = success
            ? new InstallationFinalResult.Success(Convert.FromHexString("A0000005591010FFFFFFFF8900001100"), Convert.FromHexString("3007A0053003800100"))
            : new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, InstallationErrorReason.InsufficientMemory);
        var data = ProfileInstallationResult.EncodeData(transaction, metadata, new byte[] { 0x88, 0x37, 0x0A }, final);
        return ProfileInstallationResult.Create(data, (signer ?? identity).Key.Sign(data));
    }

    /// <summary>Another signed notification.</summary>
    public OtherSignedNotification Notification(NotificationEvents what, Iccid iccid, long sequence, RspIdentity? signer = null)
    {
        var data = new NotificationMetadata(sequence, what, "smdp.example.com", iccid).Encode();
        return OtherSignedNotification.Create(data, (signer ?? identity).Key.Sign(data), identity.Certificate.Encoded, pki.Eum.Certificate.Encoded);
    }

    public CancelSessionResponse Cancel(TransactionId transaction, CancelSessionReason reason, byte[]? oid = null, RspIdentity? signer = null)
    {
        var signed = new EuiccCancelSessionSigned(transaction, oid ?? [0x88, 0x37, 0x0A], reason).Encode();
        return new CancelSessionResponse(new CancelSessionResponseOk(signed, (signer ?? identity).Key.Sign(signed)));
    }

    public void Dispose() => identity.Dispose();

    private EuiccInfo2 Info2() => new()
    {
        ProfileVersion = ProfileVersion,
        Svn = new VersionNumber(2, 5, 0),
        FirmwareVersion = new VersionNumber(1, 0, 0),
        ExtendedCardResource = Convert.FromHexString($"8101008204{FreeMemory:X8}83022000"),
        CiKeyIdsForVerification = [CiKeyId],
        CiKeyIdsForSigning = [CiKeyId],
        ProtectionProfileVersion = new VersionNumber(1, 0, 0),
        SasAccreditationNumber = "TEST",
    };

    private static byte[] Read(BoundProfileReader reader, BoundProfilePart part, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        Assert.Equal(BspError.None, reader.Begin(part));
        var content = new List<byte>();
        foreach (var segment in segments)
        {
            Assert.InRange(segment.Length, 1, BoundProfilePackage.MaxSegmentLength);
            Assert.Equal(BspError.None, reader.Read(segment, out var plaintext));
            content.AddRange(plaintext);
        }

        return [.. content];
    }
}
