using System.Text.Json.Serialization;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>The JSON bodies of ES9+; read and written with <see cref="RspJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8)]
[JsonSerializable(typeof(InitiateAuthenticationRequestJson))]
[JsonSerializable(typeof(InitiateAuthenticationResponseJson))]
[JsonSerializable(typeof(AuthenticateClientRequestJson))]
[JsonSerializable(typeof(AuthenticateClientResponseJson))]
[JsonSerializable(typeof(GetBoundProfilePackageRequestJson))]
[JsonSerializable(typeof(GetBoundProfilePackageResponseJson))]
[JsonSerializable(typeof(HandleNotificationRequestJson))]
[JsonSerializable(typeof(CancelSessionRequestJson))]
[JsonSerializable(typeof(CancelSessionResponseJson))]
public sealed partial class Es9PlusJsonContext : JsonSerializerContext;
