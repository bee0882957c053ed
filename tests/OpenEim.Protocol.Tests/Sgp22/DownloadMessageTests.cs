using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>What the messages of a download say, what of them is signed, and that they are written from their fields.</summary>
public sealed class DownloadMessageTests
{
    private static readonly TransactionId Id = TransactionId.FromBytes(Bytes(Samples.TransactionId));
    private static readonly Iccid Iccid = Iccid.Parse("8901234567890123456");

    [Fact]
    public void ServerSigned1_is_written_from_its_fields()
    {
        var signed = new ServerSigned1(Id, Bytes(Fill("E5", 16)), "smdp.example.org", Bytes(Fill("F6", 16)));

        Assert.Equal(Samples.ServerSigned1, Convert.ToHexString(signed.Encode()));
    }

    [Fact]
    public void Context_parameters_are_written_from_their_fields()
    {
        var capabilities = new DeviceCapabilities { EutranEpcRelease = new(14, 0, 0), NrEpcRelease = new(15, 0, 0) };
        var parameters = new CtxParams1("MATCH-1", new DeviceInfo(Bytes("35290611"), capabilities, Bytes("3529061112345678")));

        Assert.Equal(Samples.CtxParams1, Convert.ToHexString(parameters.Encode()));
        Assert.Equal(capabilities, BerMessage.Decode<CtxParams1>(Bytes(Samples.CtxParams1)).DeviceInfo!.Capabilities);
    }

    [Fact]
    public void Empty_matching_id_differs_from_none()
    {
        var device = T("A1", T("80", "35290611"), T("A1"));

        Assert.Equal("", BerMessage.Decode<CtxParams1>(Bytes(T("A0", T("80"), device))).MatchingId);
        Assert.Null(BerMessage.Decode<CtxParams1>(Bytes(T("A0", device))).MatchingId);
    }

    [Fact]
    public void Authentication_request_gives_the_received_slices()
    {
        var received = Bytes(Samples.AuthenticateServerRequest);

        var request = BerMessage.Decode<AuthenticateServerRequest>(received);

        AssertSlice(received, Samples.ServerSigned1, request.SignedData);
        AssertSlice(received, Samples.CtxParams1, request.CtxParams1);
        AssertSlice(received, Samples.Certificate, request.ServerCertificate);
        Assert.Equal(Samples.Signature, Convert.ToHexString(request.Signature.Span));
        Assert.Equal("smdp.example.org", request.ReadSigned().ServerAddress);
        Assert.Equal("MATCH-1", request.ReadCtxParams1().MatchingId);
    }

    [Fact]
    public void Signed_bytes_of_the_eUICC_are_kept_even_in_an_encoding_that_we_do_not_write()
    {
        // The length of the transaction id in its long form, and a field of a later version.
        var signed = T("30", "808110" + Samples.TransactionId, T("83", Text("a")), T("84", Fill("F6", 16)), Samples.EuiccInfo2, Samples.CtxParams1, T("85", "01"));
        var received = Bytes(T("BF38", T("A0", signed, T("5F37", Samples.Signature), Samples.Certificate, Samples.OtherCertificate)));

        var response = BerMessage.Decode<AuthenticateServerResponse>(received);

        AssertSlice(received, signed, response.Ok!.SignedData);
        Assert.Equal(Id, response.Ok.ReadSigned().TransactionId);
        Assert.Equal(received, response.Encode());
    }

    [Fact]
    public void Authentication_response_gives_both_certificates_and_the_eUICCs_information()
    {
        var received = Bytes(Samples.AuthenticateServerResponse);

        var ok = BerMessage.Decode<AuthenticateServerResponse>(received).Ok!;

        AssertSlice(received, Samples.Certificate, ok.EuiccCertificate);
        AssertSlice(received, Samples.OtherCertificate, ok.EumCertificate);
        Assert.Equal(new VersionNumber(2, 5, 0), ok.ReadSigned().ReadEuiccInfo2().Svn);
        Assert.Equal("MATCH-1", ok.ReadSigned().ReadCtxParams1().MatchingId);
    }

    [Fact]
    public void Authentication_error_carries_its_code()
    {
        var response = BerMessage.Decode<AuthenticateServerResponse>(Bytes(T("BF38", T("A1", T("80", Samples.TransactionId), T("02", "07")))));

        Assert.Null(response.Ok);
        Assert.Equal(new AuthenticateResponseError(Id, AuthenticateErrorCode.CiPkUnknown), response.Error);
    }

