using System.Text;
using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>The JSON binding of ES9+ (SGP.22 6.5.2): exact texts both ways, and what is refused.</summary>
public sealed class Es9PlusJsonTests
{
    private const string Success = """{"functionExecutionStatus":{"status":"Executed-Success"}}""";

    private static readonly Es9PlusJsonContext Json = Es9PlusJsonContext.Default;

    [Fact]
    public void InitiateAuthentication_is_the_same_in_both_bindings()
    {
        var request = $$"""{"euiccChallenge":"{{B64(Fill("E5", 16))}}","euiccInfo1":"{{B64(Samples.EuiccInfo1)}}","smdpAddress":"smdp.example.org"}""";
        var response = $$"""{"header":{{Success}},"transactionId":"{{Samples.TransactionId}}","serverSigned1":"{{B64(Samples.ServerSigned1)}}","serverSignature1":"{{B64(T("5F37", Samples.Signature))}}","euiccCiPKIdToBeUsed":"{{B64(T("04", Fill("11", 20)))}}","serverCertificate":"{{B64(Samples.Certificate)}}"}""";

        var asked = Read(request, Json.InitiateAuthenticationRequestJson).ToMessage();
        var answered = Read(response, Json.InitiateAuthenticationResponseJson).ToOk();

        Assert.Equal(Samples.InitiateAuthenticationRequest, Convert.ToHexString(asked.Encode()));
        Assert.Equal(new VersionNumber(2, 5, 0), asked.ReadEuiccInfo1().Svn);
        Assert.Equal(Samples.InitiateAuthenticationResponse, Convert.ToHexString(new InitiateAuthenticationResponse(answered).Encode()));
        Assert.Equal(request, Write(InitiateAuthenticationRequestJson.From(asked), Json.InitiateAuthenticationRequestJson));
        Assert.Equal(response, Write(InitiateAuthenticationResponseJson.From(answered), Json.InitiateAuthenticationResponseJson));
    }

    [Fact]
    public void AuthenticateClient_is_the_same_in_both_bindings()
    {
        var request = $$"""{"transactionId":"{{Samples.TransactionId}}","authenticateServerResponse":"{{B64(Samples.AuthenticateServerResponse)}}"}""";
        var response = $$"""{"header":{{Success}},"transactionId":"{{Samples.TransactionId}}","profileMetadata":"{{B64(Samples.StoreMetadata)}}","smdpSigned2":"{{B64(Samples.SmdpSigned2)}}","smdpSignature2":"{{B64(T("5F37", Samples.Signature))}}","smdpCertificate":"{{B64(Samples.Certificate)}}"}""";

        var asked = Read(request, Json.AuthenticateClientRequestJson).ToMessage();
        var answered = Read(response, Json.AuthenticateClientResponseJson).ToOk();

        Assert.Equal(Samples.AuthenticateClientRequest, Convert.ToHexString(asked.Encode()));
        Assert.NotNull(asked.ReadAuthenticateServerResponse().Ok);
        Assert.Equal(Samples.AuthenticateClientResponse, Convert.ToHexString(new AuthenticateClientResponseEs9(answered).Encode()));
        Assert.Equal("Profile", answered.ReadProfileMetadata().ProfileName);
        Assert.Equal(request, Write(AuthenticateClientRequestJson.From(asked), Json.AuthenticateClientRequestJson));
        Assert.Equal(response, Write(AuthenticateClientResponseJson.From(answered), Json.AuthenticateClientResponseJson));
    }

    [Fact]
    public void GetBoundProfilePackage_is_the_same_in_both_bindings()
    {
        var request = $$"""{"transactionId":"{{Samples.TransactionId}}","prepareDownloadResponse":"{{B64(Samples.PrepareDownloadResponse)}}"}""";
        var response = $$"""{"header":{{Success}},"transactionId":"{{Samples.TransactionId}}","boundProfilePackage":"{{B64(Samples.BoundProfilePackageWithSessionKeys)}}"}""";

        var asked = Read(request, Json.GetBoundProfilePackageRequestJson).ToMessage();
        var answered = Read(response, Json.GetBoundProfilePackageResponseJson).ToOk();

        Assert.Equal(Samples.GetBoundProfilePackageRequest, Convert.ToHexString(asked.Encode()));
        Assert.Equal(Samples.Point, Convert.ToHexString(asked.ReadPrepareDownloadResponse().Ok!.ReadSigned().EuiccOtpk.Span));
        Assert.Equal(Samples.GetBoundProfilePackageResponse, Convert.ToHexString(new GetBoundProfilePackageResponse(answered).Encode()));
        Assert.Equal(request, Write(GetBoundProfilePackageRequestJson.From(asked), Json.GetBoundProfilePackageRequestJson));
        Assert.Equal(response, Write(GetBoundProfilePackageResponseJson.From(answered), Json.GetBoundProfilePackageResponseJson));
    }

