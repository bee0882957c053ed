using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Fuzzing.Targets.Decoders;

/// <summary>The JSON bodies of ES9+ and ES2+, read and turned into their messages.</summary>
internal static class JsonTargets
{
    private static readonly Es9PlusJsonContext Es9 = Es9PlusJsonContext.Default;
    private static readonly Es2PlusJsonContext Es2 = Es2PlusJsonContext.Default;

    public static IEnumerable<FuzzTarget> All() =>
    [
        Of(Es9.InitiateAuthenticationRequestJson, json => InitiateAuthenticationRequestJson.From(json.ToMessage())),
        Of(Es9.InitiateAuthenticationResponseJson, json => InitiateAuthenticationResponseJson.From(json.ToOk())),
        Of(Es9.AuthenticateClientRequestJson, json => AuthenticateClientRequestJson.From(json.ToMessage())),
        Of(Es9.AuthenticateClientResponseJson, json => AuthenticateClientResponseJson.From(json.ToOk())),
        Of(Es9.GetBoundProfilePackageRequestJson, json => GetBoundProfilePackageRequestJson.From(json.ToMessage())),
        Of(Es9.GetBoundProfilePackageResponseJson, json => GetBoundProfilePackageResponseJson.From(json.ToOk())),
        Of(Es9.HandleNotificationRequestJson, json => HandleNotificationRequestJson.From(json.ToMessage())),
        Of(Es9.CancelSessionRequestJson, json => CancelSessionRequestJson.From(json.ToMessage())),
        Of(Es9.CancelSessionResponseJson, Header),
        Of(Es2.DownloadOrderRequestJson, json => DownloadOrderRequestJson.From(json.ToRequest())),
        Of(Es2.DownloadOrderResponseJson, json => DownloadOrderResponseJson.From(json.ToIccid())),
        Of(Es2.ConfirmOrderRequestJson, json => ConfirmOrderRequestJson.From(json.ToRequest())),
        Of(Es2.ConfirmOrderResponseJson, json => ConfirmOrderResponseJson.From(json.ToOk())),
        Of(Es2.CancelOrderRequestJson, json => CancelOrderRequestJson.From(json.ToRequest())),
        Of(Es2.ReleaseProfileRequestJson, json => ReleaseProfileRequestJson.From(json.ToRequest())),
        Of(Es2.HandleDownloadProgressInfoRequestJson, json => HandleDownloadProgressInfoRequestJson.From(json.ToRequest())),
        Of(Es2.HeaderOnlyResponseJson, Header),
    ];

    private static DecoderTarget<T> Of<T>(JsonTypeInfo<T> type, Func<T, T> throughMessage) where T : class => new(
        typeof(T).Name,
        InputKind.Json,
        $"the JSON body {typeof(T).Name[..^4]}",
        input => throughMessage(RspJson.Read(input, type)),
        json => RspJson.Write(json, type));

    private static T Header<T>(T response) where T : class, IFunctionResponse
    {
        _ = response.IsSuccess();
        _ = response.FailureCode();
        _ = response.FailureMessage();
        return response;
    }
}
