using System.Net;
using System.Net.Http.Headers;
using System.Text;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Tests.Smdp;

/// <summary>What a function of ES9+ failed with: a status code in JSON, a number in ASN.1.</summary>
internal sealed class Es9PlusFailure(string code) : Exception(code)
{
    public string Code => Message;
}

/// <summary>ES9+ as a device speaks it, in one of the two bindings.</summary>
internal sealed class Es9PlusClient(HttpClient http, Uri url, bool asn1 = false)
{
    private static readonly Es9PlusJsonContext Json = Es9PlusJsonContext.Default;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async Task<InitiateAuthenticationOk> InitiateAsync(InitiateAuthenticationRequest request)
    {
        if (asn1)
        {
            var answer = await Asn1Async<InitiateAuthenticationResponse>(request);
            return answer.Ok ?? throw new Es9PlusFailure(answer.Error.ToString()!);
        }

        var body = await JsonAsync(
            Es9PlusPaths.InitiateAuthentication, RspJson.Write(InitiateAuthenticationRequestJson.From(request), Json.InitiateAuthenticationRequestJson));
        return Checked(RspJson.Read(body, Json.InitiateAuthenticationResponseJson)).ToOk();
    }

    public async Task<AuthenticateClientOk> AuthenticateAsync(AuthenticateClientRequest request)
    {
        if (asn1)
        {
            var answer = await Asn1Async<AuthenticateClientResponseEs9>(request);
            return answer.Ok ?? throw new Es9PlusFailure(answer.Error.ToString()!);
        }

        var body = await JsonAsync(Es9PlusPaths.AuthenticateClient, RspJson.Write(AuthenticateClientRequestJson.From(request), Json.AuthenticateClientRequestJson));
        return Checked(RspJson.Read(body, Json.AuthenticateClientResponseJson)).ToOk();
    }

    public async Task<GetBoundProfilePackageOk> GetPackageAsync(GetBoundProfilePackageRequest request)
    {
        if (asn1)
        {
            var answer = await Asn1Async<GetBoundProfilePackageResponse>(request);
            return answer.Ok ?? throw new Es9PlusFailure(answer.Error.ToString()!);
        }

        var body = await JsonAsync(
            Es9PlusPaths.GetBoundProfilePackage, RspJson.Write(GetBoundProfilePackageRequestJson.From(request), Json.GetBoundProfilePackageRequestJson));
        return Checked(RspJson.Read(body, Json.GetBoundProfilePackageResponseJson)).ToOk();
    }

    public async Task CancelAsync(CancelSessionRequestEs9 request)
    {
        if (asn1)
        {
            var answer = await Asn1Async<CancelSessionResponseEs9>(request);
            if (answer.Error is { } error)
            {
                throw new Es9PlusFailure(error.ToString());
            }

            return;
        }

        var body = await JsonAsync(Es9PlusPaths.CancelSession, RspJson.Write(CancelSessionRequestJson.From(request), Json.CancelSessionRequestJson));
        Checked(RspJson.Read(body, Json.CancelSessionResponseJson));
    }

    public async Task NotifyAsync(PendingNotification notification)
    {
        using var response = asn1
            ? await PostAsync(Es9PlusPaths.Asn1, "application/x-gsma-rsp-asn1", new RemoteProfileProvisioningRequest(new HandleNotificationEs9(notification)).Encode())
            : await PostAsync(
                Es9PlusPaths.HandleNotification,
                "application/json",
                RspJson.Write(HandleNotificationRequestJson.From(notification), Json.HandleNotificationRequestJson));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Ct));
    }

    /// <summary>Any request, for tests of what is not a function.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string mediaType, byte[] body, string protocol = "gsma/rsp/v2.5.0")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        request.Headers.Add("X-Admin-Protocol", protocol);

        // A body that is refused for its length is not sent: the reset of a connection in the middle of it can beat the answer.
        request.Headers.ExpectContinue = body.Length > 64 * 1024;
        return await http.SendAsync(request, Ct);
    }

    private async Task<T> Asn1Async<T>(IBerMessage function) where T : IBerMessage
    {
        using var response = await PostAsync(Es9PlusPaths.Asn1, "application/x-gsma-rsp-asn1", new RemoteProfileProvisioningRequest(function).Encode());
        var body = await response.Content.ReadAsByteArrayAsync(Ct);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(body));
        return Assert.IsType<T>(BerMessage.Decode<RemoteProfileProvisioningResponse>(body).Function);
    }

    private async Task<byte[]> JsonAsync(string path, byte[] body)
    {
        using var response = await PostAsync(path, "application/json", body);
        var answer = await response.Content.ReadAsByteArrayAsync(Ct);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(answer));
        Assert.Equal("gsma/rsp/v2.5.0", response.Headers.GetValues("X-Admin-Protocol").Single());
        return answer;
    }

    private static T Checked<T>(T response) where T : IFunctionResponse =>
        response.IsSuccess() ? response : throw new Es9PlusFailure(response.FailureCode().ToString()!);
}