    [Fact]
    public void HandleNotification_is_the_same_in_both_bindings()
    {
        var request = $$"""{"pendingNotification":"{{B64(Samples.InstallationResult)}}"}""";

        var asked = Read(request, Json.HandleNotificationRequestJson).ToMessage();

        Assert.True(Assert.IsType<ProfileInstallationResult>(asked).IsSuccess);
        Assert.Equal(T("BF3D", T("A0", Samples.InstallationResult)), Convert.ToHexString(new HandleNotificationEs9(asked).Encode()));
        Assert.Equal(request, Write(HandleNotificationRequestJson.From(asked), Json.HandleNotificationRequestJson));
    }

    [Fact]
    public void CancelSession_is_the_same_in_both_bindings()
    {
        var request = $$"""{"transactionId":"{{Samples.TransactionId}}","cancelSessionResponse":"{{B64(T("BF41", Samples.CancelSessionChoice))}}"}""";

        var asked = Read(request, Json.CancelSessionRequestJson).ToMessage();

        Assert.Equal(Samples.CancelSessionRequestEs9, Convert.ToHexString(asked.Encode()));
        Assert.Equal(request, Write(CancelSessionRequestJson.From(asked), Json.CancelSessionRequestJson));
        Assert.Equal($$"""{"header":{{Success}}}""", Write(new CancelSessionResponseJson(FunctionResponseHeader.Success), Json.CancelSessionResponseJson));
    }

    [Fact]
    public void Failure_is_only_a_header_and_carries_its_code()
    {
        const string text = """{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6","reasonCode":"3.8","subjectIdentifier":"MATCH-1","message":"refused"}}}}""";
        var written = new AuthenticateClientResponseJson(FunctionResponseHeader.Failure(StatusCodes.MatchingIdRefused, "MATCH-1", "refused"));

        var read = Read(text, Json.AuthenticateClientResponseJson);

        Assert.Equal(text, Write(written, Json.AuthenticateClientResponseJson));
        Assert.False(read.IsSuccess());
        Assert.Equal(StatusCodes.MatchingIdRefused, read.FailureCode());
        Assert.Throws<ProtocolException>(read.ToOk);
        Assert.Equal(AuthenticateClientError.MatchingIdRefused, Es9PlusErrors.AuthenticateClientError(read.FailureCode()!.Value));
    }

