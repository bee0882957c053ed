using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Recorded.RecordedDownload;

namespace OpenEim.Protocol.Tests.Sgp22.Recorded;

/// <summary>The recorded download again, with its own keys: what is computed must come out byte for byte, what is signed must verify.</summary>
/// <remarks>ECDSA is random, so no signature is made again; each is taken from the recording.</remarks>
public sealed class DownloadReplayTests
{
    [Fact]
    public void Certificates_are_of_the_recorded_keys_and_lead_to_the_root()
    {
        var root = RspCertificate.Parse(Bytes("ci.certificate"));
        var euicc = RspCertificate.Parse(Authenticated.EuiccCertificate);
        var eum = RspCertificate.Parse(Authenticated.EumCertificate);
        var auth = RspCertificate.Parse(AuthenticateServer.ServerCertificate);
        var binding = RspCertificate.Parse(PrepareDownload.SmdpCertificate);
        (string Key, RspCertificate Certificate)[] identities =
            [("ci.key", root), ("eum.key", eum), ("euicc.key", euicc), ("dpAuth.key", auth), ("dpPb.key", binding)];
        Assert.All(identities, identity =>
        {
            using var key = Key(identity.Key);
            Assert.Equal(key.PublicKey, identity.Certificate.PublicKey);
            Assert.Equal(Hex(identity.Key), Convert.ToHexString(key.ToPkcs8()));
        });

        var trust = new RspTrust([root]);
        var then = binding.NotBefore.AddHours(1);
        Assert.Equal(Eid, trust.VerifyEuicc(euicc, eum, Eid, then).Eid);
        Assert.Equal(ChainError.None, trust.VerifyServer(auth, RspRole.DpAuth, null, then).Error);
        Assert.Equal(ChainError.None, trust.VerifyServer(binding, RspRole.DpPb, auth.RegisteredIds[0], then).Error);
    }

    [Fact]
    public void Every_signature_verifies_over_the_recorded_bytes()
    {
        var (server, euicc, client, prepared) = (AuthenticateServer, Authenticated, PrepareDownload, Prepared);
        var channel = BerMessage.Decode<BoundProfilePackage>(Package).ReadInitialiseSecureChannel();
        var bound = InitialiseSecureChannelRequest.SignedWith(channel.SignedData.Span, Bytes("euiccOneTimeKey.public"));

        Verify("dpAuth.key", server.SignedData.Span, server.Signature);
        Verify("euicc.key", euicc.SignedData.Span, euicc.Signature);
        Verify("dpPb.key", PrepareDownloadRequest.SignedWith(client.SignedData.Span, euicc.Signature.Span), client.Signature);
        Verify("euicc.key", PrepareDownloadResponseOk.SignedWith(prepared.SignedData.Span, client.Signature.Span), prepared.Signature);
        Verify("dpPb.key", bound, channel.Signature);
        Verify("euicc.key", Installed.SignedData.Span, Installed.Signature);
    }

    [Fact]
    public void Keys_are_derived_alike_on_both_sides()
    {
        using var smdp = OneTimeKeyOf("smdpOneTimeKey.private");
        using var euicc = OneTimeKeyOf("euiccOneTimeKey.private");
        Assert.Equal(Hex("smdpOneTimeKey.public"), Convert.ToHexString(smdp.PublicKey.Point.Span));
        Assert.Equal(Hex("euiccOneTimeKey.public"), Convert.ToHexString(euicc.PublicKey.Point.Span));
        Assert.Equal(Hex("sharedSecret"), Convert.ToHexString(smdp.Agree(euicc.PublicKey)));
        Assert.Equal(Hex("sharedSecret"), Convert.ToHexString(euicc.Agree(smdp.PublicKey)));

        using var keys = BspKeys.Derive(Bytes("sharedSecret"), Bytes("hostId"), Eid);
        Assert.Equal(Hex("initialMacChainingValue"), Convert.ToHexString(keys.InitialChainingValue));
        Assert.Equal(Hex("sEnc"), Convert.ToHexString(keys.Encryption));
        Assert.Equal(Hex("sMac"), Convert.ToHexString(keys.Mac));
    }

    [Fact]
    public void Confirmation_code_is_hashed_as_recorded()
    {
        var hash = ConfirmationCodeHash.Compute(Text("confirmationCode"), Transaction);

        Same(PrepareDownload.HashCc!.Value, hash);
        Same(Prepared.ReadSigned().HashCc!.Value, hash);
    }

