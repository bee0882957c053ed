using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>ESipa's JSON binding (SGP.32 6.1.2, 6.4): one path for each function, and the bodies of requests and answers.</summary>
public static class EsipaJson
{
    /// <summary>What stands in front of a function's name in its path.</summary>
    public const string PathPrefix = "/gsma/rsp2/esipa/";

    /// <summary>The media type of requests and answers.</summary>
    public const string MediaType = "application/json";

    private static readonly EsipaJsonContext Json = EsipaJsonContext.Default;

    private static readonly Function[] Functions =
    [
        new Function<InitiateAuthenticationRequestEsipa, InitiateAuthenticationRequestJson, InitiateAuthenticationResponseEsipa, InitiateAuthenticationResponseJson>(
            "initiateAuthentication", Json.InitiateAuthenticationRequestJson, Json.InitiateAuthenticationResponseJson,
            InitiateAuthenticationRequestJson.From, body => (body.ToMessage(), null), InitiateAuthenticationResponseJson.From, body => body.ToMessage()),
        new Function<AuthenticateClientRequestEsipa, AuthenticateClientRequestJson, AuthenticateClientResponseEsipa, AuthenticateClientResponseJson>(
            "authenticateClient", Json.AuthenticateClientRequestJson, Json.AuthenticateClientResponseJson,
            AuthenticateClientRequestJson.From, body => (body.ToMessage(), null), AuthenticateClientResponseJson.From, body => body.ToMessage()),
        new Function<GetBoundProfilePackageRequestEsipa, GetBoundProfilePackageRequestJson, GetBoundProfilePackageResponseEsipa, GetBoundProfilePackageResponseJson>(
            "getBoundProfilePackage", Json.GetBoundProfilePackageRequestJson, Json.GetBoundProfilePackageResponseJson,
            GetBoundProfilePackageRequestJson.From, body => (body.ToMessage(), null), GetBoundProfilePackageResponseJson.From, body => body.ToMessage()),
        new Function<CancelSessionRequestEsipa, CancelSessionRequestJson, CancelSessionResponseEsipa, CancelSessionResponseJson>(
            "cancelSession", Json.CancelSessionRequestJson, Json.CancelSessionResponseJson,
            CancelSessionRequestJson.From, body => (body.ToMessage(), null), CancelSessionResponseJson.From, body => body.ToMessage()),
        new Function<GetEimPackageRequest, GetEimPackageRequestJson, GetEimPackageResponse, GetEimPackageResponseJson>(
            "getEimPackage", Json.GetEimPackageRequestJson, Json.GetEimPackageResponseJson,
            GetEimPackageRequestJson.From, ReadPoll, GetEimPackageResponseJson.From, body => body.ToMessage()),
        new Function<ProvideEimPackageResult, ProvideEimPackageResultRequestJson, ProvideEimPackageResultResponse, ProvideEimPackageResultResponseJson>(
            "provideEimPackageResult", Json.ProvideEimPackageResultRequestJson, Json.ProvideEimPackageResultResponseJson,
            ProvideEimPackageResultRequestJson.From, ReadResult, ProvideEimPackageResultResponseJson.From, body => body.ToMessage()),

        // It has no answer: 204.
        new Function<HandleNotification, HandleNotificationRequestJson, CancelSessionResponseEsipa, CancelSessionResponseJson>(
            "handleNotification", Json.HandleNotificationRequestJson, Json.CancelSessionResponseJson,
            HandleNotificationRequestJson.From, body => (body.ToMessage(), null), CancelSessionResponseJson.From, body => body.ToMessage()),
    ];

    /// <summary>The path of a request's function.</summary>
    public static string PathOf(IBerMessage request) => PathPrefix + Of(request).Name;

    /// <summary>Whether a path is that of a function.</summary>
    public static bool IsPath(string? path) => path is not null && Find(path) is not null;

    /// <summary>Writes a request's body.</summary>
    public static byte[] WriteRequest(IBerMessage request) => Of(request).WriteRequest(request);

