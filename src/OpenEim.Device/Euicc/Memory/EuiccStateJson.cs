using System.Text.Json.Serialization;

namespace OpenEim.Device.Euicc.Memory;

/// <summary>How a card's memory is written to a file.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(EuiccState))]
internal sealed partial class EuiccStateJson : JsonSerializerContext;