    [Fact]
    public void Package_is_bound_again_byte_for_byte()
    {
        using var smdp = OneTimeKeyOf("smdpOneTimeKey.private");
        var secret = smdp.Agree(EcPublicKey.FromPoint(EcCurve.P256, Bytes("euiccOneTimeKey.public")));
        using var session = BspSession.Derive(secret, Bytes("hostId"), Eid);
        using var profileKeys = BspKeys.FromRequest(Message<ReplaceSessionKeysRequest>("replaceSessionKeys"));

        var parts = BoundProfileParts.Protect(session, Bytes("configureIsdp"), Bytes("metadata"), Bytes("profilePackage"), profileKeys);
        var signed = InitialiseSecureChannelRequest.EncodeSigned(Transaction, Bytes("hostId"), smdp.PublicKey.Point);
        var signature = BerMessage.Decode<BoundProfilePackage>(Package).ReadInitialiseSecureChannel().Signature;

        Same(Package, parts.ToBoundProfilePackage(InitialiseSecureChannelRequest.Create(signed, signature).Encode()));
    }

    [Fact]
    public void Card_opens_the_package_to_exactly_the_profile()
    {
        using var euicc = OneTimeKeyOf("euiccOneTimeKey.private");
        var package = BerMessage.Decode<BoundProfilePackage>(Package);
        var channel = package.ReadInitialiseSecureChannel();
        var secret = euicc.Agree(EcPublicKey.FromPoint(EcCurve.P256, channel.SmdpOtpk.Span));
        using var reader = new BoundProfileReader(BspSession.Derive(secret, channel.ControlRefTemplate.HostId.Span, Eid));

        Assert.Equal(Hex("configureIsdp"), Open(reader, BoundProfilePart.FirstSequenceOf87, package.ConfigureIsdp));
        Assert.Equal(Hex("metadata"), Open(reader, BoundProfilePart.SequenceOf88, package.StoreMetadata));
        Assert.Equal("", Open(reader, BoundProfilePart.SecondSequenceOf87, package.ReplaceSessionKeys!));
        Assert.Equal(Hex("profilePackage"), Open(reader, BoundProfilePart.SequenceOf86, package.ProfileElements));
    }

    [Fact]
    public void Package_is_split_into_the_recorded_commands_and_only_the_last_is_answered()
    {
        Assert.Equal(
            Segments.Select(segment => Convert.ToHexString(segment.Command)),
            LoadBoundProfilePackage.Split(Package).Select(part => Convert.ToHexString(part.Span)));
        Assert.All(Segments.SkipLast(1), segment => Assert.Empty(segment.Answer));
        Assert.True(Installed.IsSuccess);
    }

    [Fact]
    public void Signed_structures_are_made_of_the_recorded_inputs()
    {
        var (address, serverChallenge, euicc) = (Text("smdpAddress"), Bytes("serverChallenge"), Authenticated.ReadSigned());
        var hashCc = ConfirmationCodeHash.Compute(Text("confirmationCode"), Transaction);
        var metadata = new NotificationMetadata(1, NotificationEvents.Install, address, Message<StoreMetadataRequest>("metadata").Iccid);

        Same(AuthenticateServer.SignedData, new ServerSigned1(Transaction, Bytes("euiccChallenge"), address, serverChallenge).Encode());
        Same(
            Authenticated.SignedData,
            new EuiccSigned1(Transaction, address, serverChallenge, euicc.EuiccInfo2, AuthenticateServer.CtxParams1).Encode());
        Assert.Equal(Text("matchingId"), euicc.ReadCtxParams1().MatchingId);
        Same(PrepareDownload.SignedData, new SmdpSigned2(Transaction, true).Encode());
        Same(Prepared.SignedData, new EuiccSigned2(Transaction, Bytes("euiccOneTimeKey.public"), hashCc).Encode());

        // The SM-DP+'s host id is the value of its OID.
        Same(Installed.SignedData, ProfileInstallationResult.EncodeData(Transaction, metadata, Bytes("hostId"), Installed.FinalResult));
        Same(Installed.Encoded, ProfileInstallationResult.Create(Installed.SignedData, Installed.Signature).Encode());
    }

    private static void Verify(string key, ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature)
    {
        using var signer = Key(key);
        Assert.Equal(64, signature.Length);
        Assert.True(signer.PublicKey.Verify(data, signature.Span));
    }

    private static string Open(BoundProfileReader reader, BoundProfilePart part, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        Assert.Equal(BspError.None, reader.Begin(part));
        return string.Concat(segments.Select(segment =>
        {
            Assert.Equal(BspError.None, reader.Read(segment, out var plaintext));
            return Convert.ToHexString(plaintext);
        }));
    }

    private static void Same(ReadOnlyMemory<byte> recorded, byte[] made) =>
        Assert.Equal(Convert.ToHexString(recorded.Span), Convert.ToHexString(made));
}