    /// <summary>Reads the body of a request.</summary>
    /// <param name="path">The path that it came to, one of a function's.</param>
    /// <param name="body">UTF-8.</param>
    /// <returns>The request; or, where only its EID is missing or invalid, the answer to it.</returns>
    /// <exception cref="ProtocolException">The body is malformed.</exception>
    public static (IBerMessage? Request, IBerMessage? Refusal) ReadRequest(string path, ReadOnlySpan<byte> body) =>
        (Find(path) ?? throw new ArgumentOutOfRangeException(nameof(path))).ReadRequest(body);

    /// <summary>Writes the body of an answer.</summary>
    /// <param name="path">The path of the request.</param>
    /// <param name="response">The function's answer.</param>
    public static byte[] WriteResponse(string path, IBerMessage response) =>
        (Find(path) ?? throw new ArgumentOutOfRangeException(nameof(path))).WriteResponse(response);

    /// <summary>Reads the body of an answer.</summary>
    /// <param name="request">What it answers.</param>
    /// <param name="body">UTF-8.</param>
    /// <exception cref="ProtocolException">The body is malformed.</exception>
    public static IBerMessage ReadResponse(IBerMessage request, ReadOnlySpan<byte> body) => Of(request).ReadResponse(body);

    private static (GetEimPackageRequest?, IBerMessage?) ReadPoll(GetEimPackageRequestJson body) =>
        body.TryRead(out var request) is { } error ? (null, new GetEimPackageResponse(null, error)) : (request, null);

    private static (ProvideEimPackageResult?, IBerMessage?) ReadResult(ProvideEimPackageResultRequestJson body) =>
        body.TryRead(out var request) is { } error ? (null, new ProvideEimPackageResultResponse(null, error)) : (request, null);

    private static Function? Find(string path) => path.StartsWith(PathPrefix, StringComparison.Ordinal)
        ? Array.Find(Functions, function => path.AsSpan(PathPrefix.Length).SequenceEqual(function.Name))
        : null;

    private static Function Of(IBerMessage request) => Array.Find(Functions, function => function.IsOf(request))
        ?? throw new ArgumentOutOfRangeException(nameof(request), "it is no request of ESipa's JSON binding");

    private abstract record Function(string Name)
    {
        public abstract bool IsOf(IBerMessage request);

        public abstract byte[] WriteRequest(IBerMessage request);

        public abstract (IBerMessage? Request, IBerMessage? Refusal) ReadRequest(ReadOnlySpan<byte> body);

        public abstract byte[] WriteResponse(IBerMessage response);

        public abstract IBerMessage ReadResponse(ReadOnlySpan<byte> body);
    }

    private sealed record Function<TRequest, TRequestJson, TResponse, TResponseJson>(
        string Name,
        JsonTypeInfo<TRequestJson> RequestType,
        JsonTypeInfo<TResponseJson> ResponseType,
        Func<TRequest, TRequestJson> FromRequest,
        Func<TRequestJson, (TRequest? Request, IBerMessage? Refusal)> ToRequest,
        Func<TResponse, TResponseJson> FromResponse,
        Func<TResponseJson, TResponse> ToResponse) : Function(Name)
        where TRequest : class, IBerMessage
        where TRequestJson : class
        where TResponse : class, IBerMessage
        where TResponseJson : class
    {
        public override bool IsOf(IBerMessage request) => request is TRequest;

        public override byte[] WriteRequest(IBerMessage request) => RspJson.Write(FromRequest((TRequest)request), RequestType);

        public override (IBerMessage? Request, IBerMessage? Refusal) ReadRequest(ReadOnlySpan<byte> body) => ToRequest(RspJson.Read(body, RequestType));

        public override byte[] WriteResponse(IBerMessage response) => RspJson.Write(FromResponse((TResponse)response), ResponseType);

        public override IBerMessage ReadResponse(ReadOnlySpan<byte> body) => ToResponse(RspJson.Read(body, ResponseType));
    }
}
