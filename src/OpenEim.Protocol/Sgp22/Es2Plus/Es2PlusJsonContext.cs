using System.Text.Json.Serialization;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>The JSON bodies of ES2+; read and written with <see cref="RspJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8)]
[JsonSerializable(typeof(DownloadOrderRequestJson))]
[JsonSerializable(typeof(DownloadOrderResponseJson))]
[JsonSerializable(typeof(ConfirmOrderRequestJson))]
[JsonSerializable(typeof(ConfirmOrderResponseJson))]
[JsonSerializable(typeof(CancelOrderRequestJson))]
[JsonSerializable(typeof(ReleaseProfileRequestJson))]
[JsonSerializable(typeof(HandleDownloadProgressInfoRequestJson))]
[JsonSerializable(typeof(HeaderOnlyResponseJson))]
public sealed partial class Es2PlusJsonContext : JsonSerializerContext;
