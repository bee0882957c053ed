using System.Text;
using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using static OpenEim.Protocol.Tests.Sgp22.Recorded.RecordedDownload;

namespace OpenEim.Protocol.Tests.Sgp22.Recorded;

/// <summary>Every message of the recorded download, and every structure inside, read and written again byte for byte.</summary>
public sealed class RecordedMessageTests
{
    private static readonly Es9PlusJsonContext Types = Es9PlusJsonContext.Default;

    /// <summary>The functions of ES9+, as the message that a JSON body stands for and the body written from it again.</summary>
    private static readonly Dictionary<string, Func<byte[], (IBerMessage Message, byte[] Body)>> Bodies = new()
    {
        ["es9plus.initiateAuthentication.request"] =
            Body(Types.InitiateAuthenticationRequestJson, json => json.ToMessage(), InitiateAuthenticationRequestJson.From, Request),
        ["es9plus.initiateAuthentication.response"] =
            Body(Types.InitiateAuthenticationResponseJson, json => json.ToOk(), InitiateAuthenticationResponseJson.From, ok => Response(new InitiateAuthenticationResponse(ok))),
        ["es9plus.authenticateClient.request"] =
            Body(Types.AuthenticateClientRequestJson, json => json.ToMessage(), AuthenticateClientRequestJson.From, Request),
        ["es9plus.authenticateClient.response"] =
            Body(Types.AuthenticateClientResponseJson, json => json.ToOk(), AuthenticateClientResponseJson.From, ok => Response(new AuthenticateClientResponseEs9(ok))),
        ["es9plus.getBoundProfilePackage.request"] =
            Body(Types.GetBoundProfilePackageRequestJson, json => json.ToMessage(), GetBoundProfilePackageRequestJson.From, Request),
        ["es9plus.getBoundProfilePackage.response"] =
            Body(Types.GetBoundProfilePackageResponseJson, json => json.ToOk(), GetBoundProfilePackageResponseJson.From, ok => Response(new GetBoundProfilePackageResponse(ok))),
        ["es9plus.handleNotification.request"] =
            Body(Types.HandleNotificationRequestJson, json => json.ToMessage(), HandleNotificationRequestJson.From, message => Request(new HandleNotificationEs9(message))),
    };

    private static readonly Dictionary<string, Func<byte[], byte[]>> Messages = new()
    {
        ["configureIsdp"] = Again<ConfigureIsdpRequest>,
        ["metadata"] = Again<StoreMetadataRequest>,
        ["replaceSessionKeys"] = Again<ReplaceSessionKeysRequest>,
        ["es10b.getEuiccChallenge.request"] = Again<EmptyRequest>,
        ["es10b.getEuiccChallenge.response"] = Again<GetEuiccChallengeResponse>,
        ["es10b.getEuiccInfo1.request"] = Again<EmptyRequest>,
        ["es10b.getEuiccInfo1.response"] = Again<EuiccInfo1>,
        ["es10b.authenticateServer.request"] = Again<AuthenticateServerRequest>,
        ["es10b.authenticateServer.response"] = Again<AuthenticateServerResponse>,
        ["es10b.prepareDownload.request"] = Again<PrepareDownloadRequest>,
        ["es10b.prepareDownload.response"] = Again<PrepareDownloadResponse>,
        ["es9plus.initiateAuthentication.request.asn1"] = Again<RemoteProfileProvisioningRequest>,
        ["es9plus.initiateAuthentication.response.asn1"] = Again<RemoteProfileProvisioningResponse>,
        ["es9plus.authenticateClient.request.asn1"] = Again<RemoteProfileProvisioningRequest>,
        ["es9plus.authenticateClient.response.asn1"] = Again<RemoteProfileProvisioningResponse>,
        ["es9plus.getBoundProfilePackage.request.asn1"] = Again<RemoteProfileProvisioningRequest>,
        ["es9plus.getBoundProfilePackage.response.asn1"] = Again<RemoteProfileProvisioningResponse>,
        ["es9plus.handleNotification.request.asn1"] = Again<RemoteProfileProvisioningRequest>,
    };

    public static TheoryData<string> MessageNames => [.. Messages.Keys];

    public static TheoryData<string> BodyNames => [.. Bodies.Keys];

    [Theory]
    [MemberData(nameof(MessageNames))]
    public void Message_is_read_and_written_again_byte_for_byte(string name) =>
        Assert.Equal(Hex(name), Convert.ToHexString(Messages[name](Bytes(name))));

