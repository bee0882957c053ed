using System.Text.Json.Serialization;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>The JSON bodies of ESipa; read and written with <see cref="RspJson"/>.</summary>
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
[JsonSerializable(typeof(GetEimPackageRequestJson))]
[JsonSerializable(typeof(GetEimPackageResponseJson))]
[JsonSerializable(typeof(ProvideEimPackageResultRequestJson))]
[JsonSerializable(typeof(ProvideEimPackageResultResponseJson))]
public sealed partial class EsipaJsonContext : JsonSerializerContext;