    [Theory]
    [InlineData("Executed-Success", true)]
    [InlineData("Executed-WithWarning", true)]
    [InlineData("Failed", false)]
    [InlineData("Expired", false)]
    public void Status_tells_whether_the_function_was_executed(string status, bool success)
    {
        var response = Read($$$"""{"header":{"functionExecutionStatus":{"status":"{{{status}}}"} } }""", Json.CancelSessionResponseJson);

        Assert.Equal(success, response.IsSuccess());
        Assert.Null(response.FailureCode());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"header":null}""")]
    [InlineData("""{"header":{}}""")]
    [InlineData("""{"header":{"functionExecutionStatus":{}}}""")]
    [InlineData("""{"header":{"functionExecutionStatus":{"status":"Done"}}}""")]
    public void Response_without_a_known_status_is_refused(string text) =>
        Assert.Throws<ProtocolException>(() => Read(text, Json.CancelSessionResponseJson).IsSuccess());

    [Fact]
    public void Transaction_id_is_read_in_either_case_and_written_in_upper_case()
    {
        var request = Read($$"""{"transactionId":"0a0B","prepareDownloadResponse":"{{B64(Samples.PrepareDownloadResponse)}}"}""", Json.GetBoundProfilePackageRequestJson);

        Assert.Equal("0A0B", request.ToMessage().TransactionId.ToString());
        Assert.Equal(request.ToMessage().TransactionId, (request with { TransactionId = "0A0b" }).ToMessage().TransactionId);
        Assert.Equal("0A0B", GetBoundProfilePackageRequestJson.From(request.ToMessage()).TransactionId);
    }

    [Theory]
    [InlineData("\"0G\"")]
    [InlineData("\"0\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"0102030405060708090A0B0C0D0E0F1011\"")]
    [InlineData("7")]
    public void Transaction_id_that_is_not_hex_of_1_to_16_bytes_is_refused(string value) =>
        Assert.Throws<ProtocolException>(() => Read(
            $$"""{"transactionId":{{value}},"prepareDownloadResponse":"{{B64(Samples.PrepareDownloadResponse)}}"}""",
            Json.GetBoundProfilePackageRequestJson).ToMessage());

    [Theory]
    [InlineData("\"*\"")]
    [InlineData("\"vyE\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"vyEA\"")]
    [InlineData("\"vyEBAAA=\"")]
    [InlineData("\"MAA=\"")]
    public void Binary_field_that_is_not_base64_of_its_TLV_is_refused(string value)
    {
        // "vyEA" is BF21 00: the TLV is whole, its content is not, which reading it tells.
        var text = $$"""{"transactionId":"01","prepareDownloadResponse":{{value}}}""";

        Assert.Throws<ProtocolException>(() => Read(text, Json.GetBoundProfilePackageRequestJson).ToMessage().ReadPrepareDownloadResponse());
    }

    [Fact]
    public void Bytes_behind_the_TLV_of_a_binary_field_are_refused()
    {
        var request = new GetBoundProfilePackageRequestJson("01", Bytes(Samples.PrepareDownloadResponse));
        var signature = Bytes(T("5F37", Samples.Signature) + "0500");

        Assert.Equal("01", request.ToMessage().TransactionId.ToString());
        Assert.Throws<ProtocolException>(() => (request with { PrepareDownloadResponse = Bytes(Samples.PrepareDownloadResponse + "0500") }).ToMessage());
        Assert.Throws<ProtocolException>(() => SignatureField.Read(signature));
    }

    [Fact]
    public void Every_truncation_of_a_body_is_refused()
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"euiccChallenge":"{{B64(Fill("E5", 16))}}","euiccInfo1":"{{B64(Samples.EuiccInfo1)}}","smdpAddress":"a"}""");

        for (var length = 0; length < body.Length; length++)
        {
            Assert.Throws<ProtocolException>(() => RspJson.Read(body.AsSpan(0, length), Json.InitiateAuthenticationRequestJson));
        }
    }

    [Fact]
    public void Challenge_of_another_length_and_an_overlong_address_are_refused()
    {
        var request = new InitiateAuthenticationRequestJson(Bytes(Fill("E5", 16)), Bytes(Samples.EuiccInfo1), "a");

        Assert.Equal("a", request.ToMessage().SmdpAddress);
        Assert.Throws<ProtocolException>(() => (request with { EuiccChallenge = Bytes(Fill("E5", 15)) }).ToMessage());
        Assert.Throws<ProtocolException>(() => (request with { SmdpAddress = new string('a', 256) }).ToMessage());
    }

    [Fact]
    public void Every_status_code_of_a_function_has_the_number_of_the_other_binding()
    {
        Assert.Equal(InitiateAuthenticationError.CiPkNotSupported, Es9PlusErrors.InitiateAuthenticationError(new StatusCode("8.8.2", "3.1")));
        Assert.Null(Es9PlusErrors.InitiateAuthenticationError(new StatusCode("1", "1")));
        Assert.Equal(AuthenticateClientError.EumCertificateExpired, Es9PlusErrors.AuthenticateClientError(new StatusCode("8.1.2", "6.3")));
        Assert.Equal(AuthenticateClientError.UndefinedError, Es9PlusErrors.AuthenticateClientError(new StatusCode("8.2", "1.2")));
        Assert.Equal(GetBoundProfilePackageError.ConfirmationCodeRefused, Es9PlusErrors.GetBoundProfilePackageError(new StatusCode("8.2.7", "3.8")));
        Assert.Equal(GetBoundProfilePackageError.UndefinedError, Es9PlusErrors.GetBoundProfilePackageError(new StatusCode("1", "1")));
        Assert.Equal(CancelSessionError.EuiccSignatureInvalid, Es9PlusErrors.CancelSessionError(new StatusCode("8.1", "6.1")));
        Assert.Equal(CancelSessionError.UndefinedError, Es9PlusErrors.CancelSessionError(new StatusCode("8.8", "3.10")));
    }

    private static T Read<T>(string text, JsonTypeInfo<T> type) where T : class => RspJson.Read(Encoding.UTF8.GetBytes(text), type);

    private static string Write<T>(T value, JsonTypeInfo<T> type) where T : class => Encoding.UTF8.GetString(RspJson.Write(value, type));

    private static string B64(string hex) => Convert.ToBase64String(Bytes(hex));
}
