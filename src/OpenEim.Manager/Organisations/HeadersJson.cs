using System.Text.Json.Serialization;

namespace OpenEim.Manager.Organisations;

/// <summary>How an answer's headers are kept.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class HeadersJson : JsonSerializerContext;
