using System.Text;
using System.Text.Json.Nodes;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Sgp32.Json;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>ESipa's JSON binding (SGP.32 6.4): bodies as the standard has them, and the forms that IPAs and eIMs in use send.</summary>
public sealed class EsipaJsonTests
{
    private static readonly TransactionId Id = TransactionId.FromBytes([0xAB, 2, 3]);
    private static readonly byte[] Signature = [.. Enumerable.Range(1, 64).Select(number => (byte)number)];

    public static TheoryData<string, string, string> Requests => new()
    {
        {
            "initiateAuthentication", "BF39308110000102030405060708090A0B0C0D0E0F830B736D64702E6F70656E2E65BF2009820302050AA900AA008203AB0203",
            """{"euiccChallenge":"AAECAwQFBgcICQoLDA0ODw==","euiccInfo1":"vyAJggMCBQqpAKoA","smdpAddress":"smdp.open.e","eimTransactionId":"AB0203"}"""
        },
        {
            "authenticateClient", "BF3B0B8003AB0203BF3803800101",
            """{"transactionId":"AB0203","authenticateServerResponse":"vzgDgAEB"}"""
        },
        {
            "getBoundProfilePackage", "BF3A0B8003AB0203BF2103800101",
            """{"transactionId":"AB0203","prepareDownloadResponse":"vyEDgAEB"}"""
        },
        {
            "cancelSession", "BF410A8003AB0203A103810105",
            """{"transactionId":"AB0203","cancelSessionResponse":"v0EDgQEF"}"""
        },
        {
            "getEimPackage", "BF4F125A1089049032000000000000000000000001",
            """{"eidValue":"89049032000000000000000000000001"}"""
        },
        {
            "getEimPackage", "BF4F1C5A10890490320000000000000000000000018000810101820332F410",
            """{"eidValue":"89049032000000000000000000000001","notifyStateChange":true,"stateChangeCause":1,"rPlmn":"MvQQ"}"""
        },
        {
            "handleNotification", "BF3D1ABF50175A1089049032000000000000000000000001A003020101",
            """{"provideEimPackageResult":"v1AXWhCJBJAyAAAAAAAAAAAAAAABoAMCAQE="}"""
        },
        {
            "provideEimPackageResult", "BF501C5A1089049032000000000000000000000001A0088003AB0203020101",
            """{"eidValue":"89049032000000000000000000000001","eimPackageResult":"oAiAA6sCAwIBAQ=="}"""
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_is_the_same_message_in_both_bindings(string function, string asn1, string json)
    {
        var message = EsipaRequest.Decode(Convert.FromHexString(asn1));

        Assert.Equal(asn1, Convert.ToHexString(message.Encode()));
        Assert.Equal("/gsma/rsp2/esipa/" + function, EsipaJson.PathOf(message));
        Assert.Equal(json, Encoding.UTF8.GetString(EsipaJson.WriteRequest(message)));
        var (request, refusal) = EsipaJson.ReadRequest("/gsma/rsp2/esipa/" + function, Encoding.UTF8.GetBytes(json));
        Assert.Null(refusal);
        Assert.Equal(asn1, Convert.ToHexString(request!.Encode()));
    }

    public static TheoryData<string, string, string> Responses => new()
    {
        { "getEimPackage", "BF4F03020101", Failure("8.1.1", "3.7", """,  "eimPackageError":1""") },
        { "getEimPackage", "BF4F03020102", Failure("8.1.1", "3.9", """,  "eimPackageError":2""") },
        { "getEimPackage", "BF4F03020103", Failure("8.1.1", "2.1", """,  "eimPackageError":3""") },
        { "getEimPackage", "BF4F03020104", Failure("8.1.1", "2.2", """,  "eimPackageError":4""") },
        { "getEimPackage", "BF4F05BF51023000", Success(""","euiccPackageRequest":"v1ECMAA=" """) },
        { "getEimPackage", "BF4F06BF52035C0120", Success(""","ipaEuiccDataRequest":"v1IDXAEg" """) },
        { "getEimPackage", "BF4F03BF5400", Success(""","profileDownloadTriggerRequest":"v1QA" """) },
        { "provideEimPackageResult", "BF5006BF5303800105", Success(""","eimAcknowledgements":"v1MDgAEF" """) },
        { "provideEimPackageResult", "BF50023000", Success("") },
        { "provideEimPackageResult", "BF5003020102", Failure("8.1.1", "3.9", """,  "eimPackageError":2""") },
        { "cancelSession", "BF4102A000", Success("") },
        { "cancelSession", "BF4103810102", Failure("8.1", "6.1", "") },
        { "initiateAuthentication", "BF3903810132", Failure("8.8.1", "3.10", "") },
        { "initiateAuthentication", "BF3903810134", Failure("8.10.1", "3.9", "") },
        {
            "initiateAuthentication", Initiated("0C03616263"),
            Success(""","transactionId":"AB0203","serverSigned1":"MAA=","serverSignature1":"XzcCAQI=","euiccCiPKIdentifierToBeUsed":"BAIDBA==","serverCertificate":"MAOAAQE=","matchingId":"abc" """)
        },
        {
            "initiateAuthentication", Initiated("A205A003800161"),
            Success(""","transactionId":"AB0203","serverSigned1":"MAA=","serverSignature1":"XzcCAQI=","euiccCiPKIdentifierToBeUsed":"BAIDBA==","serverCertificate":"MAOAAQE=","ctxParams1":"oAOAAWE=" """)
        },
        { "authenticateClient", "BF3B03820112", Failure("8.8.5", "4.10", "") },
        {
            "authenticateClient", "BF3B16A0148003AB0203BF2500" + "3000" + "5F37020102" + "3003800101",
            Success(""","transactionId":"AB0203","profileMetadata":"vyUA","smdpSigned2":"MAA=","smdpSignature2":"XzcCAQI=","smdpCertificate":"MAOAAQE=" """)
        },
        { "getBoundProfilePackage", "BF3A0381015F", Failure("8.10.1", "3.9", "") },
        { "getBoundProfilePackage", "BF3A0AA0088003AB0203BF3600", Success(""","transactionId":"AB0203","boundProfilePackage":"vzYA" """) },
    };

    [Theory]
    [MemberData(nameof(Responses))]
    public void Response_is_the_same_message_in_both_bindings(string function, string asn1, string json)
    {
        var path = "/gsma/rsp2/esipa/" + function;
        var message = EsipaResponse.Decode(Convert.FromHexString(asn1));

        Assert.Equal(asn1, Convert.ToHexString(message.Encode()));
        Assert.Equal(JsonNode.Parse(json)!.ToJsonString(), JsonNode.Parse(EsipaJson.WriteResponse(path, message))!.ToJsonString());
        var request = EsipaRequest.Decode(RequestOf(function));
        Assert.Equal(asn1, Convert.ToHexString(EsipaJson.ReadResponse(request, Encoding.UTF8.GetBytes(json)).Encode()));
    }

    [Theory]
    [InlineData("""{}""", GetEimPackageError.MissingEid)]
    [InlineData("""{"eidValue":null}""", GetEimPackageError.MissingEid)]
    [InlineData("""{"eidValue":""}""", GetEimPackageError.InvalidEid)]
    [InlineData("""{"eidValue":"8904903200000000000000000000000"}""", GetEimPackageError.InvalidEid)]
    [InlineData("""{"eidValue":"8904903200000000000000000000000A"}""", GetEimPackageError.InvalidEid)]
    public void Missing_and_invalid_EID_of_a_poll_have_answers(string body, GetEimPackageError expected)
    {
        var (request, refusal) = EsipaJson.ReadRequest("/gsma/rsp2/esipa/getEimPackage", Encoding.UTF8.GetBytes(body));

        Assert.Null(request);
        Assert.Equal(expected, Assert.IsType<GetEimPackageResponse>(refusal).Error);
    }

    [Fact]
    public void Result_without_an_EID_is_read_and_one_with_an_invalid_EID_has_an_answer()
    {
        const string Path = "/gsma/rsp2/esipa/provideEimPackageResult";

        var (request, _) = EsipaJson.ReadRequest(Path, """{"eimPackageResult":"oAMCAQE="}"""u8);
        Assert.Null(Assert.IsType<ProvideEimPackageResult>(request).Eid);
        var (none, refusal) = EsipaJson.ReadRequest(Path, """{"eidValue":"1","eimPackageResult":"oAMCAQE="}"""u8);
        Assert.Null(none);
        Assert.Equal(ProvideEimPackageResultError.InvalidEid, Assert.IsType<ProvideEimPackageResultResponse>(refusal).Error);
    }

    [Theory]
    [InlineData("""{"eidValue":"89049032000000000000000000000001","eimPackageResult":"v1AFoAMCAQE="}""")]
    [InlineData("""{"eidValue":"89049032000000000000000000000001","provideEimPackageResult":"v1AFoAMCAQE="}""")]
    [InlineData("""{"provideEimPackageResult":"v1AXWhCJBJAyAAAAAAAAAAAAAAABoAMCAQE="}""")]
    public void Whole_BF50_in_the_place_of_the_result_is_read(string body)
    {
        var (request, _) = EsipaJson.ReadRequest("/gsma/rsp2/esipa/provideEimPackageResult", Encoding.UTF8.GetBytes(body));

        Assert.Equal("BF50175A1089049032000000000000000000000001A003020101", Convert.ToHexString(request!.Encode()));
    }

    [Fact]
    public void Notification_alone_is_the_same_message_in_both_bindings()
    {
        var data = NotificationMetadataBytes();
        var notification = OtherSignedNotification.Create(data, Signature, new byte[] { 0x30, 0 }, new byte[] { 0x30, 0 });
        var message = new HandleNotification(notification);

        var body = EsipaJson.WriteRequest(message);
        var (request, _) = EsipaJson.ReadRequest("/gsma/rsp2/esipa/handleNotification", body);

        Assert.Equal(["pendingNotification"], JsonNode.Parse(body)!.AsObject().Select(field => field.Key));
        Assert.Equal(Convert.ToHexString(message.Encode()), Convert.ToHexString(request!.Encode()));
    }

    [Fact]
    public void Raw_signature_key_identifier_and_hash_are_read_as_some_eIMs_send_them()
    {
        var initiate = EsipaRequest.Decode(RequestOf("initiateAuthentication"));
        var client = EsipaRequest.Decode(RequestOf("authenticateClient"));
        var signature = Convert.ToBase64String(Signature);
        var hash = Convert.ToBase64String(new byte[32]);
        const string Header = """{"functionExecutionStatus":{"status":"Executed-Success"}}""";

        var initiated = (InitiateAuthenticationResponseEsipa.Ok)EsipaJson.ReadResponse(initiate, Encoding.UTF8.GetBytes(
            $$"""{"header":{{Header}},"serverSigned1":"MAA=","serverSignature1":"{{signature}}","euiccCiPKIdentifierToBeUsed":"AwQ=","serverCertificate":"MAA="}"""));
        var authenticated = (AuthenticateClientResponseEsipa.Ok)EsipaJson.ReadResponse(client, Encoding.UTF8.GetBytes(
            $$"""{"header":{{Header}},"smdpSigned2":"MAA=","smdpSignature2":"{{signature}}","smdpCertificate":"MAA=","hashCc":"{{hash}}"}"""));

        Assert.Equal(Signature, initiated.ServerSignature1.ToArray());
        Assert.Equal(new byte[] { 3, 4 }, initiated.CiKeyId.ToArray());
        Assert.Null(initiated.TransactionId);
        Assert.Null(initiated.CtxParams1);
        Assert.Equal(Signature, authenticated.SmdpSignature2.ToArray());
        Assert.Equal(new byte[32], authenticated.HashCc!.Value.ToArray());
        Assert.Null(authenticated.ProfileMetadata);
    }

    [Theory]
    [InlineData("initiateAuthentication", """{"euiccChallenge":"AAA="}""")]
    [InlineData("initiateAuthentication", """{"euiccChallenge":"AAECAwQFBgcICQoLDA0ODw==","eimTransactionId":"zz"}""")]
    [InlineData("authenticateClient", """{"transactionId":"AB0203"}""")]
    [InlineData("authenticateClient", """{"transactionId":"AB0203","authenticateServerResponse":"vyEDgAEB"}""")]
    [InlineData("getBoundProfilePackage", """{"prepareDownloadResponse":"vyEDgAEB"}""")]
    [InlineData("cancelSession", """{"transactionId":"AB0203","cancelSessionResponse":"v0E="}""")]
    [InlineData("getEimPackage", """{"eidValue":"89049032000000000000000000000001","rPlmn":"AA=="}""")]
    [InlineData("getEimPackage", """{"eidValue":89049032000000000000000000000001}""")]
    [InlineData("getEimPackage", """[]""")]
    [InlineData("getEimPackage", """null""")]
    [InlineData("provideEimPackageResult", """{"eidValue":"89049032000000000000000000000001"}""")]
    [InlineData("provideEimPackageResult", """{"eimPackageResult":"%%%"}""")]
    [InlineData("handleNotification", """{"pendingNotification":"MAA="}""")]
    [InlineData("handleNotification", """{}""")]
    public void Malformed_body_is_a_ProtocolException(string function, string body) =>
        Assert.Throws<ProtocolException>(() => EsipaJson.ReadRequest("/gsma/rsp2/esipa/" + function, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Every_error_has_a_code_of_its_own_and_comes_back_as_itself()
    {
        Assert.All(Enum.GetValues<InitiateAuthenticationErrorEsipa>(), error => Assert.Equal(error, EsipaErrors.InitiateAuthentication(EsipaErrors.CodeOf(error))));
        Assert.All(Enum.GetValues<AuthenticateClientErrorEsipa>(), error => Assert.Equal(error, EsipaErrors.AuthenticateClient(EsipaErrors.CodeOf(error))));
        Assert.All(Enum.GetValues<GetBoundProfilePackageErrorEsipa>(), error => Assert.Equal(error, EsipaErrors.GetBoundProfilePackage(EsipaErrors.CodeOf(error))));
        Assert.All(Enum.GetValues<CancelSessionErrorEsipa>(), error => Assert.Equal(error, EsipaErrors.CancelSession(EsipaErrors.CodeOf(error))));
        Assert.All(Enum.GetValues<GetEimPackageError>(), error => Assert.Equal(error, EsipaErrors.GetEimPackage(EsipaErrors.CodeOf(error))));
        Assert.Equal(InitiateAuthenticationErrorEsipa.UndefinedError, EsipaErrors.InitiateAuthentication(new StatusCode("9.9", "9.9")));
        Assert.Equal(CancelSessionErrorEsipa.UndefinedError, EsipaErrors.CancelSession(null));
    }

    private static byte[] NotificationMetadataBytes() =>
        new NotificationMetadata(5, NotificationEvents.Enable, "smdp.example.com", Iccid.Parse("8949000000000000009")).Encode();

    private static byte[] RequestOf(string function) => Convert.FromHexString(Requests.First(row => row.Data.Item1 == function).Data.Item2);

    private static string Success(string fields) =>
        """{"header":{"functionExecutionStatus":{"status":"Executed-Success"}}""" + fields + "}";

    private static string Failure(string subject, string reason, string fields) =>
        """{"header":{"functionExecutionStatus":{"status":"Executed-Failed","statusCodeData":{"subjectCode":" """.TrimEnd()
        + subject + "\",\"reasonCode\":\"" + reason + "\"}}}" + fields + "}";

    /// <summary>BF39 with all that the SM-DP+ signs, and a field of the eIM's behind it.</summary>
    private static string Initiated(string last)
    {
        var fields = "8003AB0203" + "3000" + "5F37020102" + "04020304" + "3003800101" + last;
        var arm = $"A0{fields.Length / 2:X2}" + fields;
        return $"BF39{arm.Length / 2:X2}" + arm;
    }
}