    [Theory]
    [MemberData(nameof(BodyNames))]
    public void Body_in_JSON_is_written_again_byte_for_byte_and_says_the_same_as_the_ASN1_binding(string name)
    {
        var (message, body) = Bodies[name](Bytes(name + ".json"));

        Assert.Equal(Text(name + ".json"), Encoding.UTF8.GetString(body));
        Assert.Equal(Hex(name + ".asn1"), Convert.ToHexString(message.Encode()));
    }

    [Fact]
    public void What_one_side_answers_is_what_the_other_gets()
    {
        var server = Json("es9plus.initiateAuthentication.response.json", Types.InitiateAuthenticationResponseJson).ToOk();
        var client = Json("es9plus.authenticateClient.response.json", Types.AuthenticateClientResponseJson).ToOk();
        var challenge = Message<GetEuiccChallengeResponse>("es10b.getEuiccChallenge.response").Challenge;

        Same("es9plus.initiateAuthentication.request.asn1", Request(
            new InitiateAuthenticationRequest(challenge, Text("smdpAddress"), Bytes("es10b.getEuiccInfo1.response"))));
        Same("es10b.authenticateServer.request", new AuthenticateServerRequest(
            server.ServerSigned1, server.ServerSignature1, server.CiKeyId, server.ServerCertificate, AuthenticateServer.CtxParams1));
        Same("es9plus.authenticateClient.request.asn1", Request(
            new AuthenticateClientRequest(Transaction, Bytes("es10b.authenticateServer.response"))));
        Assert.Equal(Hex("metadata"), Convert.ToHexString(client.ProfileMetadata.Span));
        Same("es10b.prepareDownload.request", new PrepareDownloadRequest(
            client.SmdpSigned2, client.SmdpSignature2, PrepareDownload.HashCc, client.SmdpCertificate));
        Same("es9plus.getBoundProfilePackage.request.asn1", Request(
            new GetBoundProfilePackageRequest(Transaction, Bytes("es10b.prepareDownload.response"))));
        Same("es9plus.handleNotification.request.asn1", Request(new HandleNotificationEs9(Installed)));
    }

    [Fact]
    public void Structures_inside_the_messages_are_written_again_byte_for_byte()
    {
        var package = BerMessage.Decode<BoundProfilePackage>(Package);

        Same<ServerSigned1>(AuthenticateServer.SignedData);
        Same<CtxParams1>(AuthenticateServer.CtxParams1);
        Same<EuiccSigned1>(Authenticated.SignedData);
        Same<EuiccInfo2>(Authenticated.ReadSigned().EuiccInfo2);
        Same<SmdpSigned2>(PrepareDownload.SignedData);
        Same<EuiccSigned2>(Prepared.SignedData);
        Same<BoundProfilePackage>(Package);
        Same<InitialiseSecureChannelRequest>(package.InitialiseSecureChannel);
    }

    [Fact]
    public void No_message_of_the_recording_is_left_out()
    {
        var messages = Names.Where(name => name.StartsWith("es9plus.", StringComparison.Ordinal)
            || (name.StartsWith("es10b.", StringComparison.Ordinal) && !IsSegment(name)));

        Assert.Equal(messages.Order(), Messages.Keys.Where(name => name.StartsWith("es", StringComparison.Ordinal))
            .Concat(Bodies.Keys.Select(name => name + ".json")).Order());
    }

    private static byte[] Again<T>(byte[] recorded) where T : IBerMessage<T> => BerMessage.Decode<T>(recorded).Encode();

    private static Func<byte[], (IBerMessage, byte[])> Body<TJson, T>(
        JsonTypeInfo<TJson> type, Func<TJson, T> read, Func<T, TJson> write, Func<T, IBerMessage> asn1) where TJson : class =>
        recorded =>
        {
            var message = read(RspJson.Read(recorded, type));
            return (asn1(message), RspJson.Write(write(message), type));
        };

    private static RemoteProfileProvisioningRequest Request(IBerMessage function) => new(function);

    private static RemoteProfileProvisioningResponse Response(IBerMessage function) => new(function);

    private static void Same(string name, IBerMessage message) => Assert.Equal(Hex(name), Convert.ToHexString(message.Encode()));

    private static void Same<T>(ReadOnlyMemory<byte> recorded) where T : IBerMessage<T> =>
        Assert.Equal(Convert.ToHexString(recorded.Span), Convert.ToHexString(Again<T>(recorded.ToArray())));
}