    [Fact]
    public void Second_signatures_cover_the_signature_before_them_with_its_tag()
    {
        Assert.Equal(
            Samples.SmdpSigned2 + "5F3740" + Samples.Signature,
            Convert.ToHexString(PrepareDownloadRequest.SignedWith(Bytes(Samples.SmdpSigned2), Bytes(Samples.Signature))));
        Assert.Equal(
            Samples.EuiccSigned2 + "5F3740" + Samples.OtherSignature,
            Convert.ToHexString(PrepareDownloadResponseOk.SignedWith(Bytes(Samples.EuiccSigned2), Bytes(Samples.OtherSignature))));
    }

    [Fact]
    public void Download_preparation_gives_the_received_slices()
    {
        var request = Bytes(Samples.PrepareDownloadRequest);
        var response = Bytes(Samples.PrepareDownloadResponse);

        AssertSlice(request, Samples.SmdpSigned2, BerMessage.Decode<PrepareDownloadRequest>(request).SignedData);
        var ok = BerMessage.Decode<PrepareDownloadResponse>(response).Ok!;
        AssertSlice(response, Samples.EuiccSigned2, ok.SignedData);
        Assert.Equal(Samples.Point, Convert.ToHexString(ok.ReadSigned().EuiccOtpk.Span));
        Assert.True(BerMessage.Decode<PrepareDownloadRequest>(request).ReadSigned().ConfirmationCodeRequired);
    }

    [Fact]
    public void Confirmation_code_is_hashed_with_the_transaction()
    {
        // sha256(sha256("1234") ‖ 01 02), by openssl.
        var hash = ConfirmationCodeHash.Compute("1234", TransactionId.FromBytes([1, 2]));

        Assert.Equal("4D29DC53049CE0086F44D2CC0C87D8C4DA8B8A4A30F1F330C11AF6442721C5AF", Convert.ToHexString(hash));
        Assert.Equal(hash, ConfirmationCodeHash.Compute(ConfirmationCodeHash.OfCode("1234"), TransactionId.FromBytes([1, 2])));
    }

    [Fact]
    public void Metadata_is_written_from_its_fields()
    {
        var metadata = new StoreMetadataRequest
        {
            Iccid = Iccid,
            ServiceProviderName = "Operator",
            ProfileName = "Profile",
            IconType = 1,
            Icon = Bytes("89504E47"),
            Class = ProfileClass.Test,
            NotificationConfigurations =
                [new(NotificationEvents.Delete, "n.example.org"), new(NotificationEvents.Install, "smdp.example.org")],
            Owner = new OperatorId(Bytes("00F110"), Bytes("01"), Bytes("02")),
            PolicyRules = ProfilePolicyRules.DisablingNotAllowed | ProfilePolicyRules.DeletionNotAllowed,
            FallbackAllowed = true,
        };

        Assert.Equal(Samples.StoreMetadata, Convert.ToHexString(metadata.Encode()));
    }

    [Fact]
    public void Metadata_without_a_class_is_operational_and_unknown_fields_are_skipped()
    {
        var metadata = BerMessage.Decode<StoreMetadataRequest>(Bytes(
            T("BF25", T("5A", Samples.IccidValue), T("91", Text("a")), T("92", Text("b")), T("BF22", T("30", T("80", "2A"))), T("99", "0640"))));

        Assert.Equal(ProfileClass.Operational, metadata.Class);
        Assert.Equal(ProfilePolicyRules.DisablingNotAllowed, metadata.PolicyRules);
        Assert.Equal(Iccid, metadata.Iccid);
        Assert.Null(metadata.FallbackAllowed);
    }

    [Fact]
    public void Secure_channel_is_written_from_its_fields()
    {
        var signed = InitialiseSecureChannelRequest.EncodeSigned(Id, Bytes("48"), Bytes(Samples.Point));
        var request = InitialiseSecureChannelRequest.Create(signed, Bytes(Samples.Signature));

        Assert.Equal(Samples.InitialiseSecureChannel, Convert.ToHexString(request.Encode()));
        Assert.Equal(Id, request.TransactionId);
        Assert.Equal(Samples.Point, Convert.ToHexString(request.SmdpOtpk.Span));
    }

    [Fact]
    public void Secure_channels_signature_covers_the_received_fields_and_the_eUICCs_key()
    {
        // The control reference template with a length in its long form.
        var fields = T("82", "01") + T("80", Samples.TransactionId) + "A68109" + T("80", "88") + T("81", "10") + T("84", "48") + T("5F49", Samples.Point);
        var received = Bytes(T("BF23", fields, T("5F37", Samples.Signature)));

        var request = BerMessage.Decode<InitialiseSecureChannelRequest>(received);

        AssertSlice(received, fields, request.SignedData);
        Assert.Equal(
            fields + "5F4941" + Samples.OtherPoint,
            Convert.ToHexString(InitialiseSecureChannelRequest.SignedWith(request.SignedData.Span, Bytes(Samples.OtherPoint))));
        Assert.Equal(1, request.RemoteOpId);
        Assert.Equal(ControlRefTemplate.Aes, request.ControlRefTemplate.KeyType);
        Assert.Equal("48", Convert.ToHexString(request.ControlRefTemplate.HostId.Span));
    }

    [Fact]
    public void Installation_result_is_written_from_its_fields()
    {
        var metadata = new NotificationMetadata(5, NotificationEvents.Install, "smdp.example.org", Iccid);
        var data = ProfileInstallationResult.EncodeData(
            Id, metadata, Bytes("2B0601040183AA68"),
            new InstallationFinalResult.Success(Bytes("A0000005591010FFFFFFFF8900001000"), Bytes("3007A0053003800100")));
        var result = ProfileInstallationResult.Create(data, Bytes(Samples.Signature));

        Assert.Equal(Samples.InstallationData, Convert.ToHexString(data));
        Assert.Equal(Samples.InstallationResult, Convert.ToHexString(result.Encode()));
        Assert.True(result.IsSuccess);
        Assert.Equal(metadata, result.Metadata);
    }

    [Fact]
    public void Failed_installation_is_written_from_its_fields_and_read()
    {
        var metadata = new NotificationMetadata(5, NotificationEvents.Install, "smdp.example.org", Iccid);
        var data = ProfileInstallationResult.EncodeData(
            Id, metadata, Bytes("2B0601040183AA68"),
            new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, InstallationErrorReason.Scp03tSecurityError, Bytes("3000")));
        var result = ProfileInstallationResult.Create(data, Bytes(Samples.Signature));

        Assert.Equal(Samples.FailedInstallationData, Convert.ToHexString(data));
        Assert.False(result.IsSuccess);
        var failure = Assert.IsType<InstallationFinalResult.Failure>(result.FinalResult);
        Assert.Equal((BppCommandId.LoadProfileElements, InstallationErrorReason.Scp03tSecurityError), (failure.CommandId, failure.Reason));
    }

    [Fact]
    public void Notifications_give_the_received_signed_slice()
    {
        var installed = Bytes(Samples.InstallationResult);
        var other = Bytes(Samples.OtherNotification);

        AssertSlice(installed, Samples.InstallationData, ((ProfileInstallationResult)BerMessage.Decode<PendingNotification>(installed)).SignedData);
        var notification = (OtherSignedNotification)BerMessage.Decode<PendingNotification>(other);
        Assert.Equal(Samples.OtherNotification, Convert.ToHexString(OtherSignedNotification.Create(
            notification.SignedData, notification.Signature, notification.EuiccCertificate, notification.EumCertificate).Encode()));
        Assert.Equal(NotificationEvents.Enable, notification.Metadata.Event);
    }

    [Fact]
    public void Cancelled_session_gives_the_received_signed_slice()
    {
        var received = Bytes(T("BF41", Samples.CancelSessionChoice));

        var response = BerMessage.Decode<CancelSessionResponse>(received);

        AssertSlice(received, Samples.CancelSessionSigned, response.Ok!.SignedData);
        Assert.Equal(CancelSessionReason.MetadataMismatch, response.Ok.ReadSigned().Reason);
    }

    [Theory]
    [InlineData("80", 17)]
    [InlineData("81", 17)]
    [InlineData("83", 256)]
    public void Field_longer_than_the_standard_allows_is_refused(string tag, int length)
    {
        string Field(string name, string value) => name == tag ? T(name, Fill("61", length)) : T(name, value);
        var signed = T("30", Field("80", "01"), Field("81", Fill("E5", 16)), Field("83", "61"), T("84", Fill("F6", 16)));

        Assert.Throws<ProtocolException>(() => BerMessage.Decode<ServerSigned1>(Bytes(signed)));
    }

    [Fact]
    public void Response_with_neither_arm_is_not_written()
    {
        Assert.Throws<InvalidOperationException>(() => new AuthenticateServerResponse(null).Encode());
        Assert.Throws<InvalidOperationException>(() => new PrepareDownloadResponse(null).Encode());
        Assert.Throws<InvalidOperationException>(() => new CancelSessionResponse(null).Encode());
    }

    /// <summary>The slice holds the expected bytes and lies in the received array: nothing was copied or written anew.</summary>
    private static void AssertSlice(byte[] received, string expected, ReadOnlyMemory<byte> slice)
    {
        Assert.Equal(expected, Convert.ToHexString(slice.Span));
        Assert.True(received.AsSpan().Overlaps(slice.Span));
    }
}
